import { otherNonce } from '../../ledger-defects.ts';
import { UnknownAccount, type Attempts } from '../../ledger.ts';
import type { Connection } from '../connection.ts';
import { toReservation, type AttemptRow } from './rows.ts';
import { selectReservationOf } from './find-reservation.ts';

export const ATTEMPTS_SQL = `SELECT nonce, hash, kind, max_fee_per_gas, max_priority_fee_per_gas, bytes
  FROM lanes JOIN slots ON slots.lane_no = lanes.no JOIN attempts ON attempts.slot_no = slots.no
  WHERE lane = ? AND order_id = ? AND epoch = ? ORDER BY n`;

export function openAttempts(connection: Connection): Attempts {
  const { db } = connection;
  const slotOf = selectReservationOf(db);
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
        const found = slotOf(accountId, attempt);
        if (found === null) return 'no account';
        const { reservationRow } = found;
        if (reservationRow === null) return false;
        if (!states.includes(reservationRow.state)) return false;
        if (reservationRow.nonce !== attempt.nonce) return { nonce: reservationRow.nonce };
        const { hashes } = toReservation(reservationRow);
        if (!hashes.includes(hash)) {
          insert.run(
            reservationRow.slot_no,
            hashes.length + 1,
            hash,
            kind,
            maxFeePerGas,
            maxPriorityFeePerGas,
            bytes,
          );
        }
        return true;
      });
      if (kept === 'no account') throw new UnknownAccount(accountId);
      if (typeof kept === 'object') throw otherNonce(attempt, kept.nonce);
      return kept;
    },

    async of(accountId, { orderId, epoch }) {
      const rows = await connection.read(() => selectAll.all(accountId, orderId, epoch));
      if (rows.length === 0 && (await connection.read(() => selectAccount.get(accountId))) === undefined) {
        throw new UnknownAccount(accountId);
      }
      return rows.map((row) => ({
        accountId,
        orderId,
        epoch,
        nonce: row.nonce,
        hash: row.hash,
        kind: row.kind,
        maxFeePerGas: row.max_fee_per_gas,
        maxPriorityFeePerGas: row.max_priority_fee_per_gas,
        bytes: row.bytes,
      }));
    },
  };
}
