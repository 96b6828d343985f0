/** Actions of operators. Each is in the audit log before it is done. */
import { z } from 'zod';
import type { Access } from '../../edge/access.ts';
import type { Operate } from '../../orders/commands/operate.ts';
import { addressSchema, explainedSchema, orderIdSchema } from '../../protocol/fields.ts';
import { orderPathSchema } from '../../protocol/requests.ts';
import { withTicket } from '../../protocol/views.ts';
import { ANY_HEADERS, getRoute, NO_PARAMETERS, postRoute, type Route } from '../route.ts';

export interface OperatorRoutesDeps {
  readonly operate: Operate;
  readonly access: Pick<Access, 'ticketFor'>;
  /** Of PUBLIC_URL's path. */
  readonly prefix: string;
}

const HELD_SHOWN = 100;
const WORKERS_SHOWN = 100;
const ORDERS_SHOWN = 20;
const SIGNERS_SHOWN = 200;
const AUDIT_PAGE = 100;

const NO_BODY = z.strictObject({}).optional();

const auditQuerySchema = z.strictObject({
  before: z.iso
    .datetime()
    .transform((text) => Date.parse(text))
    .optional(),
});

const auditViewSchema = z.object({
  records: z.array(
    z.object({
      id: z.string(),
      at: z.iso.datetime(),
      owner: z.string(),
      role: z.string(),
      name: z.string(),
      keyId: z.string().nullable(),
      action: z.string(),
      subject: z.string(),
    }),
  ),
});

export function operatorRoutes({ operate, access, prefix }: OperatorRoutesDeps): readonly Route[] {
  return [
    postRoute({
      path: '/api/operator/orders/:orderId/cancel',
      summary: 'Cancel an order of any owner',
      access: 'operate',
      params: orderPathSchema,
      query: NO_PARAMETERS,
      headers: ANY_HEADERS,
      body: NO_BODY,
      answers: { 202: z.object({ orderId: orderIdSchema, status: z.string() }) },
      errors: ['order_not_found', 'order_ended', 'store_unavailable'],
      handle: async ({ params: { orderId } }, principal) => {
        const { status } = await operate.cancel(principal, orderId);
        return { status: 202, body: { orderId, status } };
      },
    }),

    postRoute({
      path: '/api/operator/orders/:orderId/lift-hold',
      summary: 'Let a held order run again',
      access: 'operate',
      params: orderPathSchema,
      query: NO_PARAMETERS,
      headers: ANY_HEADERS,
      body: NO_BODY,
      answers: { 200: z.object({ orderId: orderIdSchema, wasHeld: z.boolean() }) },
      errors: ['order_not_found', 'store_unavailable'],
      handle: async ({ params: { orderId } }, principal) => ({
        status: 200,
        body: { orderId, wasHeld: await operate.liftHold(principal, orderId) },
      }),
    }),

    postRoute({
      path: '/api/operator/signers/:address/resume',
      summary: 'Let a halted signer sign again',
      access: 'operate',
      params: z.strictObject({ address: addressSchema }),
      query: NO_PARAMETERS,
      headers: ANY_HEADERS,
      body: NO_BODY,
      answers: { 200: z.object({ address: z.string(), did: z.array(z.string()) }) },
      errors: ['not_found', 'store_unavailable'],
      handle: async ({ params: { address } }, principal) => ({
        status: 200,
        body: { address, did: await operate.resumeSigner(principal, address) },
      }),
    }),

    postRoute({
      path: '/api/operator/orders/:orderId/open',
      summary: 'Open an order of any owner, to read it',
      access: 'operate',
      params: orderPathSchema,
      query: NO_PARAMETERS,
      headers: ANY_HEADERS,
      body: NO_BODY,
      answers: {
        200: z.object({
          orderId: orderIdSchema,
          ticket: z.string().nullable(),
          links: z.object({ order: z.string(), events: z.string(), page: z.string() }),
        }),
      },
      errors: ['order_not_found', 'store_unavailable'],
      handle: async ({ params: { orderId } }, principal) => {
        const owner = await operate.openOrder(principal, orderId);
        // Of the owner, so that it opens the order; of the operator's key, so that it ends with it.
        const ticket = await access.ticketFor({ ...principal, owner }, orderId);
        const links = {
          order: withTicket(`${prefix}/api/orders/${orderId}`, ticket),
          events: withTicket(`${prefix}/api/orders/${orderId}/events`, ticket),
          page: withTicket(`${prefix}/orders/${orderId}`, ticket),
        };
        return { status: 200, body: { orderId, ticket, links } };
      },
    }),

    getRoute({
      path: '/api/operator/held',
      summary: 'List held orders of all owners',
      access: 'operate',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      answers: {
        200: z.object({
          total: z.number().int(),
          orders: z.array(z.object({ orderId: orderIdSchema, status: z.string(), hold: explainedSchema })),
        }),
      },
      errors: ['store_unavailable'],
      handle: async () => ({ status: 200, body: await operate.held(HELD_SHOWN) }),
    }),

    getRoute({
      path: '/api/operator/signers',
      summary: 'List the signers that signed for this store',
      access: 'operate',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      answers: {
        200: z.object({
          signers: z.array(
            z.object({
              chainId: z.number().int(),
              address: addressSchema,
              nextNonce: z.number().int(),
              openNonces: z.number().int(),
              halted: explainedSchema.nullable(),
              funds: z
                .object({
                  ether: z.string(),
                  tokens: z.array(z.object({ token: z.string(), amount: z.string() })),
                })
                .nullable(),
            }),
          ),
        }),
      },
      errors: ['store_unavailable'],
      handle: async () => ({ status: 200, body: { signers: [...(await operate.signers(SIGNERS_SHOWN))] } }),
    }),

    getRoute({
      path: '/api/operator/workers',
      summary: 'List the workers and what each runs',
      access: 'operate',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      answers: {
        200: z.object({
          workers: z.array(
            z.object({
              workerId: z.string(),
              isAlive: z.boolean(),
              silentMs: z.number().int(),
              orderCount: z.number().int(),
              orders: z.array(z.object({ orderId: orderIdSchema, status: z.string() })),
            }),
          ),
        }),
      },
      errors: ['store_unavailable'],
      handle: async () => ({
        status: 200,
        body: { workers: [...(await operate.workers(WORKERS_SHOWN, ORDERS_SHOWN))] },
      }),
    }),

    getRoute({
      path: '/api/operator/audit',
      summary: 'List what operators did, newest first',
      access: 'operate',
      params: NO_PARAMETERS,
      query: auditQuerySchema,
      answers: { 200: auditViewSchema },
      errors: ['store_unavailable'],
      handle: async ({ query: { before } }) => {
        const records = await operate.audit(AUDIT_PAGE, before ?? null);
        const body = { records: records.map((each) => ({ ...each, at: new Date(each.at).toISOString() })) };
        return { status: 200, body };
      },
    }),
  ];
}
