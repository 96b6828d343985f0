/** Orders over REST: submit, read, list, follow, cancel. */
import { z } from 'zod';
import type { Access } from '../../edge/access.ts';
import type { PublicAddress } from '../../edge/public-address.ts';
import { FillstreamError } from '../../errors.ts';
import type { Principal } from '../../identity/principal.ts';
import type { CancelOrder } from '../../orders/commands/cancel-order.ts';
import type { DryRun } from '../../orders/submission/dry-run.ts';
import type { ReadInspection } from '../../orders/reading/read-inspection.ts';
import type { ReadOrders } from '../../orders/reading/read-orders.ts';
import type { RetryOrder } from '../../orders/commands/retry-order.ts';
import type { SubmitOrder } from '../../orders/submission/submit-order.ts';
import {
  idempotencyKeySchema,
  listQuerySchema,
  orderPathSchema,
  submissionSchema,
  submitQuerySchema,
  transitionsQuerySchema,
} from '../../protocol/requests.ts';
import type { Redaction } from '../../protocol/redaction.ts';
import {
  cancelRequestedViewSchema,
  dryRunViewSchema,
  inspectionViewSchema,
  orderCountsViewSchema,
  orderLinks,
  orderPageViewSchema,
  orderViewSchema,
  retryRequestedViewSchema,
  submittedViewSchema,
  transitionsViewSchema,
  withTicket,
  type CancelRequestedView,
  type DryRunView,
  type OrderView,
  type RetryRequestedView,
  type SubmittedView,
} from '../../protocol/views.ts';
import { ANY_HEADERS, getRoute, NO_PARAMETERS, postRoute, type Route } from '../route.ts';

export interface OrderRoutesDeps {
  readonly submitOrder: SubmitOrder;
  readonly dryRun: DryRun;
  readonly cancelOrder: CancelOrder;
  readonly retryOrder: RetryOrder;
  readonly orders: ReadOrders;
  readonly inspection: ReadInspection;
  readonly access: Pick<Access, 'ticketFor'>;
  readonly redaction: Redaction;
  readonly address: PublicAddress;
}

