import type { OrderStore, StoredOrder } from '../../ports.ts';
import type { Database } from '../database.ts';
import { toOrder, WITHOUT_JOURNAL, type OrderDocument } from './mapping.ts';

type WithoutJournal = Omit<OrderDocument, 'journal'>;

export function prepareLoad(database: Database): OrderStore['load'] {
  const { orderDocuments } = database;
  return database.batched<string, StoredOrder | null>(async (batch) => {
    const found = await orderDocuments
      .find<WithoutJournal>({ _id: { $in: [...new Set(batch)] } }, { projection: WITHOUT_JOURNAL })
      .toArray();
    const orders = new Map(found.map((document) => [document._id, document]));
    return batch.map((orderId) => {
      const document = orders.get(orderId);
      return document === undefined ? null : toOrder(document);
    });
  });
}
