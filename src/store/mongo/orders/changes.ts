/**
 * What changed, by the server's time of an order's last commit. Each question reaches back a few seconds before its token, because
 * commits may become visible in another order than that of their times. A document does not say when each of its entries came, so that
 * a changed order is named with all of them.
 */
import type { Changes, ChangedOrder } from '../../changes.ts';
import type { Database } from '../database.ts';
import { ENDED } from '../schema.ts';
import type { OrderDocument } from './mapping.ts';

/** How far the times of commits and their order may differ, over all servers of the database. */
const DISORDER_MS = 5_000;
/** More are not worth reading. */
const MOST_ORDERS = 5_000;

const MOVED = { owner: 1, lastSeq: 1, updatedAt: 1 } as const;
type Moved = Pick<OrderDocument, '_id' | 'owner' | 'lastSeq' | 'updatedAt'>;

export function openChanges(database: Database): Changes {
  const { orderDocuments, clock } = database;

  const find = (filter: object, index: string): Promise<Moved[]> =>
    database.run(() =>
      orderDocuments
        .find<Moved>(filter, { projection: MOVED, hint: index })
        .limit(MOST_ORDERS + 1)
        .toArray(),
    );

  return {
    now: () => Promise.resolve(encode(clock.now())),

    async since(token, owners) {
      const time = decode(token);
      const now = clock.now();
      if (time === null || time > now + DISORDER_MS) return { outcome: 'unknown' };
      const owner = { $in: [...owners] };
      const updatedAt = { $gt: new Date(time - DISORDER_MS) };
      const begun = performance.now();
      const [open, ended] = await Promise.all([
        // The time of a creation is that of the process which created the order: all that have not moved since are named.
        find({ open: true, owner, $or: [{ updatedAt }, { lastSeq: 1 }] }, 'open'),
        find({ status: ENDED, owner, updatedAt }, 'ended'),
      ]);
      if (open.length > MOST_ORDERS || ended.length > MOST_ORDERS) return { outcome: 'too_old' };
      // What ended between the two questions is in both answers, or in the second alone: it comes last.
      const orders = new Map([...open, ...ended].map((order) => [order._id, changed(order)]));
      const isSlow = performance.now() - begun > DISORDER_MS / 2;
      return {
        outcome: 'read',
        orders: [...orders.values()],
        token: isSlow ? token : encode(Math.max(time, Math.min(now, latest([...open, ...ended])))),
      };
    },

    async openOrders(owner) {
      const found = await database.run(() =>
        orderDocuments
          .find<Moved>({ open: true, owner }, { projection: { lastSeq: 1 }, hint: 'open' })
          .toArray(),
      );
      return new Map(found.map(({ _id, lastSeq }) => [_id, lastSeq]));
    },
  };
}

function changed({ _id, owner, lastSeq }: Moved): ChangedOrder {
  return { orderId: _id, owner, after: 0, lastSeq };
}

function latest(orders: readonly Moved[]): number {
  return orders.reduce(
    (most, { lastSeq, updatedAt }) => (lastSeq > 1 ? Math.max(most, +updatedAt) : most),
    0,
  );
}

function encode(time: number): string {
  return Buffer.from(`m${time}`).toString('base64url');
}

function decode(token: string): number | null {
  const parts = /^m(\d{1,15})$/.exec(Buffer.from(token, 'base64url').toString('latin1'));
  const time = Number(parts?.[1]);
  return parts !== null && encode(time) === token ? time : null;
}
