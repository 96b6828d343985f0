/** Several api and worker processes on one store. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { dataFiles } from '../../src/settings/data-dir.ts';
import { freePort } from '../../src/stack-process/free-port.ts';
import { cancelOrder, submitOrder } from '../../src/client/orders.ts';
import { openMongoStore } from '../../src/store/mongo/open-mongo-store.ts';
import type { Store } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { OrderFlow } from '../faults/order-flow.ts';
import { RoleProcess } from '../faults/role-process.ts';
import { eventually } from '../support/eventually.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../support/mongo/mongo.ts';
import { MAIN, program } from '../support/programs.ts';
import { mulberry } from '../support/seeded-random.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };
const NEXT_RELEASE = program('test/flows/next-release.ts');
const READY_MS = 30_000;
/** `npm run chaos` and the fault suites take more. */
const ORDERS = 30;
const CAPACITY = 60;
/** The same in each run: when an order is cancelled decides little here. `test/faults` draws anew. */
const random = mulberry(1);

interface Medium {
  /** The URL of the MongoDB database. Empty: SQLite in the data folder. */
  url(): string;
  open(url: string, dataDir: string): Promise<Store>;
  drop(url: string): Promise<void>;
}

describe('separate roles on SQLite', () =>
  roles({
    url: () => '',
    open: (_url, dataDir) => openSqliteStore({ file: dataFiles(dataDir).orders }),
    drop: () => Promise.resolve(),
  }));

describeOnMongo('separate roles on MongoDB', () =>
  roles({ url: mongoUrl, open: (url) => openMongoStore({ url }), drop: dropDatabase }),
);