export function orderRoutes(deps: OrderRoutesDeps): readonly Route[] {
  const { submitOrder, dryRun, cancelOrder, retryOrder, orders, inspection, access, redaction, address } =
    deps;

  /** Where the order's stream is opened, by clients that cannot set headers, too. */
  async function withStreamTicket(order: OrderView, principal: Principal): Promise<OrderView> {
    if (principal.redact) return redaction.order(order);
    const ticket = await access.ticketFor(principal, order.orderId);
    return ticket === null ? order : { ...order, links: orderLinks(order.orderId, address.prefix, ticket) };
  }

  return [
    postRoute({
      path: '/api/orders/execute',
      summary: 'Submit an order',
      access: 'submit',
      params: NO_PARAMETERS,
      query: submitQuerySchema,
      // Node joins a repeated header with a comma and a space, which no key holds.
      headers: z.object({ 'idempotency-key': idempotencyKeySchema.optional() }),
      body: submissionSchema,
      answers: { 201: submittedViewSchema, 200: z.union([submittedViewSchema, dryRunViewSchema]) },
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
      handle: async ({ query, headers, body: submission, sentBody: body }, principal, req) => {
        const idempotencyKey = headers['idempotency-key'] ?? null;
        const { owner } = principal;
        const request = { owner, idempotencyKey, body, submission };
        if (query.dryRun === 'true') {
          const { terms, ...result } = await dryRun(request);
          const view: DryRunView = { dryRun: true, ...result, ...terms };
          return { status: 200, body: view };
        }
        const { created, order } = await submitOrder(request);
        const { orderId, status } = order;
        const ticket = await access.ticketFor(principal, orderId);
        const links = orderLinks(orderId, address.prefix, ticket);
        const wsUrl = withTicket(address.webSocketUrl(req, orderId), ticket);
        const view: SubmittedView = { orderId, status, wsUrl, links };
        return { status: created ? 201 : 200, body: view, headers: { Location: links.self } };
      },
    }),

    getRoute({
      path: '/api/orders',
      summary: 'List and search orders',
      access: 'watch',
      params: NO_PARAMETERS,
      query: listQuerySchema,
      answers: { 200: orderPageViewSchema },
      errors: ['store_unavailable'],
      handle: async ({ query }, principal) => {
        const page = await orders.list({ owner: principal.owner, query });
        const shown = page.orders.map((order) => withStreamTicket(order, principal));
        return { status: 200, body: { ...page, orders: await Promise.all(shown) } };
      },
    }),

    getRoute({
      path: '/api/orders/counts',
      summary: 'Count orders by status and reason',
      access: 'watch',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      answers: { 200: orderCountsViewSchema },
      errors: ['store_unavailable'],
      handle: async (_, { owner }) => ({ status: 200, body: await orders.counts(owner) }),
    }),

    getRoute({
      path: '/api/orders/:orderId',
      summary: 'Read an order',
      access: 'watch',
      params: orderPathSchema,
      query: NO_PARAMETERS,
      answers: { 200: orderViewSchema },
      errors: ['order_not_found', 'store_unavailable'],
      handle: async ({ params: { orderId } }, principal) => ({
        status: 200,
        body: await withStreamTicket(await orders.one(principal.owner, orderId), principal),
      }),
    }),

    getRoute({
      path: '/api/orders/:orderId/transitions',
      summary: "Read an order's journal",
      access: 'watch',
      params: orderPathSchema,
      query: transitionsQuerySchema,
      answers: { 200: transitionsViewSchema },
      errors: ['order_not_found', 'after_ahead', 'store_unavailable'],
      handle: async ({ params: { orderId }, query: { after, limit } }, { owner, redact }) => {
        const page = await orders.transitions({ owner, orderId, after, limit });
        return { status: 200, body: redact ? redaction.transitions(page) : page };
      },
    }),

    getRoute({
      path: '/api/orders/:orderId/inspection',
      summary: "Read an order's journal as events of Stately's inspector",
      access: 'watch',
      params: orderPathSchema,
      query: NO_PARAMETERS,
      answers: { 200: inspectionViewSchema },
      errors: ['order_not_found', 'store_unavailable'],
      handle: async ({ params: { orderId } }, { owner, redact }) => {
        // The events hold the order's whole context.
        if (redact)
          throw new FillstreamError('forbidden', 'A share link does not show what the machine holds');
        return { status: 200, body: { orderId, events: await inspection(owner, orderId) } };
      },
    }),

    postRoute({
      path: '/api/orders/:orderId/cancel',
      summary: 'Cancel an order',
      access: 'submit',
      params: orderPathSchema,
      query: NO_PARAMETERS,
      headers: ANY_HEADERS,
      body: z.strictObject({}).optional(),
      answers: { 202: cancelRequestedViewSchema },
      errors: ['order_not_found', 'order_ended', 'store_unavailable'],
      handle: async ({ params: { orderId } }, principal) => {
        const { status } = await cancelOrder(principal.owner, orderId);
        const ticket = await access.ticketFor(principal, orderId);
        const view: CancelRequestedView = {
          orderId,
          status,
          links: orderLinks(orderId, address.prefix, ticket),
        };
        return { status: 202, body: view };
      },
    }),

    postRoute({
      path: '/api/orders/:orderId/retry',
      summary: 'End the backoff of an order',
      access: 'submit',
      params: orderPathSchema,
      query: NO_PARAMETERS,
      headers: ANY_HEADERS,
      body: z.strictObject({}).optional(),
      answers: { 202: retryRequestedViewSchema },
      errors: ['order_not_found', 'order_ended', 'store_unavailable'],
      handle: async ({ params: { orderId } }, { owner }) => {
        const requested = await retryOrder(owner, orderId);
        const view: RetryRequestedView = { ...requested, links: orderLinks(orderId, address.prefix) };
        return { status: 202, body: view };
      },
    }),
  ];
}
