import type { Created, NewOrder } from '../ports.ts';
import { WITHOUT_JOURNAL, toOrder, type OrderDocument } from './documents.ts';
import type { Database } from './database.ts';
import { isDuplicateKey } from './failures.ts';

export function createIn(database: Database): (order: NewOrder) => Promise<Created> {
  const { orders, clock } = database;

  return async (order) => {
    const { orderId, entry } = order;
    if (entry.seq !== 1) {
      throw new Error(`order ${orderId}: the first entry has seq ${entry.seq}, expected 1`);
    }
    try {
      await database.run(() => orders.insertOne(newDocument(order, clock.now())));
      return { created: true };
    } catch (thrown) {
      if (!isDuplicateKey(thrown)) throw thrown;
    }
    const existing = await database.run(() => orders.findById(orderId, WITHOUT_JOURNAL).lean());
    if (existing === null) throw new Error(`order ${orderId}: neither inserted nor there`);
    return { created: false, existing: toOrder(existing) };
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
