import { passNothing, type PassCrashPoint } from '../../crash-points.ts';
import { systemClock, type Clock, type Random } from '../../time.ts';
import type { Store } from '../ports.ts';
import { Connection } from './connection.ts';
import { sqliteDayTotals } from './day-totals.ts';
import { sqliteInbox } from './inbox.ts';
import { sqliteJournal } from './journal.ts';
import { sqliteLedgerRecords } from './ledger-records.ts';
import { sqliteLedger } from './ledger.ts';
import { openDatabase } from './open-database.ts';
import { sqliteOrders } from './orders.ts';
import { sqliteRecords } from './records.ts';
import { sqliteWork } from './work.ts';

export interface SqliteStoreOptions {
  readonly file: string;
  readonly passCrashPoint?: PassCrashPoint;
  readonly clock?: Clock;
  readonly random?: Random;
  /** How long a lock that another process holds is waited for. */
  readonly lockLimitMs?: number;
}

/**
 * A store in one file, for any number of processes of one machine.
 *
 * Not promised: progress while a process that was stopped (SIGSTOP) inside a write holds the lock.
 * @throws StoreUnavailable; Error when the file was written by a newer release
 */
export async function openSqliteStore({
  file,
  passCrashPoint = passNothing,
  clock = systemClock,
  random = Math.random,
  lockLimitMs = 10_000,
}: SqliteStoreOptions): Promise<Store> {
  const patience = { file, limitMs: lockLimitMs, random };
  const db = await openDatabase(patience);
  const connection = new Connection(db, clock, patience, passCrashPoint);
  return {
    orders: sqliteOrders(connection),
    journal: sqliteJournal(connection),
    inbox: sqliteInbox(connection),
    work: sqliteWork(connection),
    records: sqliteRecords(connection),
    ledger: sqliteLedger(connection),
    ledgerRecords: sqliteLedgerRecords(connection),
    dayTotals: sqliteDayTotals(connection),
    // Takes the write lock and lets it go: a file that cannot be written is no store.
    check: () => connection.write(() => undefined),
    close: () => connection.close(),
  };
}
