import { OtherChain, UnknownLane, type Lane, type Lanes } from '../ledger.ts';
import type { Connection } from './connection.ts';
import { LANE_COLUMNS, SLOT_COLUMNS, toHalt, toSlot, type LaneRow, type SlotRow } from './ledger-rows.ts';

/** A lane with its open slots; one row without a slot where none is open. */
export const READ_LANE_SQL = `SELECT ${LANE_COLUMNS}, ${SLOT_COLUMNS}
  FROM lanes LEFT JOIN slots ON slots.lane_no = lanes.no AND nonce >= base
  WHERE lane = ? ORDER BY nonce`;

export type LaneSlotRow = LaneRow & (SlotRow | { readonly nonce: null });

export function sqliteLanes(connection: Connection): Lanes {
  const { db } = connection;
  const insert = db.prepare<{ lane: string; genesis: string; base: number }>(
    `INSERT INTO lanes (lane, genesis, base, next) VALUES (@lane, @genesis, @base, @base)
     ON CONFLICT (lane) DO NOTHING`,
  );
  const select = db.prepare<[string], LaneSlotRow>(READ_LANE_SQL);
  const setHalted = db.prepare<[string | null, string]>('UPDATE lanes SET halted = ? WHERE lane = ?');

  return {
    async open(lane, genesis, base) {
      const rows = await connection.write(() => {
        insert.run({ lane, genesis, base });
        return select.all(lane);
      });
      const stored = toLane(lane, rows);
      if (stored.genesis !== genesis) throw new OtherChain(lane, stored.genesis, genesis);
      return stored;
    },

    async read(lane) {
      return toLane(lane, await connection.read(() => select.all(lane)));
    },

    async halt(lane, halt) {
      const halted = halt === null ? null : JSON.stringify({ code: halt.code, message: halt.message });
      const { changes } = await connection.write(() => setHalted.run(halted, lane));
      if (changes === 0) throw new UnknownLane(lane);
    },
  };
}

export function toLane(lane: string, rows: readonly LaneSlotRow[]): Lane {
  const [first] = rows;
  if (first === undefined) throw new UnknownLane(lane);
  return {
    lane,
    genesis: first.genesis,
    base: first.base,
    open: rows.flatMap((row) => (row.nonce === null ? [] : [toSlot(row)])),
    halted: first.halted === null ? null : toHalt(first.halted),
  };
}
