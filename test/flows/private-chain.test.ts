/** The private chain of a data folder: which processes may use it, and the error for the others. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { dataFiles } from '../../src/settings/data-dir.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { getOrder, submitOrder } from '../../src/client/orders.ts';
import { eventually } from '../support/eventually.ts';
import { OwnStacks, ownEnvironment, PRIVATE_CHAIN } from '../support/own-stack.ts';
import { MAIN } from '../support/programs.ts';

const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };
const READY_MS = 60_000;

let stacks: OwnStacks;
beforeEach(() => {
  stacks = new OwnStacks();
});
afterEach(() => stacks.remove());

test('an api and two workers that start at the same time on one data folder share its chain', async () => {
  const [api] = await Promise.all(
    (['api', 'worker', 'worker'] as const).map(async (role) => {
      const each = await stacks.start(role);
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
  const store = await openSqliteStore({ file: dataFiles(stacks.dir.path).orders });
  await store.ledger.accounts.open('31337:chain', `0x${'11'.repeat(32)}`, 0);
  await store.close();
  const { status, stderr } = spawnSync(process.execPath, [...MAIN, 'worker'], {
    env: ownEnvironment(stacks.dir, PRIVATE_CHAIN),
    encoding: 'utf8',
    timeout: READY_MS,
  });
  expect(stderr).toContain('is not the one that its orders were swapped on: name another DATA_DIR');
  expect(status).toBe(2);
}, 90_000);
