import { UnknownAccount, type NonceReservations, type Taken } from '../../ledger.ts';
import type { Connection } from '../connection.ts';
import { prepareFindReservation } from './find-reservation.ts';
import { toHalt, toReservation } from './mapping.ts';

export function prepareTake(connection: Connection): NonceReservations['take'] {
  const { db } = connection;
  const findReservation = prepareFindReservation(db);
  const insert = db.prepare<[number, number, string, number, string | null]>(
    `INSERT INTO slots (lane_no, nonce, order_id, epoch, state, spends) VALUES (?, ?, ?, ?, 'reserved', ?)`,
  );
  const lengthen = db.prepare<[number]>('UPDATE lanes SET next = next + 1 WHERE no = ?');

  return async (accountId, owner, { window, spends }) => {
    const { orderId, epoch } = owner;
    const spendsJson =
      spends === null ? null : JSON.stringify({ token: spends.token, amount: spends.amount });
    const taken = await connection.write((): Taken | null => {
      const found = findReservation(accountId, owner);
      if (found === null) return null;
      const { accountRow, reservationRow } = found;
      if (reservationRow !== null) return { outcome: 'taken', reservation: toReservation(reservationRow) };
      if (accountRow.halted !== null) return { outcome: 'halted', halt: toHalt(accountRow.halted) };
      if (accountRow.next - accountRow.base >= window) return { outcome: 'full' };
      const nonce = accountRow.next;
      insert.run(accountRow.account_no, nonce, orderId, epoch, spendsJson);
      lengthen.run(accountRow.account_no);
      return {
        outcome: 'taken',
        reservation: { orderId, epoch, nonce, state: 'reserved', hashes: [], spends, outcome: null },
      };
    });
    if (taken === null) throw new UnknownAccount(accountId);
    return taken;
  };
}
