/** The private chain of a data folder: which processes may use it, and the error for the others. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { dataFiles } from '../../src/settings/data-dir.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { getOrder, submitOrder } from '../../src/client/orders.ts';
import { eventually } from '../support/eventually.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };
const READY_MS = 60_000;

let dir: TempDir;
let started: StackProcess[];

beforeEach(() => {
  dir = tempDir();
  started = [];
});
afterEach(async () => {
  for (const each of started.reverse()) await each.end('SIGTERM');
  dir.remove();
});

function environment(): Record<string, string | undefined> {
  return {
    ...process.env,
    EXECUTION: '',
    RPC_URL: '',
    MONGODB_URL: '',
    DATA_DIR: dir.path,
    LOG_LEVEL: 'warn',
    LOCAL_SIGNERS: '1',
    LOCAL_BLOCK_MS: '200',
  };
}

async function start(command: 'api' | 'worker', env = environment()): Promise<StackProcess> {
  const each = startStack({
    main: MAIN,
    env,
    port: await freePort(0),
    command,
    output: openSync(join(dir.path, `${command}-${started.length}.log`), 'w'),
  });
  started.push(each);
  return each;
}

test('an api and two workers that start at the same time on one data folder share its chain', async () => {
  const [api] = await Promise.all(
    (['api', 'worker', 'worker'] as const).map(async (role) => {
      const each = await start(role);
      await each.ready(READY_MS);
      return each;
    }),
  );
  const url = api?.url ?? '';
  const ids = await Promise.all(
    Array.from({ length: 3 }, async () => (await submitOrder(url, ORDER)).orderId),
  );
  for (const orderId of ids) {
    const order = await eventually(
      () => getOrder(url, orderId),
      ({ status }) => status === 'confirmed',
      30_000,
    );
    expect(BigInt(order.executedBuyAmount ?? 0)).toBeGreaterThan(0n);
  }
}, 120_000);

test('a worker refuses to start when its private chain is not that of its orders, and says what to set', async () => {
  const store = await openSqliteStore({ file: dataFiles(dir.path).orders });
  await store.ledger.accounts.open('31337:chain', `0x${'11'.repeat(32)}`, 0);
  await store.close();
  const { status, stderr } = spawnSync(process.execPath, [...MAIN, 'worker'], {
    env: environment(),
    encoding: 'utf8',
    timeout: READY_MS,
  });
  expect(stderr).toContain('is not the one that its orders were swapped on: name another DATA_DIR');
  expect(status).toBe(2);
}, 90_000);
