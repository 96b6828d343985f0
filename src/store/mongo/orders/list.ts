/** Pages of orders, newest first. Each filter has an index in the page's own order, so that a page costs what it shows. */
import type { OrderStore } from '../../ports.ts';
import { decodeCursor, encodeCursor, type Position } from './cursor.ts';
import type { Database } from '../database.ts';
import { toOrder, WITHOUT_JOURNAL, type OrderDocument } from './mapping.ts';

const NEWEST_FIRST = { createdAt: -1, _id: -1 } as const;

const MINUTE_MS = 60_000;
/**
 * A page is looked for in windows of time that reach further and further back, to two years and then to the beginning. A
 * server that reads an index in its order needs none, and loses a fraction of a millisecond for each that is empty; one that
 * sorts all that a filter finds (FerretDB 2.7 took 32 s where a million orders were stored) sorts one window.
 */
const WINDOWS_MS = [
  ...Array.from({ length: 11 }, (_, step) => MINUTE_MS * 4 ** step),
  Number.POSITIVE_INFINITY,
];

type Listed = Omit<OrderDocument, 'journal'>;

export function prepareList(database: Database): OrderStore['list'] {
  const { orderDocuments, clock } = database;

  const find = (filter: object, limit: number): Promise<Listed[]> =>
    database.run(() =>
      orderDocuments
        .find<Listed>(filter, { projection: WITHOUT_JOURNAL })
        .sort(NEWEST_FIRST)
        .limit(limit)
        .toArray(),
    );

  return async ({ owner, status, clientOrderId, limit, cursor }) => {
    const wanted = {
      owner,
      ...(status === undefined ? {} : { status }),
      ...(clientOrderId === undefined ? {} : { clientOrderId }),
    };
    const after = cursor === undefined ? null : decodeCursor(cursor);
    const newest = after?.createdAt ?? clock.now();
    // A client's own id is found by itself, and has few orders.
    const windows = clientOrderId === undefined ? WINDOWS_MS : [Number.POSITIVE_INFINITY];
    let bound: Bound = after === null ? {} : below(after);
    const found: Listed[] = [];
    for (const windowMs of windows) {
      const oldest = Number.isFinite(windowMs) ? new Date(newest - windowMs) : null;
      const inWindow =
        oldest === null ? bound : { ...bound, createdAt: { ...bound.createdAt, $gte: oldest } };
      // One order more than the page holds shows that there is a next page.
      found.push(...(await find({ ...wanted, ...inWindow }, limit + 1 - found.length)));
      if (found.length > limit || oldest === null) break;
      bound = { createdAt: { $lt: oldest } };
    }
    const shown = found.slice(0, limit).map(toOrder);
    const last = shown.at(-1);
    return {
      orders: shown,
      nextCursor: found.length > limit && last !== undefined ? encodeCursor(last) : null,
    };
  };
}

interface Bound {
  readonly createdAt?: { readonly $lt: Date } | { readonly $lte: Date };
  readonly $or?: readonly object[];
}

/** The first condition repeats what the others say, for the planner: it bounds the index. */
function below({ createdAt, orderId }: Position): Bound {
  const instant = new Date(createdAt);
  return {
    createdAt: { $lte: instant },
    $or: [{ createdAt: { $lt: instant } }, { _id: { $lt: orderId } }],
  };
}
