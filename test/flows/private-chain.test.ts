/** The private chain of a data folder: who may swap on it, and what those are told who may not. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startStack, type StackProcess } from '../../src/demo/stack-process.ts';
import { dataFiles } from '../../src/settings/data-dir.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { submitOrder } from '../../src/client/submit.ts';
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

test('an api and two workers that start at once on one data folder share its chain, and swap on it', async () => {
  const [api] = await Promise.all(
    (['api', 'worker', 'worker'] as const).map(async (role) => {
      const each = await start(role);
      await each.ready(READY_MS);
      return each;
    }),
  );
  const url = api?.url ?? '';
  const ids = await Promise.all(
    ['one', 'two', 'three'].map(async (key) => (await submitOrder(url, key, ORDER)).orderId),
  );
  for (const orderId of ids) {
    const order = await eventually(
      async () =>
        (await (await fetch(`${url}/api/orders/${orderId}`)).json()) as {
          status: string;
          executedBuyAmount: string;
        },
      ({ status }) => status === 'confirmed',
      30_000,
    );
    expect(BigInt(order.executedBuyAmount)).toBeGreaterThan(0n);
  }
}, 120_000);

test('a worker whose private chain is not the one of its orders refuses to start, and says what to set', async () => {
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
