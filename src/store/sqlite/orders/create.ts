import type { OrderStore } from '../../ports.ts';
import type { Connection } from '../connection.ts';
import { ORDER_COLUMNS, toOrder, type OrderRow } from './mapping.ts';

export function prepareCreate(connection: Connection): OrderStore['create'] {
  const { db, clock } = connection;
  const insertOrder = db.prepare<
    [string, number, string, number, number, number, number, string, string | null, string, string]
  >(`INSERT INTO orders
       (id, version, machine_version, status, last_seq, wake_at, created_at, updated_at,
        owner, client_order_id, request_hash, state)
     VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`);
  const insertEntry = db.prepare<[number | bigint, number, string]>(
    'INSERT INTO journal (order_no, seq, entry) VALUES (?, ?, ?)',
  );
  const selectOrder = db.prepare<[string], OrderRow>(`SELECT ${ORDER_COLUMNS} FROM orders WHERE id = ?`);

  return async (order) => {
    const { orderId, createdAt, entry } = order;
    if (entry.seq !== 1) {
      throw new Error(`order ${orderId}: the first entry has seq ${entry.seq}, expected 1`);
    }
    const state = JSON.stringify(order.state);
    const entryJson = JSON.stringify(entry);
    return connection.write(() => {
      const inserted = insertOrder.run(
        orderId,
        order.state.machineVersion,
        order.status,
        entry.seq,
        clock.now(),
        createdAt,
        createdAt,
        order.owner,
        order.clientOrderId,
        order.requestHash,
        state,
      );
      if (inserted.changes === 1) {
        insertEntry.run(inserted.lastInsertRowid, entry.seq, entryJson);
        return { created: true };
      }
      const existing = selectOrder.get(orderId);
      if (existing === undefined) throw new Error(`order ${orderId}: its id is taken and it cannot be read`);
      return { created: false, existing: toOrder(existing) };
    });
  };
}
