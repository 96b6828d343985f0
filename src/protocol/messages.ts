/**
 * The wire, once, for server, client and dashboard: every message on every transport is one of these objects.
 * Journaled messages carry `seq`, numbered 1..n an order without a gap; the others speak about the connection.
 */
import { z } from 'zod';
import { ORDER_STATUSES } from '../../machines/order/state.ts';
import { amountSchema, orderIdSchema, seqSchema } from './fields.ts';

const progress = z.number().int().min(0).max(100);
const status = z.enum(ORDER_STATUSES);
const explained = z.object({ code: z.string(), message: z.string() });

const said = {
  /** For people. */
  message: z.string(),
  timestamp: z.iso.datetime(),
};

const ofOrder = { ...said, orderId: orderIdSchema, progress };

const journaled = { ...ofOrder, seq: seqSchema.min(1), state: z.string() };

const transaction = z.object({
  hash: z.string(),
  signer: z.string(),
  nonce: z.number().int(),
  epoch: z.number().int(),
});

const pending = z.object({ type: z.literal('pending'), ...journaled });

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
        /** False: nothing says what gas is worth in the buy token, and `gasCost` is "0". Entries of 0.1.0 lack it. */
        gasPriced: z.boolean().optional(),
        /** The block that the price was read at; null: no chain was asked. */
        block: amountSchema.nullable().optional(),
      }),
    )
    .optional(),
  refusals: z.array(z.object({ venue: z.string(), ...explained.shape })).optional(),
  /** Why the order is routed again. */
  error: explained.optional(),
});

const building = z.object({
  type: z.literal('building'),
  ...journaled,
  attempt: z.number().int(),
  venue: z.string(),
  buyAmount: amountSchema,
  minBuyAmount: amountSchema,
});

const submitted = z.object({
  type: z.literal('submitted'),
  ...journaled,
  attempt: z.number().int(),
  venue: z.string(),
  transaction: transaction.optional(),
  /** What the order waits for, or how it will end if the chain lets it. */
  error: explained.optional(),
});

const confirmed = z.object({
  type: z.literal('confirmed'),
  ...journaled,
  venue: z.string(),
  executedSellAmount: amountSchema,
  executedBuyAmount: amountSchema,
  transactionHash: z.string(),
  block: z.number().int(),
});

const unfilled = { ...journaled, lastProgress: progress, reason: explained };
const failed = z.object({ type: z.literal('failed'), ...unfilled });
const cancelled = z.object({ type: z.literal('cancelled'), ...unfilled });

const retry = z.object({
  type: z.literal('retry'),
  ...journaled,
  /** The attempt that failed, from 1. */
  attempt: z.number().int(),
  /** How many attempts the stage has; null: it is repeated until the chain answers. */
  of: z.number().int().nullable(),
  delayMs: z.number().int(),
  retryAt: z.iso.datetime(),
  error: explained,
});

const connection = z.object({
  type: z.literal('connection'),
  ...said,
  orderId: orderIdSchema.optional(),
  progress: progress.optional(),
});

const standing = { ...ofOrder, status, lastSeq: seqSchema };
const subscribed = z.object({ type: z.literal('subscribed'), ...standing });
const heartbeat = z.object({ type: z.literal('heartbeat'), ...standing });

const error = z.object({
  type: z.literal('error'),
  ...said,
  code: z.string(),
  orderId: z.string().optional(),
  progress: progress.optional(),
  /** The last entry of the journal, or the last one that was delivered: where to resume. */
  lastSeq: seqSchema.optional(),
});

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
export type ErrorMessage = z.infer<typeof error>;
export type MessageOf<Type extends Message['type']> = Extract<Message, { type: Type }>;
