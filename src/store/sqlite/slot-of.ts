import type Database from 'better-sqlite3';
import type { SlotOwner } from '../ledger.ts';
import { LANE_COLUMNS, SLOT_COLUMNS, type LaneRow, type SlotRow } from './ledger-rows.ts';

export const SLOT_OF_SQL = `SELECT ${LANE_COLUMNS}, ${SLOT_COLUMNS}
  FROM lanes LEFT JOIN slots ON order_id = ? AND epoch = ? AND slots.lane_no = lanes.no
  WHERE lane = ?`;

export interface FoundSlot {
  readonly laneRow: LaneRow;
  /** Null: this owner never had one. */
  readonly slotRow: SlotRow | null;
}

/** Reads a lane with an owner's slot, open or closed; null: the lane was never opened. */
export type SlotOf = (lane: string, owner: SlotOwner) => FoundSlot | null;

export function selectSlotOf(db: Database.Database): SlotOf {
  const select = db.prepare<[string, number, string], LaneRow & (SlotRow | { readonly nonce: null })>(
    SLOT_OF_SQL,
  );
  return (lane, { orderId, epoch }) => {
    const row = select.get(orderId, epoch, lane);
    return row === undefined ? null : { laneRow: row, slotRow: row.nonce === null ? null : row };
  };
}
