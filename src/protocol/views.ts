/** The bodies of REST's answers about orders. */
import { z } from 'zod';
import { ORDER_STATUSES, type OrderStatus } from '../../machines/order/state.ts';
import { explainedSchema, orderIdSchema, seqSchema, waitingForSchema } from './fields.ts';
import { journaledMessageSchema } from './messages.ts';

const status = z.enum(ORDER_STATUSES);
const count = z.number().int();
const progress = z.number().int().min(0).max(100);
const instant = z.iso.datetime();

/** Absolute paths, with the prefix of PUBLIC_URL. */
const links = z.object({
  self: z.string(),
  transitions: z.string(),
  /** The order's messages as server-sent events. Answers of 0.2.0 lack it. */
  events: z.string().optional(),
  cancel: z.string(),
  /** Answers up to 0.2.0 lack it. */
  retry: z.string().optional(),
});

const quoteSchema = z.object({
  venue: z.string(),
  buyAmount: z.string(),
  gasCost: z.string(),
  /** False: nothing says what gas is worth in the buy token, and `gasCost` is "0". */
  gasPriced: z.boolean(),
  /** The block that the price was read at; null: no chain was asked. */
  block: z.string().nullable(),
  /** What the tokens may keep of a transfer is not taken off `buyAmount`. Absent: `buyAmount` is what arrives. */
  beforeTransferFees: z.literal(true).optional(),
});

/** The terms are null only where a stored order cannot be read by this release; `held` says why, then. */
export const orderViewSchema = z.object({
  orderId: orderIdSchema,
  status,
  /** `routing.quoting` */
  state: z.string(),
  progress,
  /** Progress of the last state that worked; kept when the order fails. */
  lastProgress: progress,
  lastSeq: seqSchema,
  attempt: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
  sellToken: z.string().nullable(),
  buyToken: z.string().nullable(),
  sellAmount: z.string().nullable(),
  /** Null: derived from the chosen quote and `slippageBps`. */
  minBuyAmount: z.string().nullable(),
  slippageBps: z.number().nullable(),
  /** Unix seconds. */
  validTo: z.number().nullable(),
  recipient: z.string().nullable(),
  clientOrderId: z.string().nullable(),
  quotes: z.array(quoteSchema),
  venue: z.string().nullable(),
  /** All that is known to have been signed for the order. At most one of those of the same signer and nonce executes. */
  transactions: z.array(
    z.object({
      hash: z.string(),
      signer: z.string(),
      nonce: z.number(),
      epoch: z.number(),
      /** `cancel`: it does nothing but use the nonce up. Answers of 0.2.0 lack this and what follows. */
      kind: z.enum(['swap', 'cancel']).optional(),
      /** `replaced`: another transaction used its nonce. Null: it is not known to be mined. */
      status: z.enum(['success', 'reverted', 'replaced']).nullable().optional(),
      block: z.number().int().nullable().optional(),
      gasUsed: z.string().nullable().optional(),
      /** Wei: gas used times its price, and what a rollup charged for data. */
      paid: z.string().nullable().optional(),
    }),
  ),
  executedSellAmount: z.string().nullable(),
  executedBuyAmount: z.string().nullable(),
  /** How the swap differs from what was asked for: it executed, and the executed amounts are the true ones. */
  deviation: explainedSchema.nullable(),
  /** Why the order ended without a fill. */
  reason: explainedSchema.nullable(),
  /** What the order waits for: what went wrong last, in a backoff (then with `retryAt`) or once it is submitted. */
  waitingFor: waitingForSchema.nullable(),
  /** Why all workers leave the order alone until an operator has looked at it. */
  held: explainedSchema.nullable(),
  links,
});

export const orderPageViewSchema = z.object({
  orders: z.array(orderViewSchema),
  nextCursor: z.string().nullable(),
  /** A search may lack orders that ended in an older release: they are still being indexed. */
  incomplete: z.literal(true).optional(),
  links: z.object({ next: z.string().nullable() }),
});

/** How many orders there are of each status, and of each reason for ending otherwise than asked. */
export const orderCountsViewSchema = z.object({
  /** When they were counted. */
  at: instant,
  total: count,
  byStatus: z.object({
    pending: count,
    routing: count,
    building: count,
    submitted: count,
    confirmed: count,
    failed: count,
    cancelled: count,
  }),
  /** The most frequent first. */
  reasons: z.array(z.object({ status, code: z.string(), orders: count })),
});

export const transitionViewSchema = z.object({
  seq: seqSchema.min(1),
  at: instant,
  state: z.string(),
  machineVersion: z.number().int(),
  /** With its payload, its time and its draw: enough to replay the order. */
  event: z.looseObject({ type: z.string(), at: z.number(), draw: z.number() }),
  edges: z.array(z.string()),
  message: journaledMessageSchema,
  refused: z.array(z.string()).optional(),
});

