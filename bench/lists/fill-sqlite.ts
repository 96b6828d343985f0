/** Copies the samples' rows without their journals, which are in another table that lists do not read. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { encodeCursor } from '../../src/store/sqlite/orders/cursor.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { FilledStore } from './filled-store.ts';
import { isOpen, namesOf } from './stored-orders.ts';
import type { TemplateOrder } from './template-order.ts';
import { writeSamples } from './write-samples.ts';

interface Row {
  readonly no: number;
  readonly ended_at: number | null;
  readonly wake_at: number | null;
  readonly state: string;
}

/** @param opens which of the orders have not ended */
export async function fillFile(
  file: string,
  template: TemplateOrder,
  stored: number,
  opens: (index: number) => boolean,
): Promise<void> {
  const store = await openSqliteStore({ file });
  const samples = await writeSamples(store, template);
  await store.close();
  const db = new Database(file);
  const take = (orderId: string): Row => {
    const row = db.prepare<[string], Row>('SELECT * FROM orders WHERE id = ?').get(orderId);
    if (row === undefined) throw new Error(`the sample ${orderId} was not stored`);
    db.prepare('DELETE FROM journal WHERE order_no = ?').run(row.no);
    db.prepare('DELETE FROM orders WHERE no = ?').run(row.no);
    return row;
  };
  const ended = take(samples.ended);
  const open = take(samples.open);
  const columns = Object.keys(ended);
  const insert = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO orders (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`,
  );
  db.transaction(() => {
    for (let index = 0; index < stored; index += 1) {
      const { orderId, clientOrderId, createdAt } = namesOf(index, stored);
      const [sampleId, row] = opens(index) ? [samples.open, open] : [samples.ended, ended];
      insert.run({
        ...row,
        no: index + 1,
        id: orderId,
        client_order_id: clientOrderId,
        created_at: createdAt,
        updated_at: createdAt,
        ended_at: row.ended_at === null ? null : createdAt,
        wake_at: row.wake_at === null ? null : createdAt,
        state: row.state.replaceAll(sampleId, orderId),
      });
    }
  })();
  db.close();
}

export async function fillSqlite(template: TemplateOrder, stored: number): Promise<FilledStore> {
  const folder = mkdtempSync(join(tmpdir(), 'fillstream-lists-'));
  const file = join(folder, 'orders.sqlite');
  await fillFile(file, template, stored, (index) => isOpen(index, stored));
  const store = await openSqliteStore({ file });
  return {
    store,
    cursorAfter: (index) => encodeCursor({ createdAt: namesOf(index, stored).createdAt, no: index + 1 }),
    async end() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
