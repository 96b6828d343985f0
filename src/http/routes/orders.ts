/** Orders over REST: submit, read, list, follow, cancel. */
import { z } from 'zod';
import type { OrderAccess } from '../../edge/order-access.ts';
import type { PublicAddress } from '../../edge/public-address.ts';
import type { CancelOrder } from '../../orders/cancel-order.ts';
import type { ReadInspection } from '../../orders/read-inspection.ts';
import type { ReadOrders } from '../../orders/read-orders.ts';
import type { RetryOrder } from '../../orders/retry-order.ts';
import type { SubmitOrder } from '../../orders/submit-order.ts';
import {
  idempotencyKeySchema,
  listQuerySchema,
  orderPathSchema,
  submissionSchema,
  transitionsQuerySchema,
} from '../../protocol/requests.ts';
import {
  cancelRequestedViewSchema,
  inspectionViewSchema,
  orderCountsViewSchema,
  orderLinks,
  orderPageViewSchema,
  orderViewSchema,
  retryRequestedViewSchema,
  submittedViewSchema,
  transitionsViewSchema,
  type CancelRequestedView,
  type RetryRequestedView,
  type SubmittedView,
} from '../../protocol/views.ts';
import { ANY_HEADERS, getRoute, NO_PARAMETERS, postRoute, type Route } from '../route.ts';

export interface OrderRoutesDeps {
  readonly submitOrder: SubmitOrder;
  readonly cancelOrder: CancelOrder;
  readonly retryOrder: RetryOrder;
  readonly orders: ReadOrders;
  readonly inspection: ReadInspection;
  readonly access: Pick<OrderAccess, 'ownerOf'>;
  readonly address: PublicAddress;
}

export function orderRoutes(deps: OrderRoutesDeps): readonly Route[] {
  const { submitOrder, cancelOrder, retryOrder, orders, inspection, access, address } = deps;
  return [
    postRoute({
      path: '/api/orders/execute',
      summary: 'Submit an order',
      params: NO_PARAMETERS,
      // Node joins a repeated header with a comma and a space, which no key holds.
      headers: z.object({ 'idempotency-key': idempotencyKeySchema.optional() }),
      body: submissionSchema,
      answers: { 201: submittedViewSchema, 200: submittedViewSchema },
      errors: [
        'unknown_token',
        'limit_per_order',
        'limit_per_day',
        'token_not_allowed',
        'recipient_not_allowed',
        'idempotency_key_reused',
        'too_many_orders',
        'store_unavailable',
      ],
      handle: async ({ headers, body: submission, sentBody: body }, req) => {
        const idempotencyKey = headers['idempotency-key'] ?? null;
        const owner = access.ownerOf(req);
        const { created, order } = await submitOrder({ owner, idempotencyKey, body, submission });
        const { orderId, status } = order;
        const links = orderLinks(orderId, address.prefix);
        const view: SubmittedView = { orderId, status, wsUrl: address.webSocketUrl(req, orderId), links };
        return { status: created ? 201 : 200, body: view, headers: { Location: links.self } };
      },
    }),

    getRoute({
      path: '/api/orders',
      summary: 'List and search orders',
      params: NO_PARAMETERS,
      query: listQuerySchema,
      answers: { 200: orderPageViewSchema },
      errors: ['store_unavailable'],
      handle: async ({ query }, req) => ({
        status: 200,
        body: await orders.list({ owner: access.ownerOf(req), query }),
      }),
    }),

    getRoute({
      path: '/api/orders/counts',
      summary: 'Count orders by status and reason',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      answers: { 200: orderCountsViewSchema },
      errors: ['store_unavailable'],
      handle: async (_, req) => ({ status: 200, body: await orders.counts(access.ownerOf(req)) }),
    }),

    getRoute({
      path: '/api/orders/:orderId',
      summary: 'Read an order',
      params: orderPathSchema,
      query: NO_PARAMETERS,
      answers: { 200: orderViewSchema },
      errors: ['order_not_found', 'store_unavailable'],
      handle: async ({ params: { orderId } }, req) => ({
        status: 200,
        body: await orders.one(access.ownerOf(req), orderId),
      }),
    }),

    getRoute({
      path: '/api/orders/:orderId/transitions',
      summary: "Read an order's journal",
      params: orderPathSchema,
      query: transitionsQuerySchema,
      answers: { 200: transitionsViewSchema },
      errors: ['order_not_found', 'after_ahead', 'store_unavailable'],
      handle: async ({ params: { orderId }, query: { after, limit } }, req) => ({
        status: 200,
        body: await orders.transitions({ owner: access.ownerOf(req), orderId, after, limit }),
      }),
    }),

    getRoute({
      path: '/api/orders/:orderId/inspection',
      summary: "Read an order's journal as events of Stately's inspector",
      params: orderPathSchema,
      query: NO_PARAMETERS,
      answers: { 200: inspectionViewSchema },
      errors: ['order_not_found', 'store_unavailable'],
      handle: async ({ params: { orderId } }, req) => ({
        status: 200,
        body: { orderId, events: await inspection(access.ownerOf(req), orderId) },
      }),
    }),

    postRoute({
      path: '/api/orders/:orderId/cancel',
      summary: 'Cancel an order',
      params: orderPathSchema,
      headers: ANY_HEADERS,
      body: z.strictObject({}).optional(),
      answers: { 202: cancelRequestedViewSchema },
      errors: ['order_not_found', 'order_ended', 'store_unavailable'],
      handle: async ({ params: { orderId } }, req) => {
        const { status } = await cancelOrder(access.ownerOf(req), orderId);
        const view: CancelRequestedView = { orderId, status, links: orderLinks(orderId, address.prefix) };
        return { status: 202, body: view };
      },
    }),

    postRoute({
      path: '/api/orders/:orderId/retry',
      summary: 'End the backoff of an order',
      params: orderPathSchema,
      headers: ANY_HEADERS,
      body: z.strictObject({}).optional(),
      answers: { 202: retryRequestedViewSchema },
      errors: ['order_not_found', 'order_ended', 'store_unavailable'],
      handle: async ({ params: { orderId } }, req) => {
        const requested = await retryOrder(access.ownerOf(req), orderId);
        const view: RetryRequestedView = { ...requested, links: orderLinks(orderId, address.prefix) };
        return { status: 202, body: view };
      },
    }),
  ];
}
