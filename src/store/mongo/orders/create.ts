import type { NewOrder, OrderStore } from '../../ports.ts';
import type { OrderDocument } from './mapping.ts';
import type { Database } from '../database.ts';
import { duplicates } from '../failures.ts';

export function prepareCreate(database: Database, load: OrderStore['load']): OrderStore['create'] {
  const { orderDocuments, clock } = database;

  const insert = database.batched<OrderDocument, boolean>(async (batch) => {
    try {
      await orderDocuments.insertMany([...batch], { ordered: false });
      return batch.map(() => true);
    } catch (thrown) {
      const there = duplicates(thrown);
      if (there === null) throw thrown;
      return batch.map((_, index) => !there.has(index));
    }
  });

  return async (order) => {
    const { orderId, entry } = order;
    if (entry.seq !== 1) {
      throw new Error(`order ${orderId}: the first entry has seq ${entry.seq}, expected 1`);
    }
    if (await insert(newDocument(order, clock.now()))) return { created: true };
    const existing = await load(orderId);
    if (existing === null) throw new Error(`order ${orderId}: its id is taken and it cannot be read`);
    return { created: false, existing };
  };
}

function newDocument(order: NewOrder, now: number): OrderDocument {
  const { clientOrderId } = order;
  return {
    _id: order.orderId,
    owner: order.owner,
    ...(clientOrderId === null ? {} : { clientOrderId }),
    requestHash: order.requestHash,
    version: 1,
    machineVersion: order.state.machineVersion,
    status: order.status,
    open: true,
    lastSeq: order.entry.seq,
    wakeAt: new Date(now),
    inboxDone: 0,
    createdAt: new Date(order.createdAt),
    updatedAt: new Date(order.createdAt),
    inbox: [],
    state: JSON.stringify(order.state),
    journal: [JSON.stringify(order.entry)],
  };
}
