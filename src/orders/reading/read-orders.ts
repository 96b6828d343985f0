/** Reads an owner's orders. Orders of other owners count as missing. */
import type { OrderStatus } from '../../../machines/order/state.ts';
import { afterAhead } from '../../errors.ts';
import type { After } from '../../protocol/fields.ts';
import type { ListQuery } from '../../protocol/requests.ts';
import type { OrderCountsView, OrderPageView, OrderView, TransitionsView } from '../../protocol/views.ts';
import type { TokenNames } from '../../settings/token-names.ts';
import type { Journal, OrderFilter, OrderStore, StoredOrder } from '../../store/ports.ts';
import { pairSearch, searchOf } from './search-orders.ts';
import { viewOrder, viewTransition } from './view-order.ts';

export interface ReadDeps {
  /** An order of this owner. @throws FillstreamError order_not_found */
  readonly load: (owner: string, orderId: string) => Promise<StoredOrder>;
  readonly store: Pick<OrderStore, 'list' | 'counts'>;
  readonly tokens: TokenNames;
  readonly journal: Pick<Journal, 'read'>;
  /** Stands before the paths of all links: `` or `/prefix`. */
  readonly linkPrefix: string;
}

/** `query`: `q`, `pair` and `clientOrderId` exclude one another. */
export interface ListRequest {
  readonly owner: string;
  readonly query: ListQuery;
}

export interface TransitionsRequest {
  readonly owner: string;
  readonly orderId: string;
  /** `latest`: returns no entries, only where the journal ends. */
  readonly after: After;
  readonly limit: number;
}

/** All methods throw StoreUnavailable. */
export interface ReadOrders {
  /** @throws FillstreamError order_not_found */
  one(owner: string, orderId: string): Promise<OrderView>;
  /** @throws InvalidCursor */
  list(request: ListRequest): Promise<OrderPageView>;
  counts(owner: string): Promise<OrderCountsView>;
  /** @throws FillstreamError order_not_found, after_ahead */
  transitions(request: TransitionsRequest): Promise<TransitionsView>;
}

export function readOrders({ load, store, journal, tokens, linkPrefix }: ReadDeps): ReadOrders {
  return {
    one: async (owner, orderId) => viewOrder(await load(owner, orderId), linkPrefix),

    list: async ({ owner, query }) => {
      const { orders, nextCursor, isIncomplete } = await store.list(filterOf(owner, query, tokens));
      const next = nextCursor === null ? null : `${linkPrefix}${pagePath(query, nextCursor)}`;
      return {
        orders: orders.map((order) => viewOrder(order, linkPrefix)),
        nextCursor,
        ...(isIncomplete === undefined ? {} : { incomplete: isIncomplete }),
        links: { next },
      };
    },

    counts: async (owner) => {
      const { counts, at } = await store.counts(owner);
      const ordersIn = (status: OrderStatus) =>
        counts.reduce((sum, each) => (each.status === status ? sum + each.orders : sum), 0);
      const reasons = counts.flatMap(({ status, code, orders }) =>
        code === null || orders === 0 ? [] : [{ status, code, orders }],
      );
      return {
        at: new Date(at).toISOString(),
        total: counts.reduce((sum, { orders }) => sum + orders, 0),
        byStatus: {
          pending: ordersIn('pending'),
          routing: ordersIn('routing'),
          building: ordersIn('building'),
          submitted: ordersIn('submitted'),
          confirmed: ordersIn('confirmed'),
          failed: ordersIn('failed'),
          cancelled: ordersIn('cancelled'),
        },
        reasons: reasons.sort((a, b) => b.orders - a.orders || (a.code < b.code ? -1 : 1)),
      };
    },

    transitions: async ({ owner, orderId, after, limit }) => {
      const order = await load(owner, orderId);
      const from = after === 'latest' ? order.lastSeq : after;
      if (from > order.lastSeq) throw afterAhead(orderId, from, order.lastSeq);
      const entries = await journal.read(orderId, from, limit);
      const nextAfter = entries.at(-1)?.seq ?? from;
      // The journal may have grown between the two reads.
      const lastSeq = Math.max(order.lastSeq, nextAfter);
      return {
        orderId,
        status: order.status,
        lastSeq,
        transitions: entries.map(viewTransition),
        nextAfter,
        links: {
          next:
            nextAfter < lastSeq
              ? `${linkPrefix}/api/orders/${orderId}/transitions?after=${nextAfter}&limit=${limit}`
              : null,
        },
      };
    },
  };
}

function filterOf(owner: string, query: ListQuery, tokens: TokenNames): OrderFilter {
  const { status, clientOrderId, q, pair, since, until, sort, limit, cursor } = query;
  return {
    owner,
    limit,
    ...(status === undefined ? {} : { status }),
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
    ...(q === undefined ? {} : { search: searchOf(q, tokens) }),
    ...(pair === undefined ? {} : { search: pairSearch(pair.sellToken, pair.buyToken, tokens) }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(sort === undefined ? {} : { first: sort }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function pagePath({ pair, since, until, ...query }: ListQuery, cursor: string): string {
  const all = {
    ...query,
    cursor,
    ...(pair === undefined ? {} : { pair: `${pair.sellToken}/${pair.buyToken}` }),
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  };
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(all)) search.set(name, String(value));
  return `/api/orders?${search.toString()}`;
}
