/** Share links of an order. */
import { z } from 'zod';
import type { PublicAddress } from '../../edge/public-address.ts';
import type { ShareOrders } from '../../orders/commands/share-order.ts';
import { orderPathSchema } from '../../protocol/requests.ts';
import { withTicket } from '../../protocol/views.ts';
import type { ShareRecord } from '../../store/identity.ts';
import { ANY_HEADERS, getRoute, NO_PARAMETERS, postRoute, type Route } from '../route.ts';

export interface ShareRoutesDeps {
  readonly shareOrders: ShareOrders;
  readonly address: PublicAddress;
}

const MOST_SECONDS = 30 * 86_400;

const instant = z.iso.datetime();
const shareViewSchema = z.object({
  shareId: z.string(),
  createdAt: instant,
  expiresAt: instant,
  revokedAt: instant.nullable(),
});

const createdViewSchema = shareViewSchema.extend({
  /** For `?ticket=` in the addresses of the order and its streams. Shown once. */
  ticket: z.string(),
  links: z.object({ order: z.string(), events: z.string(), embed: z.string() }),
});

const sharePathSchema = orderPathSchema.extend({
  shareId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'expected the id of a share link'),
});

export function shareRoutes({ shareOrders, address: { prefix } }: ShareRoutesDeps): readonly Route[] {
  return [
    postRoute({
      path: '/api/orders/:orderId/shares',
      summary: 'Make a share link of an order',
      access: 'submit',
      params: orderPathSchema,
      query: NO_PARAMETERS,
      headers: ANY_HEADERS,
      body: z.strictObject({ seconds: z.number().int().min(60).max(MOST_SECONDS).default(86_400) }),
      answers: { 201: createdViewSchema },
      errors: ['order_not_found', 'store_unavailable'],
      handle: async ({ params: { orderId }, body: { seconds } }, principal) => {
        const { share, ticket } = await shareOrders.create(principal, orderId, seconds);
        const links = {
          order: withTicket(`${prefix}/api/orders/${orderId}`, ticket),
          events: withTicket(`${prefix}/api/orders/${orderId}/events`, ticket),
          embed: withTicket(`${prefix}/orders/${orderId}/embed`, ticket),
        };
        return { status: 201, body: { ...viewOf(share), ticket, links } };
      },
    }),

    getRoute({
      path: '/api/orders/:orderId/shares',
      summary: 'List the share links of an order',
      access: 'submit',
      params: orderPathSchema,
      query: NO_PARAMETERS,
      answers: { 200: z.object({ shares: z.array(shareViewSchema) }) },
      errors: ['order_not_found', 'store_unavailable'],
      handle: async ({ params: { orderId } }, { owner }) => ({
        status: 200,
        body: { shares: (await shareOrders.list(owner, orderId)).map(viewOf) },
      }),
    }),

    postRoute({
      path: '/api/orders/:orderId/shares/:shareId/revoke',
      summary: 'Revoke a share link',
      access: 'submit',
      params: sharePathSchema,
      query: NO_PARAMETERS,
      headers: ANY_HEADERS,
      body: z.strictObject({}).optional(),
      answers: { 200: shareViewSchema },
      errors: ['order_not_found', 'not_found', 'store_unavailable'],
      handle: async ({ params: { orderId, shareId } }, { owner }) => ({
        status: 200,
        body: viewOf(await shareOrders.revoke(owner, orderId, shareId)),
      }),
    }),
  ];
}

function viewOf({ id, createdAt, expiresAt, revokedAt }: ShareRecord): z.infer<typeof shareViewSchema> {
  const iso = (at: number): string => new Date(at).toISOString();
  return {
    shareId: id,
    createdAt: iso(createdAt),
    expiresAt: iso(expiresAt),
    revokedAt: revokedAt === null ? null : iso(revokedAt),
  };
}
