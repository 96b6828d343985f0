import { UnknownAccount, type Attempt, type SignerAccount, type NonceReservation } from '../../ledger.ts';
import type { AccountRecord, LedgerRecords, SettledRecord, ReservationRecord } from '../../ledger-records.ts';
import type { Connection } from '../connection.ts';
import { READ_ACCOUNT_SQL, toAccount, type AccountReservationRow } from './accounts.ts';
import { RESERVATION_COLUMNS, toReservation, type AttemptRow, type ReservationRow } from './rows.ts';

type SettledRow = ReservationRow & { readonly lane: string };

export function openLedgerRecords(connection: Connection): LedgerRecords {
  const { db } = connection;
  const selectNames = db.prepare<[], string>('SELECT lane FROM lanes ORDER BY lane').pluck();
  const selectAccount = db.prepare<[string], AccountReservationRow>(READ_ACCOUNT_SQL);
  const selectNo = db.prepare<[string], number>('SELECT no FROM lanes WHERE lane = ?').pluck();
  const selectSettled = db.prepare<[number, number], SettledRow>(
    `SELECT lane, ${RESERVATION_COLUMNS} FROM slots JOIN lanes ON lanes.no = slots.lane_no
     WHERE slots.no > ? AND nonce < base ORDER BY slots.no LIMIT ?`,
  );
  const selectTaken = db.prepare<[number, number, string, number], ReservationRow>(
    `SELECT ${RESERVATION_COLUMNS} FROM slots WHERE lane_no = ? AND (nonce = ? OR (order_id = ? AND epoch = ?))`,
  );
  const selectAttempts = db.prepare<[string, string, number], AttemptRow>(
    `SELECT nonce, hash, kind, max_fee_per_gas, max_priority_fee_per_gas, bytes
     FROM lanes JOIN slots ON slots.lane_no = lanes.no JOIN attempts ON attempts.slot_no = slots.no
     WHERE lane = ? AND order_id = ? AND epoch = ? ORDER BY n`,
  );
  const insertAccount = db.prepare<[string, string, number, number, string | null]>(
    'INSERT INTO lanes (lane, genesis, base, next, halted) VALUES (?, ?, ?, ?, ?)',
  );
  const insertReservation = db.prepare<
    [number | bigint, number, string, number, string, string | null, string | null]
  >(
    'INSERT INTO slots (lane_no, nonce, order_id, epoch, state, spends, outcome) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const insertAttempt = db.prepare<[number | bigint, number, string, string, string, string, string]>(
    `INSERT INTO attempts (slot_no, n, hash, kind, max_fee_per_gas, max_priority_fee_per_gas, bytes)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );

  function attemptsOf(accountId: string, { orderId, epoch }: NonceReservation): readonly Attempt[] {
    return selectAttempts.all(accountId, orderId, epoch).map((row) => ({
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
  }

  function withAttempts(accountId: string, reservation: NonceReservation): ReservationRecord {
    return { ...reservation, attempts: attemptsOf(accountId, reservation) };
  }

  function toRecord({ open, ...account }: SignerAccount): AccountRecord {
    return { ...account, open: open.map((reservation) => withAttempts(account.accountId, reservation)) };
  }

  function insert(accountNo: number | bigint, reservation: ReservationRecord): void {
    const { lastInsertRowid: no } = insertReservation.run(
      accountNo,
      reservation.nonce,
      reservation.orderId,
      reservation.epoch,
      reservation.state,
      reservation.spends === null ? null : JSON.stringify(reservation.spends),
      reservation.outcome === null ? null : JSON.stringify(reservation.outcome),
    );
    for (const [index, each] of reservation.attempts.entries()) {
      const { hash, kind, maxFeePerGas, maxPriorityFeePerGas, bytes } = each;
      insertAttempt.run(no, index + 1, hash, kind, maxFeePerGas, maxPriorityFeePerGas, bytes);
    }
  }

  return {
    accounts: () =>
      connection.read(() =>
        selectNames.all().map((accountId) => toRecord(toAccount(accountId, selectAccount.all(accountId)))),
      ),

    settled: (after, limit) =>
      connection.read(() => {
        const rows = selectSettled.all(after === null ? 0 : Number(after), limit);
        const records = rows.map((row): SettledRecord => ({
          accountId: row.lane,
          ...withAttempts(row.lane, toReservation(row)),
        }));
        const last = rows.length < limit ? undefined : rows.at(-1);
        return { records, next: last === undefined ? null : String(last.slot_no) };
      }),

    putAccount: (record) =>
      connection.write(() => {
        const { accountId, genesis, base, open, halted } = record;
        const rows = selectAccount.all(accountId);
        if (rows.length > 0) return { written: false, existing: toRecord(toAccount(accountId, rows)) };
        const halt = halted === null ? null : JSON.stringify(halted);
        const { lastInsertRowid: no } = insertAccount.run(accountId, genesis, base, base + open.length, halt);
        for (const reservation of open) insert(no, reservation);
        return { written: true };
      }),

    async putSettled(record) {
      const { accountId, nonce, orderId, epoch } = record;
      const put = await connection.write(() => {
        const no = selectNo.get(accountId);
        if (no === undefined) return null;
        const taken = selectTaken.get(no, nonce, orderId, epoch);
        if (taken !== undefined) {
          return {
            written: false,
            existing: { accountId, ...withAttempts(accountId, toReservation(taken)) },
          } as const;
        }
        insert(no, record);
        return { written: true } as const;
      });
      if (put === null) throw new UnknownAccount(accountId);
      return put;
    },
  };
}
