import { isFinal } from '../../../../machines/order/state.ts';
import type { OrderRecord, OrderRecords } from '../../order-records.ts';
import type { Database } from '../database.ts';
import { endFields, toCommand, toEntry, toOrder, type OrderDocument } from './mapping.ts';
import { isDuplicateKey } from '../failures.ts';

export function openOrderRecords(database: Database): OrderRecords {
  const { orders, orderDocuments, workers, clock } = database;

  return {
    async page(after, limit) {
      const filter = after === null ? {} : { _id: { $gt: after } };
      const found = await database.run(() => orders.find(filter).sort({ _id: 1 }).limit(limit).lean());
      return found.map(toRecord);
    },

    async put(record) {
      try {
        await database.run(() => orderDocuments.insertOne(toDocument(record)));
        return { written: true };
      } catch (thrown) {
        if (!isDuplicateKey(thrown)) throw thrown;
      }
      const existing = await database.run(() => orders.findById(record.orderId).lean());
      if (existing === null)
        throw new Error(`order ${record.orderId}: its id is taken and it cannot be read`);
      return { written: false, existing: toRecord(existing) };
    },

    count: () => database.run(() => orders.countDocuments()),

    livingWorkers: (withinMs) =>
      database.run(() => workers.countDocuments({ beatAt: { $gte: new Date(clock.now() - withinMs) } })),
  };
}

function toRecord(document: OrderDocument): OrderRecord {
  const { worker, ...order } = toOrder(document);
  const { inbox, inboxDone, journal, commitId, wakeAt, heldBy = [] } = document;
  return {
    ...order,
    commitId: commitId ?? null,
    journal: journal.map(toEntry),
    inbox: inbox.map(toCommand),
    inboxDone,
    heldBy,
    wakeAt: isFinal(order.status) ? null : worker === null ? (wakeAt?.getTime() ?? null) : order.updatedAt,
  };
}

function toDocument(record: OrderRecord): OrderDocument {
  const { clientOrderId, commitId, wakeAt, held, heldBy, inbox } = record;
  const ended = isFinal(record.status);
  return {
    _id: record.orderId,
    owner: record.owner,
    ...(clientOrderId === null ? {} : { clientOrderId }),
    requestHash: record.requestHash,
    version: record.version,
    machineVersion: record.state.machineVersion,
    status: record.status,
    ...(ended ? {} : { open: true }),
    lastSeq: record.lastSeq,
    ...(commitId === null ? {} : { commitId }),
    ...(wakeAt === null ? {} : { wakeAt: new Date(wakeAt) }),
    ...(held === null ? {} : { held }),
    ...(heldBy.length === 0 ? {} : { heldBy }),
    inboxDone: record.inboxDone,
    ...(ended || inbox.length === 0 ? {} : { commanded: true }),
    createdAt: new Date(record.createdAt),
    updatedAt: new Date(record.updatedAt),
    inbox: inbox.map((command) => ({ commandId: command.commandId, body: JSON.stringify(command) })),
    state: JSON.stringify(record.state),
    journal: record.journal.map((entry) => JSON.stringify(entry)),
    ...(ended ? endFields(record.state.context) : {}),
  };
}
