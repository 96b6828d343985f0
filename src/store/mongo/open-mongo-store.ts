import { passNothing, type PassCrashPoint } from '../../crash-points.ts';
import type { Store } from '../ports.ts';
import { Database, type DatabaseOptions } from './database.ts';
import { openIdentityStore } from './identity/identity-store.ts';
import { openDayTotals } from './limits/day-totals.ts';
import { openChanges } from './orders/changes.ts';
import { openInbox } from './orders/inbox.ts';
import { openJournal } from './orders/journal.ts';
import { openLedgerRecords } from './ledger/records.ts';
import { openSignerLedger } from './ledger/signer-ledger.ts';
import { openOrderStore } from './orders/order-store.ts';
import { openOrderRecords } from './orders/records.ts';
import type { Elapsed } from './store-clock.ts';
import { openWorkStore } from './orders/work-store.ts';

export type MongoStoreOptions = Pick<DatabaseOptions, 'url'> &
  Partial<Pick<DatabaseOptions, 'poolSize' | 'timeoutMs'>> & {
    readonly elapsed?: Elapsed;
    readonly passCrashPoint?: PassCrashPoint;
  };

/**
 * A store on a MongoDB server, replica set or sharded cluster, for any number of processes of any number of machines. Every
 * invariant concerns one document: no transaction, no change stream.
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
  return {
    orders: openOrderStore(database, passCrashPoint),
    journal: openJournal(database),
    changes: openChanges(database),
    inbox: openInbox(database),
    work: openWorkStore(database),
    records: openOrderRecords(database),
    ledger: openSignerLedger(database),
    ledgerRecords: openLedgerRecords(database),
    dayTotals: openDayTotals(database),
    identity: openIdentityStore(database),
    check: () => database.checkWrites(),
    close: () => database.close(),
  };
}
