import type { OrderStore } from '../../ports.ts';
import { orderCommit } from './commit.ts';
import type { Connection } from '../connection.ts';
import { orderCreation } from './create.ts';
import { orderList } from './list.ts';
import { ORDER_COLUMNS, toOrder, type OrderRow } from './rows.ts';

/** Served from an index that holds open orders only: the ended ones cost nothing. */
export const COUNT_OPEN_SQL = 'SELECT count(*) FROM orders INDEXED BY orders_open WHERE ended_at IS NULL';

export function openOrderStore(connection: Connection): OrderStore {
  const { db } = connection;
  const selectOrder = db.prepare<[string], OrderRow>(`SELECT ${ORDER_COLUMNS} FROM orders WHERE id = ?`);
  const countOpen = db.prepare<[], number>(COUNT_OPEN_SQL).pluck();

  return {
    create: orderCreation(connection),
    commit: orderCommit(connection),
    list: orderList(connection),

    async load(orderId) {
      const row = await connection.read(() => selectOrder.get(orderId));
      return row === undefined ? null : toOrder(row);
    },

    countOpen: () => connection.read(() => countOpen.get() ?? 0),
  };
}
