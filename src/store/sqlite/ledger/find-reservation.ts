import type Database from 'better-sqlite3';
import type { ReservationOwner } from '../../ledger.ts';
import { ACCOUNT_COLUMNS, RESERVATION_COLUMNS, type AccountRow, type ReservationRow } from './rows.ts';

export const RESERVATION_OF_SQL = `SELECT ${ACCOUNT_COLUMNS}, ${RESERVATION_COLUMNS}
  FROM lanes LEFT JOIN slots ON order_id = ? AND epoch = ? AND slots.lane_no = lanes.no
  WHERE lane = ?`;

export interface FoundReservation {
  readonly accountRow: AccountRow;
  /** Null: this owner never had one. */
  readonly reservationRow: ReservationRow | null;
}

/** Reads a account with an owner's reservation, open or closed; null: the account was never opened. */
export type SlotOf = (accountId: string, owner: ReservationOwner) => FoundReservation | null;

export function selectReservationOf(db: Database.Database): SlotOf {
  const select = db.prepare<
    [string, number, string],
    AccountRow & (ReservationRow | { readonly nonce: null })
  >(RESERVATION_OF_SQL);
  return (accountId, { orderId, epoch }) => {
    const row = select.get(orderId, epoch, accountId);
    return row === undefined ? null : { accountRow: row, reservationRow: row.nonce === null ? null : row };
  };
}
