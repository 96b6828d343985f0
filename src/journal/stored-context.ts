/**
 * Reads the context of a stored order tolerantly: it may be of an older machine, or of an order that is held because this release
 * cannot open it. Views get what can be read; nothing here throws.
 */
import { z } from 'zod';

const text = z.string().nullable().catch(null);
const number = z.number().nullable().catch(null);
const explained = z.looseObject({ code: z.string(), message: z.string() }).nullable().catch(null);

const recorded = z.looseObject({
  terms: z
    .looseObject({
      sellToken: text,
      buyToken: text,
      sellAmount: text,
      minBuyAmount: text,
      slippageBps: number,
      validTo: number,
      recipient: text,
      clientOrderId: text,
    })
    .catch({
      sellToken: null,
      buyToken: null,
      sellAmount: null,
      minBuyAmount: null,
      slippageBps: null,
      validTo: null,
      recipient: null,
      clientOrderId: null,
    }),
  attempt: z.number().int().catch(1),
  /** 0 where it cannot be read: no reservation has a lower epoch. */
  epoch: z.number().int().catch(0),
  progress: z.number().int().min(0).max(100).catch(0),
  retryAt: number,
  quotes: z
    .array(
      z.looseObject({
        venue: z.string(),
        buyAmount: z.string(),
        gasCost: z.string(),
        // Orders of 0.1.0 lack both: their gas was priced, and they asked no chain.
        gasPriced: z.boolean().catch(true),
        block: text,
        beforeTransferFees: z.literal(true).exactOptional(),
      }),
    )
    .readonly()
    .catch([]),
  route: z.looseObject({ venue: z.string() }).nullable().catch(null),
  transactions: z
    .array(z.looseObject({ hash: z.string(), signer: z.string(), nonce: z.number(), epoch: z.number() }))
    .readonly()
    .catch([]),
  /** Orders of 0.2 lack them. */
  receipts: z
    .array(
      z.looseObject({
        hash: z.string(),
        signer: z.string(),
        nonce: z.number(),
        epoch: z.number(),
        kind: z.enum(['swap', 'cancel']),
        block: z.number(),
        status: z.enum(['success', 'reverted']),
        gasUsed: text,
        paid: text,
      }),
    )
    .readonly()
    .catch([]),
  failure: explained,
  reason: explained,
  fill: z
    .looseObject({
      hash: text,
      block: number,
      executedSellAmount: z.string(),
      executedBuyAmount: z.string(),
      deviation: explained.optional(),
    })
    .nullable()
    .catch(null),
});

export type StoredContext = z.infer<typeof recorded>;

/** The progress alone: subscriptions ask for no more. */
export function readProgress(context: unknown): number {
  const stored =
    typeof context === 'object' && context !== null && 'progress' in context ? context.progress : 0;
  return recorded.shape.progress.parse(stored);
}

/** Reads a stored context of any machine version. */
export function readStoredContext(context: unknown): StoredContext {
  const read = recorded.safeParse(context);
  return read.success ? read.data : recorded.parse({});
}
