import { noReservation } from '../../ledger-defects.ts';
import { UnknownAccount, type Closing, type NonceReservations, type ReservationOwner } from '../../ledger.ts';
import type { Connection } from '../connection.ts';
import { prepareFindReservation } from './find-reservation.ts';

/** The account then begins at its first reservation that is not closed. */
export const RETIRE_CLOSED_SQL = `UPDATE lanes SET base = coalesce(
    (SELECT min(nonce) FROM slots WHERE lane_no = lanes.no AND nonce >= lanes.base AND state <> 'closed'),
    next)
  WHERE no = ?`;

export function prepareClose(connection: Connection): NonceReservations['close'] {
  const { db } = connection;
  const findReservation = prepareFindReservation(db);
  const setClosed = db.prepare<[string, number]>(
    `UPDATE slots SET state = 'closed', outcome = ? WHERE no = ? AND state <> 'closed'`,
  );
  const retireClosed = db.prepare<[number]>(RETIRE_CLOSED_SQL);

  return async (accountId, closings) => {
    const unknown = await connection.write(() => {
      const missing: ReservationOwner[] = [];
      let changedAccountNo: number | null = null;
      for (const closing of closings) {
        const found = findReservation(accountId, closing);
        if (found === null) return null;
        const { accountRow, reservationRow } = found;
        if (reservationRow === null) missing.push(closing);
        else if (setClosed.run(outcomeJson(closing), reservationRow.reservation_no).changes === 1)
          changedAccountNo = accountRow.account_no;
      }
      if (changedAccountNo !== null) retireClosed.run(changedAccountNo);
      return missing;
    });
    if (unknown === null) throw new UnknownAccount(accountId);
    const [first] = unknown;
    if (first !== undefined) throw noReservation(accountId, first);
  };
}

function outcomeJson({ outcome: { hash, kind, status, block } }: Closing): string {
  return JSON.stringify({ hash, kind, status, block });
}
