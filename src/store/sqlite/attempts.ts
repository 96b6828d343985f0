import { otherNonce } from '../ledger-defects.ts';
import { UnknownLane, type Attempts } from '../ledger.ts';
import type { Connection } from './connection.ts';
import { toSlot, type AttemptRow } from './ledger-rows.ts';
import { selectSlotOf } from './slot-of.ts';

export const ATTEMPTS_SQL = `SELECT nonce, hash, kind, max_fee_per_gas, max_priority_fee_per_gas, bytes
  FROM lanes JOIN slots ON slots.lane_no = lanes.no JOIN attempts ON attempts.slot_no = slots.no
  WHERE lane = ? AND order_id = ? AND epoch = ? ORDER BY n`;

export function sqliteAttempts(connection: Connection): Attempts {
  const { db } = connection;
  const slotOf = selectSlotOf(db);
  const insert = db.prepare<[number, number, string, string, string, string, string]>(
    `INSERT INTO attempts (slot_no, n, hash, kind, max_fee_per_gas, max_priority_fee_per_gas, bytes)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const selectAll = db.prepare<[string, string, number], AttemptRow>(ATTEMPTS_SQL);
  const selectLane = db.prepare<[string], number>('SELECT no FROM lanes WHERE lane = ?').pluck();

  return {
    async keep(attempt, allowed) {
      const { lane, hash, kind, maxFeePerGas, maxPriorityFeePerGas, bytes } = attempt;
      const states: readonly string[] = allowed;
      const kept = await connection.write(() => {
        const found = slotOf(lane, attempt);
        if (found === null) return 'no lane';
        const { slotRow } = found;
        if (slotRow === null) return false;
        if (!states.includes(slotRow.state)) return false;
        if (slotRow.nonce !== attempt.nonce) return { nonce: slotRow.nonce };
        const { hashes } = toSlot(slotRow);
        if (!hashes.includes(hash)) {
          insert.run(
            slotRow.slot_no,
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
      if (kept === 'no lane') throw new UnknownLane(lane);
      if (typeof kept === 'object') throw otherNonce(attempt, kept.nonce);
      return kept;
    },

    async of(lane, { orderId, epoch }) {
      const rows = await connection.read(() => selectAll.all(lane, orderId, epoch));
      if (rows.length === 0 && (await connection.read(() => selectLane.get(lane))) === undefined) {
        throw new UnknownLane(lane);
      }
      return rows.map((row) => ({
        lane,
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
