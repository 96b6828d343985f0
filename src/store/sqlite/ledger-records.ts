import { UnknownLane, type Attempt, type Lane, type Slot } from '../ledger.ts';
import type { LaneRecord, LedgerRecords, SettledRecord, SlotRecord } from '../ledger-records.ts';
import type { Connection } from './connection.ts';
import { READ_LANE_SQL, toLane, type LaneSlotRow } from './lanes.ts';
import { SLOT_COLUMNS, toSlot, type AttemptRow, type SlotRow } from './ledger-rows.ts';

type SettledRow = SlotRow & { readonly lane: string };

export function sqliteLedgerRecords(connection: Connection): LedgerRecords {
  const { db } = connection;
  const selectNames = db.prepare<[], string>('SELECT lane FROM lanes ORDER BY lane').pluck();
  const selectLane = db.prepare<[string], LaneSlotRow>(READ_LANE_SQL);
  const selectNo = db.prepare<[string], number>('SELECT no FROM lanes WHERE lane = ?').pluck();
  const selectSettled = db.prepare<[number, number], SettledRow>(
    `SELECT lane, ${SLOT_COLUMNS} FROM slots JOIN lanes ON lanes.no = slots.lane_no
     WHERE slots.no > ? AND nonce < base ORDER BY slots.no LIMIT ?`,
  );
  const selectTaken = db.prepare<[number, number, string, number], SlotRow>(
    `SELECT ${SLOT_COLUMNS} FROM slots WHERE lane_no = ? AND (nonce = ? OR (order_id = ? AND epoch = ?))`,
  );
  const selectAttempts = db.prepare<[string, string, number], AttemptRow>(
    `SELECT nonce, hash, kind, max_fee_per_gas, max_priority_fee_per_gas, bytes
     FROM lanes JOIN slots ON slots.lane_no = lanes.no JOIN attempts ON attempts.slot_no = slots.no
     WHERE lane = ? AND order_id = ? AND epoch = ? ORDER BY n`,
  );
  const insertLane = db.prepare<[string, string, number, number, string | null]>(
    'INSERT INTO lanes (lane, genesis, base, next, halted) VALUES (?, ?, ?, ?, ?)',
  );
  const insertSlot = db.prepare<
    [number | bigint, number, string, number, string, string | null, string | null]
  >(
    'INSERT INTO slots (lane_no, nonce, order_id, epoch, state, spends, outcome) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const insertAttempt = db.prepare<[number | bigint, number, string, string, string, string, string]>(
    `INSERT INTO attempts (slot_no, n, hash, kind, max_fee_per_gas, max_priority_fee_per_gas, bytes)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );

  function attemptsOf(lane: string, { orderId, epoch }: Slot): readonly Attempt[] {
    return selectAttempts.all(lane, orderId, epoch).map((row) => ({
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
  }

  function withAttempts(lane: string, slot: Slot): SlotRecord {
    return { ...slot, attempts: attemptsOf(lane, slot) };
  }

  function toRecord({ open, ...lane }: Lane): LaneRecord {
    return { ...lane, open: open.map((slot) => withAttempts(lane.lane, slot)) };
  }

  function insert(laneNo: number | bigint, slot: SlotRecord): void {
    const { lastInsertRowid: no } = insertSlot.run(
      laneNo,
      slot.nonce,
      slot.orderId,
      slot.epoch,
      slot.state,
      slot.spends === null ? null : JSON.stringify(slot.spends),
      slot.outcome === null ? null : JSON.stringify(slot.outcome),
    );
    for (const [index, each] of slot.attempts.entries()) {
      const { hash, kind, maxFeePerGas, maxPriorityFeePerGas, bytes } = each;
      insertAttempt.run(no, index + 1, hash, kind, maxFeePerGas, maxPriorityFeePerGas, bytes);
    }
  }

  return {
    lanes: () =>
      connection.read(() => selectNames.all().map((lane) => toRecord(toLane(lane, selectLane.all(lane))))),

    settled: (after, limit) =>
      connection.read(() => {
        const rows = selectSettled.all(after === null ? 0 : Number(after), limit);
        const records = rows.map((row): SettledRecord => ({
          lane: row.lane,
          ...withAttempts(row.lane, toSlot(row)),
        }));
        const last = rows.length < limit ? undefined : rows.at(-1);
        return { records, next: last === undefined ? null : String(last.slot_no) };
      }),

    putLane: (record) =>
      connection.write(() => {
        const { lane, genesis, base, open, halted } = record;
        const rows = selectLane.all(lane);
        if (rows.length > 0) return { written: false, existing: toRecord(toLane(lane, rows)) };
        const halt = halted === null ? null : JSON.stringify(halted);
        const { lastInsertRowid: no } = insertLane.run(lane, genesis, base, base + open.length, halt);
        for (const slot of open) insert(no, slot);
        return { written: true };
      }),

    async putSettled(record) {
      const { lane, nonce, orderId, epoch } = record;
      const put = await connection.write(() => {
        const no = selectNo.get(lane);
        if (no === undefined) return null;
        const taken = selectTaken.get(no, nonce, orderId, epoch);
        if (taken !== undefined) {
          return { written: false, existing: { lane, ...withAttempts(lane, toSlot(taken)) } } as const;
        }
        insert(no, record);
        return { written: true } as const;
      });
      if (put === null) throw new UnknownLane(lane);
      return put;
    },
  };
}
