/** Reads an owner's orders. Orders of other owners count as missing. */
import type { OrderStatus } from '../../machines/order/state.ts';
import { afterAhead } from '../errors.ts';
import type { After } from '../protocol/fields.ts';
import type { OrderPageView, OrderView, TransitionsView } from '../protocol/views.ts';
import type { Journal, OrderStore, StoredOrder } from '../store/ports.ts';
import { viewOrder, viewTransition } from './view-order.ts';

export interface ReadDeps {
  /** An order of this owner. @throws FillstreamError order_not_found */
  readonly load: (owner: string, orderId: string) => Promise<StoredOrder>;
  readonly store: Pick<OrderStore, 'list'>;
  readonly journal: Pick<Journal, 'read'>;
  /** Stands before the paths of all links: `` or `/prefix`. */
  readonly linkPrefix: string;
}

export interface ListRequest {
  readonly owner: string;
  readonly status?: OrderStatus;
  readonly clientOrderId?: string;
  readonly limit: number;
  readonly cursor?: string;
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
  /** @throws FillstreamError order_not_found, after_ahead */
  transitions(request: TransitionsRequest): Promise<TransitionsView>;
}

export function readOrders({ load, store, journal, linkPrefix }: ReadDeps): ReadOrders {
  return {
    one: async (owner, orderId) => viewOrder(await load(owner, orderId), linkPrefix),

    list: async (request) => {
      const { orders, nextCursor } = await store.list(request);
      const next = nextCursor === null ? null : `${linkPrefix}${pagePath(request, nextCursor)}`;
      return { orders: orders.map((order) => viewOrder(order, linkPrefix)), nextCursor, links: { next } };
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

function pagePath({ status, clientOrderId, limit }: ListRequest, cursor: string): string {
  const query = new URLSearchParams({ limit: String(limit), cursor });
  if (status !== undefined) query.set('status', status);
  if (clientOrderId !== undefined) query.set('clientOrderId', clientOrderId);
  return `/api/orders?${query.toString()}`;
}