function roles(medium: Medium): void {
  let dir: TempDir;
  let url: string;
  let processes: RoleProcess[];

  function open(): void {
    dir = tempDir();
    url = medium.url();
    processes = [];
  }
  async function close(): Promise<void> {
    await stopAll();
    await medium.drop(url);
    dir.remove();
  }
  async function stopAll(but: readonly RoleProcess[] = []): Promise<void> {
    await Promise.all(processes.filter((each) => !but.includes(each)).map((each) => each.stop()));
  }

  async function start(
    role: 'api' | 'worker',
    over: Readonly<Record<string, string>> = {},
    main = MAIN,
  ): Promise<RoleProcess> {
    const each = new RoleProcess({
      role,
      port: await freePort(0),
      main,
      env: {
        ...process.env,
        DATA_DIR: dir.path,
        MONGODB_URL: url,
        EXECUTION: 'simulated',
        LOG_LEVEL: 'info',
        SIMULATED_FAILURES: '0',
        ...over,
      },
      logFile: join(dir.path, `${role}-${processes.length}.log`),
    });
    processes.push(each);
    each.start();
    await each.ready(READY_MS);
    return each;
  }

  const backlog = async (at: RoleProcess): Promise<{ openOrders: number; oldestDueMs: number }> => {
    const health = (await (await fetch(`${at.url}/health`)).json()) as {
      parts: { backlog: { openOrders: number; oldestDueMs: number } };
    };
    return health.parts.backlog;
  };

  describe('two apis', () => {
    let api: RoleProcess;
    let other: RoleProcess;
    beforeAll(async () => {
      open();
      [api, other] = await Promise.all([start('api'), start('api')]);
    }, 60_000);
    afterEach(() => stopAll([api, other]));
    afterAll(close);

    test('50 submissions with one key over two apis make one order, and all get the same answer', async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          submitOrder((index % 2 === 0 ? api : other).url, ORDER, { idempotencyKey: 'one-key' }),
        ),
      );
      expect(new Set(answers.map(({ orderId }) => orderId)).size).toBe(1);
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      expect(await backlog(api)).toMatchObject({ openOrders: 1 });
    }, 60_000);

    test('orders of two apis and two workers are watched at both apis without a gap', async () => {
      await start('worker');
      await start('worker');
      const flow = new OrderFlow({
        urls: [api.url, other.url],
        cancelShare: 0.2,
        cancelWithinMs: 200,
        random,
      });
      await flow.post(ORDERS);
      expect(await flow.ended(20_000)).toBe(0);
      flow.watchers.close();
      expect(flow.watchers.faults()).toEqual([]);
    }, 60_000);

    test('a cancellation reaches the order’s worker before its next reconciliation', async () => {
      await start('worker', { SIMULATED_LATENCY_MS: '20000' });
      const { orderId } = await submitOrder(api.url, ORDER);
      const store = await medium.open(url, dir.path);
      await eventually(
        () => store.orders.load(orderId),
        (order) => order?.status === 'routing',
      );
      const askedAt = performance.now();
      await cancelOrder(api.url, orderId);
      await eventually(
        () => store.orders.load(orderId),
        (order) => order?.status === 'cancelled',
      );
      expect(performance.now() - askedAt).toBeLessThan(900);
      await store.close();
    }, 60_000);

    test('a stopped worker releases its orders to the other one at once', async () => {
      const slow = { SIMULATED_LATENCY_MS: '500' };
      const first = await start('worker', slow);
      const flow = new OrderFlow({ urls: [api.url], cancelShare: 0, cancelWithinMs: 0, random });
      await flow.post(ORDERS / 3, 'slow-');
      await start('worker', slow);
      await first.stop();
      expect(await flow.ended(20_000)).toBe(0);
      flow.watchers.close();
      expect(flow.watchers.faults()).toEqual([]);
    }, 60_000);
  });

  describe('processes of other settings and releases', () => {
    beforeEach(open);
    afterEach(close);

    test('orders beyond the workers’ capacity wait, the health shows the backlog, and none is lost', async () => {
      const api = await start('api', { MAX_IN_FLIGHT: String(CAPACITY) });
      const flow = new OrderFlow({ urls: [api.url], cancelShare: 0, cancelWithinMs: 0, random });
      await flow.post(CAPACITY);
      const refused = await fetch(`${api.url}/api/orders/execute`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(ORDER),
      });
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);

      await eventually(
        () => backlog(api),
        ({ openOrders, oldestDueMs }) => openOrders === CAPACITY && oldestDueMs > 300,
      );
      await start('worker', { CONCURRENCY: '4', SIMULATED_LATENCY_MS: '20', SIMULATED_BLOCK_MS: '20' });
      expect(await flow.ended(60_000)).toBe(0);
      flow.watchers.close();
      expect(flow.watchers.faults()).toEqual([]);
      expect(await backlog(api)).toMatchObject({ openOrders: 0, oldestDueMs: 0 });
    }, 90_000);

    test('two releases run side by side while the newer one is rolled out, rolled back and rolled out again', async () => {
      const slow = { SIMULATED_LATENCY_MS: '400', SIMULATED_BLOCK_MS: '100' };
      const oldApi = await start('api');
      const newApi = await start('api', {}, NEXT_RELEASE);
      const oldWorker = await start('worker', slow);
      const newWorker = await start('worker', slow, NEXT_RELEASE);
      const flowAt = (api: RoleProcess): OrderFlow =>
        new OrderFlow({ urls: [api.url], cancelShare: 0, cancelWithinMs: 0, random });
      const [oldOrders, newOrders] = [flowAt(oldApi), flowAt(newApi)];
      await Promise.all([oldOrders.post(ORDERS / 3), newOrders.post(ORDERS / 3, 'new-')]);

      // Rolled out: the newer worker finishes the orders of the older one, on the older machine.
      await oldWorker.stop();
      expect(await oldOrders.ended(30_000)).toBe(0);

      // Rolled back: the older worker does not touch the newer orders, and runs its own.
      await newOrders.post(ORDERS / 6, 'newer-');
      await newWorker.stop();
      const left = newOrders.open;
      expect(left).toBeGreaterThan(0);
      await start('worker', slow);
      await oldOrders.post(ORDERS / 6, 'older-');
      expect(await oldOrders.ended(30_000)).toBe(0);
      expect(newOrders.open).toBe(left);
      expect((await backlog(oldApi)).oldestDueMs).toBeGreaterThan(0);

      await start('worker', slow, NEXT_RELEASE);
      expect(await newOrders.ended(30_000)).toBe(0);

      const store = await medium.open(url, dir.path);
      const machinesOf = async (flow: OrderFlow): Promise<Set<string | undefined>> => {
        const edges = await Promise.all(
          [...flow.acknowledged].map(async (orderId) =>
            (await store.journal.read(orderId, 1, 1_000)).flatMap((entry) => entry.edges),
          ),
        );
        return new Set(edges.flat().map((edge) => /^order@\d+/.exec(edge)?.[0]));
      };
      expect(await machinesOf(oldOrders)).toEqual(new Set(['order@1']));
      expect(await machinesOf(newOrders)).toEqual(new Set(['order@2']));
      await store.close();
      for (const { watchers } of [oldOrders, newOrders]) {
        watchers.close();
        expect(watchers.faults()).toEqual([]);
      }
    }, 180_000);
  });
}
