import { noSlot } from '../ledger-defects.ts';
import { UnknownLane, type Closing, type SlotOwner, type Slots, type Taken } from '../ledger.ts';
import type { Connection } from './connection.ts';
import { selectSlotOf } from './slot-of.ts';
import { toHalt, toSlot } from './ledger-rows.ts';

/** The lane now begins at its first slot that is not closed. */
export const SHED_SQL = `UPDATE lanes SET base = coalesce(
    (SELECT min(nonce) FROM slots WHERE lane_no = lanes.no AND nonce >= lanes.base AND state <> 'closed'),
    next)
  WHERE no = ?`;

export function sqliteSlots(connection: Connection): Slots {
  const { db } = connection;
  const slotOf = selectSlotOf(db);
  const insert = db.prepare<[number, number, string, number, string | null]>(
    `INSERT INTO slots (lane_no, nonce, order_id, epoch, state, spends) VALUES (?, ?, ?, ?, 'reserved', ?)`,
  );
  const lengthen = db.prepare<[number]>('UPDATE lanes SET next = next + 1 WHERE no = ?');
  const setState = db.prepare<[string, number]>('UPDATE slots SET state = ? WHERE no = ?');
  const setClosed = db.prepare<[string, number]>(
    `UPDATE slots SET state = 'closed', outcome = ? WHERE no = ? AND state <> 'closed'`,
  );
  const shed = db.prepare<[number]>(SHED_SQL);

  return {
    async take(lane, owner, { window, spends }) {
      const { orderId, epoch } = owner;
      const spendsJson =
        spends === null ? null : JSON.stringify({ token: spends.token, amount: spends.amount });
      const taken = await connection.write((): Taken | null => {
        const found = slotOf(lane, owner);
        if (found === null) return null;
        const { laneRow, slotRow } = found;
        if (slotRow !== null) return { outcome: 'taken', slot: toSlot(slotRow) };
        if (laneRow.halted !== null) return { outcome: 'halted', halt: toHalt(laneRow.halted) };
        if (laneRow.next - laneRow.base >= window) return { outcome: 'full' };
        const nonce = laneRow.next;
        insert.run(laneRow.lane_no, nonce, orderId, epoch, spendsJson);
        lengthen.run(laneRow.lane_no);
        const slot = { orderId, epoch, nonce, state: 'reserved', hashes: [], spends, outcome: null } as const;
        return { outcome: 'taken', slot };
      });
      if (taken === null) throw new UnknownLane(lane);
      return taken;
    },

    async find(lane, owner) {
      const found = await connection.read(() => slotOf(lane, owner));
      if (found === null) throw new UnknownLane(lane);
      return found.slotRow === null ? null : toSlot(found.slotRow);
    },

    async move(lane, owner, from, to) {
      const moved = await connection.write(() => {
        const found = slotOf(lane, owner);
        if (found === null) return null;
        const { slotRow } = found;
        if (slotRow?.state === from) setState.run(to, slotRow.slot_no);
        return slotRow?.state === from || slotRow?.state === to;
      });
      if (moved === null) throw new UnknownLane(lane);
      return moved;
    },

    async close(lane, closings) {
      const unknown = await connection.write(() => {
        const missing: SlotOwner[] = [];
        let closedIn: number | null = null;
        for (const closing of closings) {
          const found = slotOf(lane, closing);
          if (found === null) return null;
          const { laneRow, slotRow } = found;
          if (slotRow === null) missing.push(closing);
          else if (setClosed.run(outcomeJson(closing), slotRow.slot_no).changes === 1)
            closedIn = laneRow.lane_no;
        }
        if (closedIn !== null) shed.run(closedIn);
        return missing;
      });
      if (unknown === null) throw new UnknownLane(lane);
      const [first] = unknown;
      if (first !== undefined) throw noSlot(lane, first);
    },
  };
}

function outcomeJson({ outcome: { hash, kind, status, block } }: Closing): string {
  return JSON.stringify({ hash, kind, status, block });
}
