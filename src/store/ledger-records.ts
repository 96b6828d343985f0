/** The whole ledger, as it is moved from one store to another. Only for moves between stores that no process uses. */
import type { Attempt, SignerAccount, NonceReservation } from './ledger.ts';

export interface ReservationRecord extends NonceReservation {
  /** The attempts that it names, in the order of signing. */
  readonly attempts: readonly Attempt[];
}

/** An account with its open reservations; the first of them is not closed. */
export interface AccountRecord extends Omit<SignerAccount, 'open'> {
  readonly open: readonly ReservationRecord[];
}

/** A closed reservation that has left its account. */
export interface SettledRecord extends ReservationRecord {
  readonly accountId: string;
}

export interface SettledPage {
  readonly records: readonly SettledRecord[];
  /** Null on the last page. */
  readonly next: string | null;
}

export type PutRecord<Kept> =
  { readonly written: true } | { readonly written: false; readonly existing: Kept };

export interface LedgerRecords {
  accounts(): Promise<readonly AccountRecord[]>;
  /** In an order that the store chooses. */
  settled(after: string | null, limit: number): Promise<SettledPage>;
  /** Writes the account, with all that is open in it, at once or not at all. Overwrites nothing. */
  putAccount(record: AccountRecord): Promise<PutRecord<AccountRecord>>;
  /** Overwrites nothing. @throws UnknownAccount */
  putSettled(record: SettledRecord): Promise<PutRecord<SettledRecord>>;
}
