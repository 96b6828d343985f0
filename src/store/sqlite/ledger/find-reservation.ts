import type Database from 'better-sqlite3';
import type { ReservationOwner } from '../../ledger.ts';
import {
  ACCOUNT_COLUMNS,
  RESERVATION_COLUMNS,
  type AccountReservationRow,
  type AccountRow,
  type ReservationRow,
} from './mapping.ts';

export const FIND_RESERVATION_SQL = `SELECT ${ACCOUNT_COLUMNS}, ${RESERVATION_COLUMNS}
  FROM lanes LEFT JOIN slots ON order_id = ? AND epoch = ? AND slots.lane_no = lanes.no
  WHERE lane = ?`;

export interface FoundReservation {
  readonly accountRow: AccountRow;
  /** Null: this owner never had one. */
  readonly reservationRow: ReservationRow | null;
}

/** Reads an account with an owner's reservation, open or closed; null: the account was never opened. */
export type FindReservation = (accountId: string, owner: ReservationOwner) => FoundReservation | null;

export function prepareFindReservation(db: Database.Database): FindReservation {
  const select = db.prepare<[string, number, string], AccountReservationRow>(FIND_RESERVATION_SQL);
  return (accountId, { orderId, epoch }) => {
    const row = select.get(orderId, epoch, accountId);
    return row === undefined ? null : { accountRow: row, reservationRow: row.nonce === null ? null : row };
  };
}
