/** Orders as streams of server-sent events. */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { OrderAccess } from '../../edge/order-access.ts';
import type { After } from '../../protocol/fields.ts';
import { messageSchema } from '../../protocol/messages.ts';
import { lastEventIdSchema, orderPathSchema, streamQuerySchema } from '../../protocol/requests.ts';
import { streamRoute, type Route } from '../route.ts';

/** The feed, as far as REST opens its streams. */
export interface EventStreams {
  /**
   * Resolves once the response has begun.
   * @throws FillstreamError with nothing written
   */
  streamOrder(
    res: ServerResponse,
    watch: { readonly owner: string; readonly orderId: string; readonly after: After },
  ): Promise<void>;
}

export interface StreamRoutesDeps {
  readonly streams: EventStreams;
  readonly access: Pick<OrderAccess, 'ownerOf'>;
}

export function streamRoutes({ streams, access }: StreamRoutesDeps): readonly Route[] {
  return [
    streamRoute({
      path: '/api/orders/:orderId/events',
      summary: 'Follow an order as server-sent events',
      params: orderPathSchema,
      query: streamQuerySchema,
      headers: z.object({ 'last-event-id': lastEventIdSchema.optional() }),
      // 204: all of an ended order was received before.
      answers: { 200: messageSchema, 204: z.undefined() },
      errors: ['order_not_found', 'after_ahead', 'store_unavailable', 'shutting_down'],
      open: ({ params: { orderId }, query, headers }, req) => {
        const after = headers['last-event-id'] ?? query.after;
        return (res) => streams.streamOrder(res, { owner: access.ownerOf(req), orderId, after });
      },
    }),
  ];
}
