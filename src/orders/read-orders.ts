/** Reads an owner's orders. Orders of other owners count as missing. */
import type { OrderStatus } from '../../machines/order/state.ts';
import { FillstreamError } from '../errors.ts';
import type { After } from '../protocol/fields.ts';
import type { OrderPageView, OrderView, TransitionsView } from '../protocol/views.ts';
import type { Journal, OrderStore } from '../store/ports.ts';
import { loadOwnedOrder } from './owned-order.ts';
import { viewOrder, viewTransition } from './view-order.ts';

export interface ReadDeps {
  readonly store: Pick<OrderStore, 'load' | 'list'>;
  readonly journal: Pick<Journal, 'read'>;
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

export function readOrders({ store, journal }: ReadDeps): ReadOrders {
  return {
    one: async (owner, orderId) => viewOrder(await loadOwnedOrder(store, owner, orderId)),

    list: async (request) => {
      const { orders, nextCursor } = await store.list(request);
      const next = nextCursor === null ? null : pageLink(request, nextCursor);
      return { orders: orders.map(viewOrder), nextCursor, links: { next } };
    },

    transitions: async ({ owner, orderId, after, limit }) => {
      const order = await loadOwnedOrder(store, owner, orderId);
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
              ? `/api/orders/${orderId}/transitions?after=${nextAfter}&limit=${limit}`
              : null,
        },
      };
    },
  };
}

function pageLink({ status, clientOrderId, limit }: ListRequest, cursor: string): string {
  const query = new URLSearchParams({ limit: String(limit), cursor });
  if (status !== undefined) query.set('status', status);
  if (clientOrderId !== undefined) query.set('clientOrderId', clientOrderId);
  return `/api/orders?${query.toString()}`;
}

function afterAhead(orderId: string, after: number, lastSeq: number): FillstreamError {
  return new FillstreamError(
    'after_ahead',
    `after=${after} is ahead of the journal of order ${orderId}: expected at most ${lastSeq}`,
    { lastSeq },
  );
}
