import { parseAmount, printAmount } from '../../../../machines/amount.ts';
import { firstKeptDay, type DayAccount, type DayTotals } from '../../day-totals.ts';
import type { Connection } from '../connection.ts';

export const DAY_TOTAL_SQL = 'SELECT total FROM day_totals WHERE day = ? AND owner = ? AND token = ?';
export const DAY_ADDED_SQL =
  'SELECT 1 FROM day_additions WHERE day = ? AND owner = ? AND token = ? AND id = ?';
export const FORGET_TOTALS_SQL = 'DELETE FROM day_totals WHERE day < ?';
export const FORGET_ADDITIONS_SQL = 'DELETE FROM day_additions WHERE day < ?';

export function openDayTotals(connection: Connection): DayTotals {
  const { db } = connection;
  const selectTotal = db.prepare<[string, string, string], string>(DAY_TOTAL_SQL).pluck();
  const selectAdded = db.prepare<[string, string, string, string], number>(DAY_ADDED_SQL).pluck();
  const setTotal = db.prepare<[string, string, string, string]>(
    `INSERT INTO day_totals (day, owner, token, total) VALUES (?, ?, ?, ?)
     ON CONFLICT (day, owner, token) DO UPDATE SET total = excluded.total`,
  );
  const insertAdded = db.prepare<[string, string, string, string]>(
    'INSERT INTO day_additions (day, owner, token, id) VALUES (?, ?, ?, ?)',
  );
  const forget = [FORGET_TOTALS_SQL, FORGET_ADDITIONS_SQL].map((sql) => db.prepare<[string]>(sql));

  const selectAll = db.prepare<[], DayAccount & { readonly total: string }>(
    'SELECT owner, token, day, total FROM day_totals',
  );

  return {
    total: ({ owner, token, day }) =>
      connection.read(() => parseAmount(selectTotal.get(day, owner, token) ?? '0')),

    all: () =>
      connection.read(() => selectAll.all().map((row) => ({ ...row, total: parseAmount(row.total) }))),

    add: ({ owner, token, day }, { id, amount, most }) =>
      connection.write(() => {
        const before = parseAmount(selectTotal.get(day, owner, token) ?? '0');
        if (selectAdded.get(day, owner, token, id) !== undefined) return { isAdded: true, total: before };
        const total = before + amount;
        if (total > most) return { isAdded: false, total: before };
        for (const old of forget) old.run(firstKeptDay(day));
        insertAdded.run(day, owner, token, id);
        setTotal.run(day, owner, token, printAmount(total));
        return { isAdded: true, total };
      }),
  };
}
