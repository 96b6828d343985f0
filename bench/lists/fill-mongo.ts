/** Copies the samples' documents with their journals, because a page's query reads both. */
import { createConnection } from 'mongoose';
import { encodeCursor } from '../../src/store/mongo/orders/cursor.ts';
import type { OrderDocument } from '../../src/store/mongo/orders/mapping.ts';
import { openMongoStore } from '../../src/store/mongo/open-mongo-store.ts';
import { ownDatabase } from '../own-database.ts';
import type { FilledStore } from './filled-store.ts';
import { isOpen, namesOf } from './stored-orders.ts';
import type { TemplateOrder } from './template-order.ts';
import { writeSamples } from './write-samples.ts';

const DOCUMENTS_AT_A_TIME = 250;
const CONCURRENT_BATCHES = 3;
/** Slow queries are measured, not ended. */
const TIMEOUT_MS = 600_000;

export async function fillMongo(template: TemplateOrder, stored: number): Promise<FilledStore> {
  const database = ownDatabase(process.env['MONGODB_URL']);
  const store = await openMongoStore({ url: database.url, timeoutMs: TIMEOUT_MS });
  const samples = await writeSamples(store, template);
  const connection = await createConnection(database.url).asPromise();
  const orders = connection.collection<OrderDocument>('orders');
  const take = async (orderId: string): Promise<OrderDocument> => {
    const document = await orders.findOneAndDelete({ _id: orderId });
    if (document === null) throw new Error(`the sample ${orderId} was not stored`);
    return document;
  };
  const ended = await take(samples.ended);
  const open = await take(samples.open);
  const copy = (index: number): OrderDocument => {
    const { orderId, clientOrderId, createdAt } = namesOf(index, stored);
    const document = isOpen(index, stored) ? open : ended;
    const at = new Date(createdAt);
    return {
      ...document,
      _id: orderId,
      clientOrderId,
      createdAt: at,
      updatedAt: at,
      ...(document.wakeAt === undefined ? {} : { wakeAt: at }),
      state: document.state.replaceAll(document._id, orderId),
      journal: document.journal.map((entry) => entry.replaceAll(document._id, orderId)),
    };
  };
  let next = 0;
  const insertBatches = async (): Promise<void> => {
    while (next < stored) {
      const first = next;
      next = Math.min(stored, first + DOCUMENTS_AT_A_TIME);
      await orders.insertMany(
        Array.from({ length: next - first }, (_, index) => copy(first + index)),
        { ordered: false },
      );
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_BATCHES }, insertBatches));
  await connection.close();
  return {
    store,
    cursorAfter: (index) => encodeCursor(namesOf(index, stored)),
    async end() {
      await store.close();
      await database.drop();
    },
  };
}