export const transitionsViewSchema = z.object({
  orderId: orderIdSchema,
  status,
  lastSeq: seqSchema,
  transitions: z.array(transitionViewSchema),
  /** The `after` of a next request; with `links.next` null there are no entries after it yet. */
  nextAfter: seqSchema,
  links: z.object({ next: z.string().nullable() }),
});

/** An order's journal in the protocol of Stately's inspector, in the order in which an inspector takes the events. */
export const inspectionViewSchema = z.object({
  orderId: orderIdSchema,
  events: z.array(
    z.looseObject({
      type: z.enum(['@xstate.actor', '@xstate.event', '@xstate.snapshot']),
      rootId: z.string(),
      sessionId: z.string(),
      /** Unix milliseconds. */
      createdAt: z.string(),
      _version: z.string(),
    }),
  ),
});

/** The answer to a submission. */
export const submittedViewSchema = z.object({
  orderId: orderIdSchema,
  status,
  wsUrl: z.string(),
  links,
});

/** The answer to a submission with `dryRun=true`: it would be accepted now. Nothing was stored or counted. */
export const dryRunViewSchema = z.object({
  dryRun: z.literal(true),
  /** False: the key has an order already. */
  wouldCreate: z.boolean(),
  /** The order of the key; null: none was sent. */
  orderId: orderIdSchema.nullable(),
  sellToken: z.string(),
  buyToken: z.string(),
  sellAmount: z.string(),
  minBuyAmount: z.string().nullable(),
  slippageBps: z.number().int(),
  /** Unix seconds. */
  validTo: z.number().int(),
  recipient: z.string().nullable(),
  clientOrderId: z.string().nullable(),
});

/** The answer to a cancellation: `status` as it was when the command was stored. */
export const cancelRequestedViewSchema = submittedViewSchema.omit({ wsUrl: true });

/** The same of a retry. `waited`: false where the order was in no backoff, so that there was nothing to end. */
export const retryRequestedViewSchema = cancelRequestedViewSchema.extend({ waited: z.boolean() });

/** What an order would get now: an answer to `POST /api/quotes`. */
export const quotesViewSchema = z.object({
  sellToken: z.string(),
  buyToken: z.string(),
  sellAmount: z.string(),
  /** The quote that an order would take; null: none, and `reason` says why. */
  route: z
    .object({
      venue: z.string(),
      buyAmount: z.string(),
      /** What an order would demand. */
      minBuyAmount: z.string(),
      gasCost: z.string(),
      gasPriced: z.boolean(),
      /** After gas; null: gas has no price in the buy token. Below 0 where gas costs more than the swap yields. */
      netBuyAmount: z.string().nullable(),
      why: z.string(),
    })
    .nullable(),
  reason: explainedSchema.nullable(),
  /** All that were considered, best first. */
  quotes: z.array(quoteSchema),
  refusals: z.array(z.object({ venue: z.string(), ...explainedSchema.shape })),
  quotedAt: instant,
  goodUntil: instant,
});

export type QuotesView = z.infer<typeof quotesViewSchema>;
export type DryRunView = z.infer<typeof dryRunViewSchema>;
export type OrderView = z.infer<typeof orderViewSchema>;
export type OrderPageView = z.infer<typeof orderPageViewSchema>;
export type OrderCountsView = z.infer<typeof orderCountsViewSchema>;
export type TransitionView = z.infer<typeof transitionViewSchema>;
export type TransitionsView = z.infer<typeof transitionsViewSchema>;
export type SubmittedView = z.infer<typeof submittedViewSchema>;
export type RetryRequestedView = z.infer<typeof retryRequestedViewSchema>;
export type CancelRequestedView = z.infer<typeof cancelRequestedViewSchema>;

/** @param ticket for the stream, which browsers open without headers; null: none is needed */
export function orderLinks(
  orderId: string,
  prefix: string,
  ticket: string | null = null,
): z.infer<typeof links> {
  const self = `${prefix}/api/orders/${orderId}`;
  return {
    self,
    transitions: `${self}/transitions`,
    events: withTicket(`${self}/events`, ticket),
    cancel: `${self}/cancel`,
    retry: `${self}/retry`,
  };
}

export function withTicket(address: string, ticket: string | null): string {
  return ticket === null ? address : `${address}?ticket=${ticket}`;
}

/** The progress that views and messages show: 0 for an order that ended without a fill. */
export function progressOf(status: OrderStatus, context: { readonly progress: number }): number {
  switch (status) {
    case 'confirmed':
      return 100;
    case 'pending':
    case 'failed':
    case 'cancelled':
      return 0;
    case 'routing':
    case 'building':
    case 'submitted':
      return context.progress;
  }
}
