import type { Journal } from '../ports.ts';
import type { Database } from './database.ts';
import { toEntry, type OrderDocument } from './documents.ts';

export function mongoJournal(database: Database): Journal {
  const { orders } = database;
  return {
    async read(orderId, after, limit) {
      // Entry `seq` lies at index `seq - 1`.
      const [found] = await database.run(() =>
        orders.aggregate<Pick<OrderDocument, 'journal'>>([
          { $match: { _id: orderId } },
          { $project: { journal: { $slice: ['$journal', after, limit] } } },
        ]),
      );
      return (found?.journal ?? []).map(toEntry);
    },

    async lastSeqs(orderIds) {
      const found = await database.run(() =>
        orders.find({ _id: { $in: [...orderIds] } }, { lastSeq: 1 }).lean(),
      );
      return new Map(found.map(({ _id, lastSeq }) => [_id, lastSeq]));
    },
  };
}
