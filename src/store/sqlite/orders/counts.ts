/** How many orders an owner has: the ended ones are counted when they end, the open ones when they are asked for. */
import type { OrderStatus } from '../../../../machines/order/state.ts';
import type { OrderStore } from '../../ports.ts';
import type { Connection } from '../connection.ts';

/** One statement: an order that ends meanwhile is counted once. */
export const COUNTS_SQL = `SELECT status, code, orders FROM order_counts WHERE owner = @owner
  UNION ALL
  SELECT status, '', count(*) FROM orders INDEXED BY orders_open WHERE owner = @owner AND ended_at IS NULL GROUP BY status`;

interface CountRow {
  readonly status: OrderStatus;
  readonly code: string;
  readonly orders: number;
}

export function prepareCounts(connection: Connection): OrderStore['counts'] {
  const select = connection.db.prepare<[{ owner: string }], CountRow>(COUNTS_SQL);
  return async (owner) => {
    const rows = await connection.read(() => select.all({ owner }));
    return {
      counts: rows.map(({ status, code, orders }) => ({ status, code: code === '' ? null : code, orders })),
      at: connection.clock.now(),
    };
  };
}
