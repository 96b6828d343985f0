import { passNothing, type PassCrashPoint } from '../../crash-points.ts';
import { systemClock, type Clock, type Random } from '../../runtime/time.ts';
import type { Store } from '../ports.ts';
import { Connection } from './connection.ts';
import { openIdentityStore } from './identity/identity-store.ts';
import { openDayTotals } from './limits/day-totals.ts';
import { openChanges } from './orders/changes.ts';
import { openInbox } from './orders/inbox.ts';
import { openJournal } from './orders/journal.ts';
import { openLedgerRecords } from './ledger/records.ts';
import { openSignerLedger } from './ledger/signer-ledger.ts';
import { openDatabase } from './open-database.ts';
import { openOrderStore } from './orders/order-store.ts';
import { openOrderRecords } from './orders/records.ts';
import { openWorkStore } from './orders/work-store.ts';

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
  const writeProbe = db.prepare<[number]>(
    'INSERT INTO write_probe (no, at) VALUES (1, ?) ON CONFLICT (no) DO UPDATE SET at = excluded.at',
  );
  return {
    orders: openOrderStore(connection),
    journal: openJournal(connection),
    changes: openChanges(connection),
    inbox: openInbox(connection),
    work: openWorkStore(connection),
    records: openOrderRecords(connection),
    ledger: openSignerLedger(connection),
    ledgerRecords: openLedgerRecords(connection),
    dayTotals: openDayTotals(connection),
    identity: openIdentityStore(connection),
    // A full disk lets a transaction begin, and even end that writes nothing.
    check: () => connection.write(() => void writeProbe.run(clock.now())),
    close: () => connection.close(),
  };
}
