/**
 * How many orders an owner has. They are counted when they are asked for, through indexes, and the answer is kept for twenty times as
 * long as it took: however many ask, a process has the database count a twentieth of the time at most.
 */
import { ORDER_STATUSES, type OrderStatus } from '../../../../machines/order/state.ts';
import type { OrderCount, OrderCounts, OrderStore } from '../../ports.ts';
import type { Database } from '../database.ts';
import type { TermsFill } from './fill-terms.ts';

const KEPT_FOR = 20;
const MOST_KEPT = 1_000;

interface Kept {
  readonly counts: Promise<OrderCounts>;
  keptUntil: number;
}

interface CodeGroup {
  readonly _id: { readonly status: OrderStatus; readonly code: string };
  readonly orders: number;
}

export function prepareCounts(database: Database, fill: TermsFill): OrderStore['counts'] {
  const { orderDocuments, clock } = database;
  const kept = new Map<string, Kept>();

  async function count(owner: string): Promise<OrderCounts> {
    await fill.isFilled();
    const at = clock.now();
    const [totals, groups] = await Promise.all([
      Promise.all(
        ORDER_STATUSES.map(async (status) => {
          const orders = await database.run(() => orderDocuments.countDocuments({ owner, status }));
          return { status, orders };
        }),
      ),
      database.run(() =>
        orderDocuments
          .aggregate<CodeGroup>([
            { $match: { owner, terms: { $gte: 'code:', $lt: 'code;' }, endCode: { $exists: true } } },
            { $group: { _id: { status: '$status', code: '$endCode' }, orders: { $sum: 1 } } },
          ])
          .toArray(),
      ),
    ]);
    const counts = groups.map(({ _id, orders }): OrderCount => ({ ..._id, orders }));
    for (const { status, orders } of totals) {
      const coded = counts.reduce((sum, each) => (each.status === status ? sum + each.orders : sum), 0);
      if (orders > coded) counts.push({ status, code: null, orders: orders - coded });
    }
    return { counts, at };
  }

  return (owner) => {
    const known = kept.get(owner);
    const now = performance.now();
    if (known !== undefined && now < known.keptUntil) return known.counts;
    if (kept.size >= MOST_KEPT) kept.clear();
    const entry: Kept = { counts: count(owner), keptUntil: Number.POSITIVE_INFINITY };
    kept.set(owner, entry);
    entry.counts.then(
      () => {
        const ended = performance.now();
        entry.keptUntil = ended + (ended - now) * KEPT_FOR;
      },
      () => kept.delete(owner),
    );
    return entry.counts;
  };
}
