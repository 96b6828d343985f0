import { otherNonce } from '../../ledger-defects.ts';
import { UnknownAccount, type Attempts } from '../../ledger.ts';
import type { Connection } from '../connection.ts';
import { prepareFindReservation } from './find-reservation.ts';
import { ATTEMPTS_SQL, toAttempt, toReservation, type AttemptRow } from './mapping.ts';

export function openAttempts(connection: Connection): Attempts {
  const { db } = connection;
  const findReservation = prepareFindReservation(db);
  const insert = db.prepare<[number, number, string, string, string, string, string]>(
    `INSERT INTO attempts (slot_no, n, hash, kind, max_fee_per_gas, max_priority_fee_per_gas, bytes)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const selectAll = db.prepare<[string, string, number], AttemptRow>(ATTEMPTS_SQL);
  const selectAccount = db.prepare<[string], number>('SELECT no FROM lanes WHERE lane = ?').pluck();

  return {
    async keep(attempt, allowed) {
      const { accountId, hash, kind, maxFeePerGas, maxPriorityFeePerGas, bytes } = attempt;
      const states: readonly string[] = allowed;
      const kept = await connection.write(() => {
        const found = findReservation(accountId, attempt);
        if (found === null) return 'unknown account';
        const { reservationRow } = found;
        if (reservationRow === null || !states.includes(reservationRow.state)) return false;
        if (reservationRow.nonce !== attempt.nonce) return { nonce: reservationRow.nonce };
        const { hashes } = toReservation(reservationRow);
        const { reservation_no: reservationNo } = reservationRow;
        if (!hashes.includes(hash))
          insert.run(reservationNo, hashes.length + 1, hash, kind, maxFeePerGas, maxPriorityFeePerGas, bytes);
        return true;
      });
      if (kept === 'unknown account') throw new UnknownAccount(accountId);
      if (typeof kept === 'object') throw otherNonce(attempt, kept.nonce);
      return kept;
    },

    async of(accountId, owner) {
      const { orderId, epoch } = owner;
      const rows = await connection.read(() => selectAll.all(accountId, orderId, epoch));
      if (rows.length === 0 && (await connection.read(() => selectAccount.get(accountId))) === undefined) {
        throw new UnknownAccount(accountId);
      }
      return rows.map((row) => toAttempt(accountId, owner, row));
    },
  };
}
