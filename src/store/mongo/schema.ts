/** The collections with their indexes, and the version that says which release may use them. */
import { Schema, type Connection, type Model, type mongo } from 'mongoose';
import type { OrderDocument, WorkerDocument } from './orders/mapping.ts';
import { dayCollections, type DayCollections } from './limits/schema.ts';
import { identityCollections, type IdentityCollections } from './identity/schema.ts';
import { ledgerCollections, type LedgerCollections } from './ledger/schema.ts';
import { strict } from './strict.ts';

export interface Collections {
  readonly orders: Model<OrderDocument>;
  /**
   * The same from the driver, without mongoose's casting, which costs a commit a quarter of its CPU. TypeScript alone checks
   * what is written.
   */
  readonly orderDocuments: mongo.Collection<OrderDocument>;
  readonly workers: Model<WorkerDocument>;
  readonly ledger: LedgerCollections;
  readonly days: DayCollections;
  readonly identity: IdentityCollections;
  readonly schema: Model<SchemaDocument>;
}

export interface SchemaDocument {
  readonly _id: string;
  readonly version?: number;
  /** Of the document `terms`: orders that ended before have their terms. */
  readonly filledTo?: Date;
}

/**
 * Counts the changes to collections and indexes that an older release cannot work with. The collections of the ledger, of
 * the days and of identities came later and do not count: an older release neither reads nor writes them.
 */
const SCHEMA_VERSION = 1;

/** A process without a heartbeat for a day has ended; one that comes back writes its heartbeat anew. */
const FORGET_WORKER_AFTER_S = 86_400;

/**
 * The statuses of orders that have ended, as a range of the alphabet that holds no other one: a partial index takes no list before
 * MongoDB 6 and on FerretDB.
 */
export const ENDED = { $gte: 'cancelled', $lte: 'failed' } as const;

const command = new Schema({ commandId: String, body: String }, { _id: false });

function orderSchema(): Schema<OrderDocument> {
  const schema = new Schema<OrderDocument>(
    {
      _id: String,
      owner: String,
      clientOrderId: String,
      requestHash: String,
      version: Number,
      machineVersion: Number,
      status: String,
      open: Boolean,
      lastSeq: Number,
      commitId: String,
      worker: String,
      wakeAt: Date,
      waitsSince: Date,
      held: new Schema({ code: String, message: String }, { _id: false }),
      heldBy: [String],
      inboxDone: Number,
      commanded: Boolean,
      createdAt: Date,
      updatedAt: Date,
      inbox: [command],
      state: String,
      journal: [String],
      terms: [String],
      endCode: String,
    },
    { ...strict, collection: 'orders' },
  );
  // What waits, what runs, what is open: each index holds only those, so that ended orders cost nothing.
  schema.index({ wakeAt: 1 }, { name: 'due', sparse: true });
  schema.index({ worker: 1 }, { name: 'running', sparse: true });
  schema.index({ open: 1 }, { name: 'open', sparse: true });
  schema.index({ waitsSince: 1 }, { name: 'waiting', sparse: true });
  schema.index(
    { 'held.code': 1, _id: 1 },
    { name: 'held', partialFilterExpression: { 'held.code': { $exists: true } } },
  );
  schema.index(
    { commanded: 1, worker: 1 },
    { name: 'commanded', partialFilterExpression: { commanded: true } },
  );
  // What ended lately. Open orders are not in it: only the last commit of an order writes it.
  schema.index({ updatedAt: 1 }, { name: 'ended', partialFilterExpression: { status: ENDED } });
  // Pages, in the order in which they are shown.
  schema.index({ owner: 1, createdAt: -1, _id: -1 }, { name: 'listed' });
  schema.index({ owner: 1, status: 1, createdAt: -1, _id: -1 }, { name: 'listed_by_status' });
  schema.index(
    { owner: 1, clientOrderId: 1, createdAt: -1, _id: -1 },
    { name: 'listed_by_client_id', partialFilterExpression: { clientOrderId: { $exists: true } } },
  );
  // Ended orders alone have terms.
  schema.index(
    { owner: 1, terms: 1, createdAt: -1, _id: -1 },
    { name: 'listed_by_term', partialFilterExpression: { terms: { $exists: true } } },
  );
  return schema;
}

function workerSchema(): Schema<WorkerDocument> {
  const schema = new Schema<WorkerDocument>(
    { _id: String, beatAt: Date },
    { ...strict, collection: 'workers' },
  );
  schema.index({ beatAt: 1 }, { name: 'forgotten', expireAfterSeconds: FORGET_WORKER_AFTER_S });
  return schema;
}

/**
 * The models, with their indexes made where they are missing.
 * @throws Error when a newer release wrote the database
 */
export async function openCollections(connection: Connection): Promise<Collections> {
  const database = connection.db;
  if (database === undefined) throw new Error('the connection is not open');
  const versions = connection.model<SchemaDocument>(
    'Schema',
    new Schema<SchemaDocument>(
      { _id: String, version: Number, filledTo: Date },
      { ...strict, collection: 'schema' },
    ),
  );
  const collections = {
    orders: connection.model<OrderDocument>('Order', orderSchema()),
    orderDocuments: database.collection<OrderDocument>('orders'),
    workers: connection.model<WorkerDocument>('Worker', workerSchema()),
    ledger: ledgerCollections(connection),
    days: dayCollections(connection),
    identity: identityCollections(connection),
    schema: versions,
  };
  // Refused before anything is changed; and the version is raised after the indexes are there.
  const stored = await versions.findById('schema').lean();
  if (stored?.version !== undefined && stored.version > SCHEMA_VERSION) {
    throw new Error(
      `the database "${connection.name}" has schema ${stored.version}, this release knows 1 to ${SCHEMA_VERSION}: run the release that wrote it, or name another database in MONGODB_URL`,
    );
  }
  await collections.orders.createIndexes();
  await collections.workers.createIndexes();
  await collections.days.totals.createIndexes();
  await collections.days.additions.createIndexes();
  await collections.identity.shares.createIndexes();
  await collections.identity.audit.createIndexes();
  await versions.updateOne({ _id: 'schema' }, { $max: { version: SCHEMA_VERSION } }, { upsert: true });
  return collections;
}
