import { UnknownAccount, type NonceReservation, type SignerAccount } from '../../ledger.ts';
import type { AccountRecord, LedgerRecords, SettledRecord, ReservationRecord } from '../../ledger-records.ts';
import type { Connection } from '../connection.ts';
import {
  ATTEMPTS_SQL,
  READ_ACCOUNT_SQL,
  RESERVATION_COLUMNS,
  toAccount,
  toAttempt,
  toReservation,
  type AccountReservationRow,
  type AttemptRow,
  type ReservationRow,
} from './mapping.ts';

type SettledRow = ReservationRow & { readonly account_id: string };

export function openLedgerRecords(connection: Connection): LedgerRecords {
  const { db } = connection;
  const selectIds = db.prepare<[], string>('SELECT lane FROM lanes ORDER BY lane').pluck();
  const selectAccount = db.prepare<[string], AccountReservationRow>(READ_ACCOUNT_SQL);
  const selectNo = db.prepare<[string], number>('SELECT no FROM lanes WHERE lane = ?').pluck();
  const selectSettled = db.prepare<[number, number], SettledRow>(
    `SELECT lane AS account_id, ${RESERVATION_COLUMNS} FROM slots JOIN lanes ON lanes.no = slots.lane_no
     WHERE slots.no > ? AND nonce < base ORDER BY slots.no LIMIT ?`,
  );
  const selectTaken = db.prepare<[number, number, string, number], ReservationRow>(
    `SELECT ${RESERVATION_COLUMNS} FROM slots WHERE lane_no = ? AND (nonce = ? OR (order_id = ? AND epoch = ?))`,
  );
  const selectAttempts = db.prepare<[string, string, number], AttemptRow>(ATTEMPTS_SQL);
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

  function withAttempts(accountId: string, reservation: NonceReservation): ReservationRecord {
    const rows = selectAttempts.all(accountId, reservation.orderId, reservation.epoch);
    return { ...reservation, attempts: rows.map((row) => toAttempt(accountId, reservation, row)) };
  }

  function toRecord({ open, ...account }: SignerAccount): AccountRecord {
    return { ...account, open: open.map((reservation) => withAttempts(account.accountId, reservation)) };
  }

  function insert(accountNo: number | bigint, reservation: ReservationRecord): void {
    const { lastInsertRowid: reservationNo } = insertReservation.run(
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
      insertAttempt.run(reservationNo, index + 1, hash, kind, maxFeePerGas, maxPriorityFeePerGas, bytes);
    }
  }

  return {
    accounts: () =>
      connection.read(() =>
        selectIds.all().map((accountId) => toRecord(toAccount(accountId, selectAccount.all(accountId)))),
      ),

    settled: (after, limit) =>
      connection.read(() => {
        const rows = selectSettled.all(after === null ? 0 : Number(after), limit);
        const records = rows.map((row): SettledRecord => ({
          accountId: row.account_id,
          ...withAttempts(row.account_id, toReservation(row)),
        }));
        const last = rows.length < limit ? undefined : rows.at(-1);
        return { records, next: last === undefined ? null : String(last.reservation_no) };
      }),

    putAccount: (record) =>
      connection.write(() => {
        const { accountId, genesis, base, open, halted } = record;
        const rows = selectAccount.all(accountId);
        if (rows.length > 0) return { written: false, existing: toRecord(toAccount(accountId, rows)) };
        const halt = halted === null ? null : JSON.stringify(halted);
        const { lastInsertRowid: accountNo } = insertAccount.run(
          accountId,
          genesis,
          base,
          base + open.length,
          halt,
        );
        for (const reservation of open) insert(accountNo, reservation);
        return { written: true };
      }),

    async putSettled(record) {
      const { accountId, nonce, orderId, epoch } = record;
      const put = await connection.write(() => {
        const accountNo = selectNo.get(accountId);
        if (accountNo === undefined) return null;
        const taken = selectTaken.get(accountNo, nonce, orderId, epoch);
        if (taken !== undefined) {
          return {
            written: false,
            existing: { accountId, ...withAttempts(accountId, toReservation(taken)) },
          } as const;
        }
        insert(accountNo, record);
        return { written: true } as const;
      });
      if (put === null) throw new UnknownAccount(accountId);
      return put;
    },
  };
}
