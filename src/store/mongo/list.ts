/** Pages of orders, newest first. Each filter has an index in the page's own order, so that a page costs what it shows. */
import type { OrderFilter, OrderPage } from '../ports.ts';
import { decodeCursor, encodeCursor, type Position } from './cursor.ts';
import type { Database } from './database.ts';
import { toOrder, WITHOUT_JOURNAL } from './documents.ts';

const NEWEST_FIRST = { createdAt: -1, _id: -1 } as const;

export function listIn(database: Database): (filter: OrderFilter) => Promise<OrderPage> {
  return async ({ owner, status, clientOrderId, limit, cursor }) => {
    const filter = {
      owner,
      ...(status === undefined ? {} : { status }),
      ...(clientOrderId === undefined ? {} : { clientOrderId }),
      ...(cursor === undefined ? {} : after(decodeCursor(cursor))),
    };
    // One more than the page holds tells whether there is a next one.
    const found = await database.run(() =>
      database.orders
        .find(filter, WITHOUT_JOURNAL)
        .sort(NEWEST_FIRST)
        .limit(limit + 1)
        .lean(),
    );
    const shown = found.slice(0, limit).map(toOrder);
    const last = shown.at(-1);
    return {
      orders: shown,
      nextCursor: found.length > limit && last !== undefined ? encodeCursor(last) : null,
    };
  };
}

/** The first condition repeats what the others say, for the planner: it bounds the index. */
function after({ createdAt, orderId }: Position) {
  const instant = new Date(createdAt);
  return {
    createdAt: { $lte: instant },
    $or: [{ createdAt: { $lt: instant } }, { _id: { $lt: orderId } }],
  };
}
