import { passNothing, type PassCrashPoint } from '../../crash-points.ts';
import type { Store } from '../ports.ts';
import { commitIn } from './commit.ts';
import { createIn } from './create.ts';
import { Database, type DatabaseOptions } from './database.ts';
import { mongoDayTotals } from './day-totals.ts';
import { mongoInbox } from './inbox.ts';
import { mongoJournal } from './journal.ts';
import { mongoLedgerRecords } from './ledger-records.ts';
import { mongoLedger } from './ledger.ts';
import { listIn } from './list.ts';
import { loadIn } from './load.ts';
import { mongoRecords } from './records.ts';
import type { Elapsed } from './store-clock.ts';
import { mongoWork } from './work.ts';

export type MongoStoreOptions = Pick<DatabaseOptions, 'url'> &
  Partial<Pick<DatabaseOptions, 'poolSize' | 'timeoutMs'>> & {
    readonly elapsed?: Elapsed;
    readonly passCrashPoint?: PassCrashPoint;
  };

/**
 * A store on a MongoDB server, replica set or sharded cluster, for any number of processes of any number of machines. Every
 * invariant lies in one document: no transaction, no change stream.
 *
 * Not promised: that an acknowledged write survives the loss of a majority of the replica set.
 * @throws StoreUnavailable; Error when a newer release wrote the database
 */
export async function openMongoStore({
  url,
  poolSize = 50,
  timeoutMs = 5_000,
  passCrashPoint = passNothing,
  elapsed = () => performance.now(),
}: MongoStoreOptions): Promise<Store> {
  const database = await Database.open({ url, poolSize, timeoutMs, elapsed });
  const { orders } = database;
  const load = loadIn(database);
  return {
    orders: {
      create: createIn(database, load),
      load,
      commit: commitIn(database, passCrashPoint),
      list: listIn(database),
      countOpen: () => database.run(() => orders.countDocuments({ open: true })),
    },
    journal: mongoJournal(database),
    inbox: mongoInbox(database),
    work: mongoWork(database),
    records: mongoRecords(database),
    ledger: mongoLedger(database),
    ledgerRecords: mongoLedgerRecords(database),
    dayTotals: mongoDayTotals(database),
    check: () => database.ping(),
    close: () => database.close(),
  };
}
