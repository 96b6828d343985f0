/** Orders as streams of server-sent events. */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Principal } from '../../identity/principal.ts';
import type { After } from '../../protocol/fields.ts';
import { messageSchema, ordersMessageSchema } from '../../protocol/messages.ts';
import {
  lastEventIdSchema,
  lastTokenSchema,
  orderPathSchema,
  ordersQuerySchema,
  streamQuerySchema,
  type OrdersFilter,
} from '../../protocol/requests.ts';
import { NO_PARAMETERS, streamRoute, type Route } from '../route.ts';

/** The feed, as far as REST opens its streams. */
export interface EventStreams {
  /**
   * Resolves once the response has begun.
   * @throws FillstreamError with nothing written
   */
  streamOrder(
    res: ServerResponse,
    watch: { readonly principal: Principal; readonly orderId: string; readonly after: After },
  ): Promise<void>;
  /** The same of all orders of the owner. */
  streamOrders(
    res: ServerResponse,
    watch: { readonly principal: Principal; readonly filter: OrdersFilter; readonly token: string | null },
  ): Promise<void>;
}

export interface StreamRoutesDeps {
  readonly streams: EventStreams;
}

export function streamRoutes({ streams }: StreamRoutesDeps): readonly Route[] {
  return [
    streamRoute({
      path: '/api/orders/events',
      summary: 'Follow all orders as server-sent events',
      access: 'watch',
      params: NO_PARAMETERS,
      query: ordersQuerySchema,
      headers: z.object({ 'last-event-id': lastTokenSchema.optional() }),
      answers: { 200: z.union([ordersMessageSchema, messageSchema]) },
      errors: ['unknown_token', 'too_many_connections', 'store_unavailable', 'shutting_down'],
      open: ({ query: { token, ...filter }, headers }, principal) => {
        const from = headers['last-event-id'] ?? token ?? null;
        return (res) => streams.streamOrders(res, { principal, filter, token: from });
      },
    }),

    streamRoute({
      path: '/api/orders/:orderId/events',
      summary: 'Follow an order as server-sent events',
      access: 'watch',
      params: orderPathSchema,
      query: streamQuerySchema,
      headers: z.object({ 'last-event-id': lastEventIdSchema.optional() }),
      // 204: all of an ended order was received before.
      answers: { 200: messageSchema, 204: z.undefined() },
      errors: [
        'order_not_found',
        'after_ahead',
        'too_many_connections',
        'store_unavailable',
        'shutting_down',
      ],
      open: ({ params: { orderId }, query, headers }, principal) => {
        const after = headers['last-event-id'] ?? query.after;
        return (res) => streams.streamOrder(res, { principal, orderId, after });
      },
    }),
  ];
}
