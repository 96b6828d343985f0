/** Orders carried from SQLite to MongoDB and back, by the command that a user runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { dataFiles } from '../../src/settings/data-dir.ts';
import { contentsOf } from '../../src/move/move-orders.ts';
import { openMongoStore } from '../../src/store/mongo/open-mongo-store.ts';
import type { Store } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import {
  aCancel,
  aCommit,
  aWorkerId,
  advanced,
  created,
  ended,
  parked,
  running,
} from '../contracts/order-store/order-store-samples.ts';
import { filledAccount } from '../contracts/ledger-records-samples.ts';
import { eventually } from '../support/eventually.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../support/mongo/mongo.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const TODAY = { owner: 'local', token: 'WETH', day: '2026-11-22' };

describeOnMongo('moving between stores', () => {
  let dir: TempDir;
  let url: string;
  beforeEach(() => {
    dir = tempDir();
    url = mongoUrl();
  });
  afterEach(async () => {
    await dropDatabase(url);
    dir.remove();
  });

  const sqlite = (folder = dir.path): Promise<Store> => openSqliteStore({ file: dataFiles(folder).orders });

  async function on<T>(opening: Promise<Store>, act: (store: Store) => Promise<T>): Promise<T> {
    const store = await opening;
    try {
      return await act(store);
    } finally {
      await store.close();
    }
  }

  interface Ended {
    readonly code: number | null;
    readonly output: string;
  }

  /** @param killAfterMs null: it may end by itself */
  async function move(
    from: string,
    dataDir = dir.path,
    killAfterMs: number | null = null,
    deadAfterMs = 1_000,
  ): Promise<Ended> {
    const child = spawn(process.execPath, [...MAIN, 'move', '--from', from], {
      env: { ...process.env, DATA_DIR: dataDir, MONGODB_URL: url, DEAD_AFTER_MS: String(deadAfterMs) },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (output += data.toString()));
    if (killAfterMs !== null) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  }

  /** Each way in which an order can lie in a store. */
  async function fill(store: Store): Promise<void> {
    await created(store, { clientOrderId: 'mine' });
    await parked(store);
    await ended(store, (await created(store)).orderId);
    const { orderId } = await running(store, aWorkerId());
    await store.inbox.push(orderId, aCancel());
    await advanced(store, orderId);
    const held = await created(store);
    await store.work.hold(held.orderId, held.version, { code: 'why', message: 'Because' }, 'this one');
    await filledAccount(store.ledger, 7);
    await store.dayTotals.add(TODAY, { id: 'x', amount: 2n ** 70n, most: 2n ** 71n });
    await eventually(
      () => store.records.livingWorkers(1_000),
      (alive) => alive === 0,
    );
  }

  test('there and back, all orders are unchanged, and continue', async () => {
    const before = await on(sqlite(), async (store) => {
      await fill(store);
      return contentsOf(store.records);
    });
    const there = await move('sqlite');
    expect(there).toMatchObject({
      code: 0,
      output: expect.stringContaining('5 orders written, 0 were there already') as unknown,
    });
    expect(await on(openMongoStore({ url }), (store) => contentsOf(store.records))).toEqual(before);
    expect(await move('sqlite')).toMatchObject({
      code: 0,
      output: expect.stringContaining('0 orders written, 5 were there already') as unknown,
    });

    const other = tempDir();
    const back = await move('mongodb', other.path);
    expect(back.code).toBe(0);
    expect(back.output).toMatch(
      /target {2}ledger: 1 signers, 10 nonces, 11 signed transactions {2}[0-9a-f]{64}\n/,
    );
    await on(sqlite(other.path), async (store) => {
      expect(await contentsOf(store.records)).toEqual(before);
      // Though it was carried twice, and once more.
      expect(await store.dayTotals.all()).toEqual([{ ...TODAY, total: 2n ** 70n }]);
      const due = await store.work.due({
        machineVersion: 1,
        release: 'this one',
        deadAfterMs: 1_000,
        overdueByMs: 0,
        limit: 10,
      });
      expect(due).toHaveLength(2);
      for (const { orderId } of due) await advanced(store, orderId);
    });
    other.remove();
  }, 120_000);

  test('a move that was killed is finished by the next one', async () => {
    await on(sqlite(), async (store) => {
      await Promise.all(Array.from({ length: 3_000 }, () => created(store)));
    });
    const killed = await move('sqlite', dir.path, 1_500);
    const arrived = await on(openMongoStore({ url }), (store) => store.records.count());
    const next = await move('sqlite');
    expect(next).toMatchObject({ code: 0, output: expect.stringContaining('Both hold the same') as unknown });
    expect({ killed: killed.code, arrived }).toEqual({
      killed: null,
      arrived: expect.any(Number) as unknown,
    });
    expect(arrived).toBeLessThan(3_000);
  }, 60_000);

  test('an order that differs stops the move, and is not changed', async () => {
    const order = await on(sqlite(), (store) => created(store));
    expect((await move('sqlite')).code).toBe(0);
    await on(openMongoStore({ url }), (store) => store.orders.commit(aCommit(order)));
    const { code, output } = await move('sqlite');
    expect(code).toBe(2);
    expect(output).toContain(`order ${order.orderId} is in the target and differs (version 2, here 1)`);
    expect((await on(openMongoStore({ url }), (store) => store.orders.load(order.orderId)))?.version).toBe(2);
  }, 60_000);

  test('a live worker or a missing option stops it, with advice', async () => {
    await on(openMongoStore({ url }), (store) => store.work.beat(aWorkerId()));
    expect(await move('sqlite', dir.path, null, 60_000)).toMatchObject({
      code: 2,
      output: expect.stringContaining(
        '1 worker is running on the target: stop all processes first',
      ) as unknown,
    });
    expect((await move('elsewhere')).output).toContain('expected move --from sqlite, or move --from mongodb');
  }, 60_000);
});
