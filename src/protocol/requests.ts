/** Requests of clients, with every bound that the edge checks. Unknown fields are refused: a misspelt one would be ignored. */
import { z } from 'zod';
import { ORDER_STATUSES } from '../../machines/order/state.ts';
import { addressSchema, afterQuerySchema, afterSchema, amountSchema, orderIdSchema } from './fields.ts';

const token = z
  .string()
  .regex(
    /^(0x[0-9a-fA-F]{40}|[A-Za-z0-9.]{1,20})$/,
    'expected a token symbol or an address (0x and 40 hex digits)',
  );

const positiveAmount = amountSchema.regex(/^[^0]/, 'expected more than 0');

export const submissionSchema = z
  .strictObject({
    sellToken: token,
    buyToken: token,
    sellAmount: positiveAmount,
    minBuyAmount: positiveAmount.optional(),
    /** 1/100 of a percent; 0 to 5,000. */
    slippageBps: z.number().int().min(0).max(5_000).default(50),
    /** Unix seconds. */
    validTo: z
      .number()
      .int()
      .min(0)
      .max(4_294_967_295, 'expected Unix seconds; milliseconds are 1,000 times as many')
      .optional(),
    recipient: addressSchema.optional(),
    clientOrderId: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/, 'expected 1 to 64 printable ASCII characters without space')
      .optional(),
  })
  .refine(({ sellToken, buyToken }) => sellToken.toLowerCase() !== buyToken.toLowerCase(), {
    path: ['buyToken'],
    message: 'expected another token than sellToken',
  });

export type Submission = z.infer<typeof submissionSchema>;

export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'expected 1 to 255 printable ASCII characters without space');

/**
 * `dryRun`: everything is checked, and nothing is accepted. In the query, because the body then is the one to submit; a release that does
 * not know it refuses it by name, and never submits instead.
 */
export const submitQuerySchema = z.strictObject({ dryRun: z.enum(['true', 'false']).optional() });

export const orderPathSchema = z.strictObject({ orderId: orderIdSchema });

const pageSize = z
  .string()
  .regex(/^[1-9][0-9]{0,2}$/, 'expected a whole number, 1 to 200')
  .transform(Number)
  .refine((size) => size <= 200, 'expected a whole number, 1 to 200');

/** An instant as ISO 8601 writes it, or Unix milliseconds; Unix milliseconds inside. */
const instant = z
  .string()
  .transform((text) => (/^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text)))
  .refine(
    (at) => Number.isInteger(at) && at >= 0 && at < 1e15,
    'expected a time: 2026-01-31T12:00:00Z, or Unix milliseconds',
  );

const pair = z
  .string()
  .transform((text) => text.split('/'))
  .refine(
    (tokens) => tokens.length === 2 && tokens.every((text) => token.safeParse(text).success),
    'expected a pair: WETH/USDC, the token that is sold first',
  )
  .transform(([sellToken = '', buyToken = '']) => ({ sellToken, buyToken }));

export const listQuerySchema = z
  .strictObject({
    status: z.enum(ORDER_STATUSES).optional(),
    clientOrderId: z.string().min(1).max(64).optional(),
    /** An id or its beginning (4 characters), a clientOrderId, a transaction's hash, a token, a pair, or an error code. */
    q: z.string().trim().min(1).max(100).optional(),
    pair: pair.optional(),
    /** Of the creation: from `since` on, before `until`. */
    since: instant.optional(),
    until: instant.optional(),
    sort: z.enum(['newest', 'oldest']).optional(),
    limit: pageSize.default(50),
    cursor: z.string().min(1).max(200).optional(),
  })
  .refine(
    ({ clientOrderId, q, pair }) => [clientOrderId, q, pair].filter((each) => each !== undefined).length <= 1,
    { path: ['q'], message: 'expected one of q, pair and clientOrderId' },
  );

/** `orders`: at most so many, the newest ones, are looked at. */
export const statsQuerySchema = z.strictObject({
  since: instant.optional(),
  until: instant.optional(),
  orders: z
    .string()
    .regex(/^[1-9][0-9]{0,3}$/, 'expected a whole number, 1 to 2000')
    .transform(Number)
    .refine((orders) => orders <= 2_000, 'expected a whole number, 1 to 2000')
    .default(500),
});

export type ListQuery = z.output<typeof listQuerySchema>;

export const transitionsQuerySchema = z.strictObject({
  after: afterQuerySchema.default(0),
  limit: pageSize.default(200),
});

/** Socket.IO's `subscribe` and `unsubscribe`, and the query of a WebSocket's or an event stream's address. */
export const subscribeSchema = z.strictObject({ orderId: orderIdSchema, after: afterSchema.default(0) });
export const unsubscribeSchema = z.strictObject({ orderId: orderIdSchema });
export const streamQuerySchema = z.strictObject({ after: afterQuerySchema.default(0) });

const ordersFilter = {
  /** Entries that reach one of these. */
  status: z.array(z.enum(ORDER_STATUSES)).min(1).max(ORDER_STATUSES.length).optional(),
  sellToken: token.optional(),
  buyToken: token.optional(),
};

/** Opaque: the store says whether it is one of its own. Anything longer was not given out. */
const resumeToken = z.string().max(200, 'expected a token of this stream: at most 200 characters');

/** Socket.IO's `subscribe` and `unsubscribe` for all orders of the owner. */
export const subscribeOrdersSchema = z.strictObject({
  scope: z.literal('orders'),
  filter: z.strictObject(ordersFilter).default({}),
  token: resumeToken.optional(),
});
export const unsubscribeOrdersSchema = z.strictObject({ scope: z.literal('orders') });

/** The same in the address of an event stream: `status` is a list with commas. */
export const ordersQuerySchema = z.strictObject({
  ...ordersFilter,
  status: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(ORDER_STATUSES)).min(1).max(ORDER_STATUSES.length))
    .optional(),
  token: resumeToken.optional(),
});

export type OrdersFilter = z.infer<typeof subscribeOrdersSchema>['filter'];

/** The `seq` of the last event that an `EventSource` received: it comes back with it. */
export const lastEventIdSchema = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,14})$/, 'expected the id of an event of this stream (a seq)')
  .transform(Number);

/** Of a stream of all orders it is the token. */
export const lastTokenSchema = resumeToken;
