import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { codeTerm, tokenTerm, transactionTerm } from '../../../src/store/order-terms.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import {
  advanced,
  anOrderId,
  aState,
  created,
  stored,
} from '../../contracts/order-store/order-store-samples.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';

let dir: TempDir;
let file: string;
beforeEach(() => {
  dir = tempDir();
  file = join(dir.path, 'orders.sqlite');
});
afterEach(() => dir.remove());

const HASH = `0x${'Ab'.repeat(32)}`;
const CONTEXT = {
  terms: { sellToken: 'WETH', buyToken: 'USDC' },
  transactions: [{ hash: HASH, signer: '0x00', nonce: 1, epoch: 1 }],
  reason: { code: 'expired', message: 'too late' },
};

/** Makes the file that of the release before: without what this one searches by. */
function asBefore(): void {
  const db = new Database(file);
  db.exec(`DROP TRIGGER order_ended; DROP TRIGGER ended_order_stored; DROP VIEW ended_terms; DROP VIEW ended_orders;
    DROP TABLE order_terms; DROP TABLE order_counts`);
  const schema = Number(db.pragma('user_version', { simple: true }));
  db.pragma(`user_version = ${schema - 1}`);
  db.close();
}

test('orders that ended before the file had terms are found and counted after its migration', async () => {
  const first = await openSqliteStore({ file });
  const owner = anOrderId();
  const { orderId } = await created(first, { owner, state: aState(CONTEXT) });
  await advanced(first, orderId, { status: 'failed', state: aState(CONTEXT) });
  const open = await created(first, { owner, state: aState(CONTEXT), createdAt: 1 });
  await first.close();
  asBefore();

  const store = await openSqliteStore({ file });
  for (const term of [tokenTerm('weth'), transactionTerm(HASH)]) {
    const { orders } = await store.orders.list({ owner, search: { terms: [term] }, limit: 5 });
    expect(orders).toEqual([await stored(store, orderId), open]);
  }
  const { counts } = await store.orders.counts(owner);
  expect(counts).toEqual([
    { status: 'failed', code: 'expired', orders: 1 },
    { status: 'pending', code: null, orders: 1 },
  ]);
  await store.close();
});

test('an order that a running process of an older release ends is found and counted', async () => {
  const store = await openSqliteStore({ file });
  const owner = anOrderId();
  const { orderId } = await created(store, { owner, state: aState(CONTEXT) });
  // The write of 0.2.0 that ends an order.
  const older = new Database(file);
  older
    .prepare(
      `UPDATE orders SET version = version + 1, status = 'failed', ended_at = 5, wake_at = NULL, worker = NULL WHERE id = ?`,
    )
    .run(orderId);
  older.close();
  const { orders } = await store.orders.list({ owner, search: { terms: [codeTerm('expired')] }, limit: 5 });
  expect(orders.map((order) => order.orderId)).toEqual([orderId]);
  expect((await store.orders.counts(owner)).counts).toEqual([
    { status: 'failed', code: 'expired', orders: 1 },
  ]);
  await store.close();
});
