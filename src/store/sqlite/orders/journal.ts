import type { Journal } from '../../ports.ts';
import type { Connection } from '../connection.ts';
import { toEntry } from './mapping.ts';

export const READ_SQL = `SELECT entry FROM journal
  WHERE order_no = (SELECT no FROM orders WHERE id = ?) AND seq > ? ORDER BY seq LIMIT ?`;

export const LAST_SEQS_SQL = 'SELECT id, last_seq FROM orders WHERE id IN (SELECT value FROM json_each(?))';

export function openJournal(connection: Connection): Journal {
  const { db } = connection;
  const selectEntries = db.prepare<[string, number, number], string>(READ_SQL).pluck();
  const selectLastSeqs = db.prepare<[string], { id: string; last_seq: number }>(LAST_SEQS_SQL);

  return {
    async read(orderId, after, limit) {
      const entries = await connection.read(() => selectEntries.all(orderId, after, limit));
      return entries.map(toEntry);
    },

    async lastSeqs(orderIds) {
      const rows = await connection.read(() => selectLastSeqs.all(JSON.stringify(orderIds)));
      return new Map(rows.map((row) => [row.id, row.last_seq]));
    },
  };
}
