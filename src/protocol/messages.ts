/**
 * The messages of the feed, defined once for server and clients: every message on every transport is one of these objects.
 * Journaled messages carry `seq`, numbered 1..n an order without a gap; control messages describe the connection or the
 * subscription.
 *
 * A message has its keys in the order of its schema: what all messages have first, what its type adds next, `message` last.
 * `project-message.ts` and `control-messages.ts` build them so, and nothing rebuilds a message after that. So a message is the
 * same JSON text live, over Redis, from either store and over REST.
 */
import { z } from 'zod';
import { ORDER_STATUSES } from '../../machines/order/state.ts';
import { amountSchema, explainedSchema, orderIdSchema, seqSchema, waitingForSchema } from './fields.ts';

const progress = z.number().int().min(0).max(100);
const status = z.enum(ORDER_STATUSES);
const timestamp = z.iso.datetime();

/** For people. */
const message = z.string();

const journaled = { orderId: orderIdSchema, seq: seqSchema.min(1), state: z.string(), progress, timestamp };

const transaction = z.object({
  hash: z.string(),
  signer: z.string(),
  nonce: z.number().int(),
  epoch: z.number().int(),
});

/** What was asked for. Entries of 0.2.0 and before lack all of it. */
const terms = {
  sellToken: z.string().optional(),
  buyToken: z.string().optional(),
  sellAmount: amountSchema.optional(),
  /** Null: derived from the chosen quote and `slippageBps`. */
  minBuyAmount: amountSchema.nullable().optional(),
  slippageBps: z.number().int().optional(),
  /** Unix seconds. */
  validTo: z.number().int().optional(),
  recipient: z.string().nullable().optional(),
  clientOrderId: z.string().nullable().optional(),
};
const pending = z.object({ type: z.literal('pending'), ...journaled, ...terms, message });

/** In `….backoff`: the stage waits for something that uses up no attempt. */
const waitingFor = waitingForSchema.optional();

const routing = z.object({
  type: z.literal('routing'),
  ...journaled,
  attempt: z.number().int(),
  quotes: z
    .array(
      z.object({
        venue: z.string(),
        buyAmount: amountSchema,
        gasCost: amountSchema,
        /** False: the gas price in the buy token is not known, and `gasCost` is "0". Entries of 0.1.0 lack it. */
        gasPriced: z.boolean().optional(),
        /** The block that the price was read at; null: no chain was asked. */
        block: amountSchema.nullable().optional(),
        /** What the tokens may keep of a transfer is not taken off `buyAmount`. */
        beforeTransferFees: z.literal(true).optional(),
      }),
    )
    .optional(),
  refusals: z.array(z.object({ venue: z.string(), ...explainedSchema.shape })).optional(),
  /** Why the order is routed again. */
  error: explainedSchema.optional(),
  waitingFor,
  message,
});

const building = z.object({
  type: z.literal('building'),
  ...journaled,
  attempt: z.number().int(),
  venue: z.string(),
  buyAmount: amountSchema,
  minBuyAmount: amountSchema,
  waitingFor,
  message,
});

const submitted = z.object({
  type: z.literal('submitted'),
  ...journaled,
  attempt: z.number().int(),
  venue: z.string(),
  transaction: transaction.optional(),
  /** How the order will end if the chain lets it; without such an end, what it waits for. */
  error: explainedSchema.optional(),
  /** `retryAt` is null while an effect that runs waits for the chain. */
  waitingFor,
  message,
});

const confirmed = z.object({
  type: z.literal('confirmed'),
  ...journaled,
  venue: z.string(),
  executedSellAmount: amountSchema,
  executedBuyAmount: amountSchema,
  transactionHash: z.string(),
  block: z.number().int(),
  /** How the swap differs from what was asked for: it executed, and the amounts are the true ones. */
  deviation: explainedSchema.optional(),
  message,
});

const unfilled = { ...journaled, lastProgress: progress, reason: explainedSchema, message };
const failed = z.object({ type: z.literal('failed'), ...unfilled });
const cancelled = z.object({ type: z.literal('cancelled'), ...unfilled });

/** An attempt failed. (Entries of 0.1.0 also have this type where the stage merely waits.) */
const retry = z.object({
  type: z.literal('retry'),
  ...journaled,
  /** The attempt that failed, from 1. */
  attempt: z.number().int(),
  /** How many attempts the stage has; null: it is repeated until the chain answers. */
  of: z.number().int().nullable(),
  delayMs: z.number().int(),
  retryAt: z.iso.datetime(),
  error: explainedSchema,
  message,
});

const connection = z.object({
  type: z.literal('connection'),
  orderId: orderIdSchema.optional(),
  progress: progress.optional(),
  timestamp,
  message,
});

const position = {
  orderId: orderIdSchema,
  progress,
  timestamp,
  status,
  lastSeq: seqSchema,
  /** Why no worker of the release that holds the order runs it. Left out: it is not known to be held. */
  held: explainedSchema.optional(),
  message,
};
const subscribed = z.object({ type: z.literal('subscribed'), ...position });
const heartbeat = z.object({ type: z.literal('heartbeat'), ...position });

const error = z.object({
  type: z.literal('error'),
  orderId: z.string().optional(),
  /** It concerns the stream of all orders. */
  scope: z.literal('orders').optional(),
  progress: progress.optional(),
  timestamp,
  code: z.string(),
  /** The last entry of the journal, or the last one that was sent: where to resume. */
  lastSeq: seqSchema.optional(),
  /** Where to resume the stream of all orders. */
  token: z.string().optional(),
  /** How long to wait before connecting again: drawn for each connection, so that not all come back at once. */
  retryAfterMs: z.number().int().optional(),
  message,
});

/** Where a stream of all orders stands: its entries up to the token were sent. */
const ordersPosition = { scope: z.literal('orders'), timestamp, token: z.string(), message };

/** Why a stream of all orders cannot go on from the token that was named. */
export const RESYNC_CODES = ['token_too_old', 'token_unknown'] as const;

/** The messages that describe a stream of all orders of an owner. */
export const ordersMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('subscribed'), ...ordersPosition }),
  z.object({ type: z.literal('heartbeat'), ...ordersPosition }),
  z.object({
    type: z.literal('resync'),
    scope: z.literal('orders'),
    timestamp,
    token: z.string(),
    code: z.enum(RESYNC_CODES),
    message,
  }),
]);

export const journaledMessageSchema = z.discriminatedUnion('type', [
  pending,
  routing,
  building,
  submitted,
  confirmed,
  failed,
  cancelled,
  retry,
]);

export const messageSchema = z.discriminatedUnion('type', [
  connection,
  subscribed,
  ...journaledMessageSchema.options,
  heartbeat,
  error,
]);

export type JournaledMessage = z.infer<typeof journaledMessageSchema>;
export type Message = z.infer<typeof messageSchema>;
export type OrdersMessage = z.infer<typeof ordersMessageSchema>;
export type ErrorMessage = z.infer<typeof error>;
export type MessageOf<Type extends Message['type']> = Extract<Message, { type: Type }>;

export function isJournaledMessage(sent: unknown): sent is JournaledMessage {
  return journaledMessageSchema.safeParse(sent).success;
}
