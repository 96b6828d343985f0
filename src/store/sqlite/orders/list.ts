/**
 * Pages of orders, by creation. Each filter has an index in the page's own order, so that a page costs what it shows, not
 * what is stored. An open status is the exception: it is filtered from the open orders, so that moving on writes no index.
 */
import { isFinal } from '../../../../machines/order/state.ts';
import type { OrderFilter, OrderPage, OrderStore } from '../../ports.ts';
import type { Connection } from '../connection.ts';
import { encodeCursor } from './cursor.ts';
import { ORDER_COLUMNS, toOrder } from './mapping.ts';
import { prepareSearch } from './search.ts';
import {
  FIRSTS,
  inSpan,
  spanOf,
  spanOrder,
  type Bound,
  type First,
  type ListedRow,
  type SelectRows,
} from './span.ts';

/** Each query names its index: without statistics SQLite might pick one that has to be filtered or sorted. */
const VARIANTS = {
  all: { index: 'orders_listed', where: '' },
  open: { index: 'orders_open', where: 'AND ended_at IS NULL AND status = @status' },
  ended: { index: 'orders_ended', where: 'AND ended_at IS NOT NULL AND status = @status' },
  clientId: { index: 'orders_of_client_id', where: 'AND client_order_id = @clientOrderId' },
  openClientId: {
    index: 'orders_open_of_client_id',
    where: 'AND ended_at IS NULL AND status = @status AND client_order_id = @clientOrderId',
  },
  endedClientId: {
    index: 'orders_ended_of_client_id',
    where: 'AND ended_at IS NOT NULL AND status = @status AND client_order_id = @clientOrderId',
  },
} as const;

export type ListVariant = keyof typeof VARIANTS;

export const LIST_VARIANTS: readonly ListVariant[] = [
  'all',
  'open',
  'ended',
  'clientId',
  'openClientId',
  'endedClientId',
];

export function listSql(variant: ListVariant, first: First): string {
  const { index, where } = VARIANTS[variant];
  return `SELECT no, ${ORDER_COLUMNS} FROM orders INDEXED BY ${index}
    WHERE owner = @owner ${where} AND ${inSpan(first)} ${spanOrder(first)} LIMIT @limit`;
}

export function prepareList(connection: Connection): OrderStore['list'] {
  const prepared = new Map(
    FIRSTS.flatMap((first) =>
      LIST_VARIANTS.map((variant) => [
        `${variant} ${first}`,
        connection.db.prepare<[Bound], ListedRow>(listSql(variant, first)),
      ]),
    ),
  );

  const selectListed: SelectRows = ({ owner, status, clientOrderId }, { first, ...span }, limit) => {
    const statement = prepared.get(`${variantOf(status, clientOrderId)} ${first}`);
    if (statement === undefined) throw new Error(`no statement lists orders of status ${String(status)}`);
    return statement.all({
      owner,
      ...span,
      limit,
      ...(status === undefined ? {} : { status }),
      ...(clientOrderId === undefined ? {} : { clientOrderId }),
    });
  };
  const selectFound = prepareSearch(connection.db, selectListed);

  return async (filter) => {
    const span = spanOf(filter);
    const select = filter.search === undefined ? selectListed : selectFound;
    // One order more than the page holds shows that there is a next page.
    const rows = await connection.read(() => select(filter, span, filter.limit + 1));
    return toPage(rows, filter.limit);
  };
}

function toPage(rows: readonly ListedRow[], limit: number): OrderPage {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    orders: shown.map(toOrder),
    nextCursor:
      rows.length > limit && last !== undefined
        ? encodeCursor({ createdAt: last.created_at, no: last.no })
        : null,
  };
}

function variantOf(status: OrderFilter['status'], clientOrderId: string | undefined): ListVariant {
  if (status === undefined) return clientOrderId === undefined ? 'all' : 'clientId';
  if (clientOrderId === undefined) return isFinal(status) ? 'ended' : 'open';
  return isFinal(status) ? 'endedClientId' : 'openClientId';
}
