/** Checks that the store's port reads what was copied into the database. @throws Error if it does not */
import { deepStrictEqual } from 'node:assert';
import type { FilledStore } from './filled-store.ts';
import { isOpen, namesOf, OWNER } from './stored-orders.ts';
import type { TemplateOrder } from './template-order.ts';

const PAGE = 50;

export async function checkFilled(
  { store, cursorAfter }: FilledStore,
  { order }: TemplateOrder,
  stored: number,
): Promise<void> {
  for (const index of [0, Math.floor(stored / 2), stored - 1]) {
    const { orderId, clientOrderId, createdAt } = namesOf(index, stored);
    const loaded = await store.orders.load(orderId);
    const open = isOpen(index, stored);
    deepStrictEqual(loaded, {
      orderId,
      owner: OWNER,
      clientOrderId,
      requestHash: order.requestHash,
      // One for the creation, one for the claim, and one for each later entry.
      version: open ? 1 : order.lastSeq + 1,
      status: open ? 'pending' : order.status,
      state: JSON.parse(JSON.stringify(order.state).replaceAll(order.orderId, orderId)) as unknown,
      lastSeq: open ? 1 : order.lastSeq,
      createdAt,
      updatedAt: createdAt,
      worker: null,
      held: null,
    });
    const listed = await store.orders.list({ owner: OWNER, clientOrderId, limit: PAGE });
    deepStrictEqual(listed, { orders: [loaded], nextCursor: null });
  }
  const before = Math.floor(stored / 2);
  const page = await store.orders.list({ owner: OWNER, limit: PAGE, cursor: cursorAfter(before) });
  const expected = Array.from({ length: PAGE }, (_, index) => namesOf(before - 1 - index, stored).orderId);
  deepStrictEqual(
    page.orders.map(({ orderId }) => orderId),
    expected,
  );
}
