/**
 * What changed, by the numbers of the journal's rows. A file has one writer at a time, so these grow in the order of the commits, over
 * all processes. A token names the last row, with the entry that is in it: a number of another file is not taken for one of this.
 */
import type { Changes, ChangedOrder } from '../../changes.ts';
import type { Connection } from '../connection.ts';

/** Read in one go, which holds up the process: tens of milliseconds. */
const MOST_ENTRIES = 20_000;

interface Row {
  readonly no: number;
  readonly id: string;
  readonly seq: number;
}

const NO_ENTRIES: Row = { no: 0, id: '', seq: 0 };

const ROW_COLUMNS = 'journal.no, orders.id, journal.seq';
export const LAST_ROW_SQL = `SELECT ${ROW_COLUMNS} FROM journal JOIN orders ON orders.no = journal.order_no
  WHERE journal.no = (SELECT max(no) FROM journal)`;
export const ROW_SQL = `SELECT ${ROW_COLUMNS} FROM journal JOIN orders ON orders.no = journal.order_no WHERE journal.no = ?`;

export const CHANGED_SQL = `SELECT orders.id AS orderId, orders.owner, min(journal.seq) - 1 AS after, orders.last_seq AS lastSeq
  FROM journal CROSS JOIN orders ON orders.no = journal.order_no
  WHERE journal.no > ? AND journal.no <= ? AND orders.owner IN (SELECT value FROM json_each(?))
  GROUP BY journal.order_no`;

export const OPEN_ORDERS_SQL = `SELECT id, last_seq FROM orders INDEXED BY orders_open
  WHERE owner = ? AND ended_at IS NULL`;

export function openChanges(connection: Connection): Changes {
  const { db } = connection;
  const selectLast = db.prepare<[], Row>(LAST_ROW_SQL);
  const selectRow = db.prepare<[number], Row>(ROW_SQL);
  const selectChanged = db.prepare<[number, number, string], ChangedOrder>(CHANGED_SQL);
  const selectOpen = db.prepare<[string], { id: string; last_seq: number }>(OPEN_ORDERS_SQL);

  return {
    now: () => connection.read(() => encode(selectLast.get() ?? NO_ENTRIES)),

    since: (token, owners) =>
      connection.read(() => {
        const no = numberIn(token);
        const from = no === 0 ? NO_ENTRIES : no === null ? undefined : selectRow.get(no);
        if (from === undefined || encode(from) !== token) return { outcome: 'unknown' };
        const last = selectLast.get() ?? NO_ENTRIES;
        if (last.no - from.no > MOST_ENTRIES) return { outcome: 'too_old' };
        const orders = last.no === from.no ? [] : selectChanged.all(from.no, last.no, JSON.stringify(owners));
        return { outcome: 'read', orders, token: encode(last) };
      }),

    openOrders: async (owner) => {
      const rows = await connection.read(() => selectOpen.all(owner));
      return new Map(rows.map((row) => [row.id, row.last_seq]));
    },
  };
}

function encode({ no, id, seq }: Row): string {
  return Buffer.from(`s${no}.${id.slice(0, 8)}.${seq}`).toString('base64url');
}

function numberIn(token: string): number | null {
  const parts = /^s(\d{1,15})\./.exec(Buffer.from(token, 'base64url').toString('latin1'));
  return parts === null ? null : Number(parts[1]);
}
