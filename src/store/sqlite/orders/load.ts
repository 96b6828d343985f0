import type { OrderStore } from '../../ports.ts';
import type { Connection } from '../connection.ts';
import { ORDER_COLUMNS, toOrder, type OrderRow } from './mapping.ts';

export function prepareLoad(connection: Connection): OrderStore['load'] {
  const select = connection.db.prepare<[string], OrderRow>(
    `SELECT ${ORDER_COLUMNS} FROM orders WHERE id = ?`,
  );

  return async (orderId) => {
    const row = await connection.read(() => select.get(orderId));
    return row === undefined ? null : toOrder(row);
  };
}
