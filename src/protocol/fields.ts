/** Fields that several messages and requests share, with their bounds. */
import { z } from 'zod';
import { parseAmount } from '../../machines/amount.ts';

/** 32 characters of base32 (RFC 4648, lower case): the first 160 bits of a SHA-256. */
export const orderIdSchema = z
  .string()
  .regex(/^[a-z2-7]{32}$/, 'expected an order id: 32 characters of a-z and 2-7');

const AMOUNT_EXPECTED = 'expected base units as a decimal string, 0 to 2^256-1';

/** The pattern is for the documents of the API, which cannot say 2^256-1. */
export const amountSchema = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,77})$/, { error: AMOUNT_EXPECTED, abort: true })
  .refine(isAmount, AMOUNT_EXPECTED);

export const seqSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A stable code, and a text for people. */
export const explainedSchema = z.object({ code: z.string(), message: z.string() });

/** What an order waits for; `retryAt`: when it looks again, null where an effect that runs waits. */
export const waitingForSchema = explainedSchema.extend({ retryAt: z.iso.datetime().nullable() });

export type WaitingFor = z.infer<typeof waitingForSchema>;

/** In any case: `hasValidChecksum` checks the checksum. */
export const addressSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address (0x and 40 hex digits)');

/** Where a subscription starts: after this `seq`, or with the next entry. */
export const afterSchema = z.union([seqSchema, z.literal('latest')], {
  error: 'expected a seq (a whole number, 0 or more) or "latest"',
});

export type After = z.infer<typeof afterSchema>;

/** `after` in a URL. */
export const afterQuerySchema = z
  .string()
  .regex(/^(latest|0|[1-9][0-9]{0,14})$/, 'expected a seq (a whole number, 0 or more) or "latest"')
  .transform((text): After => (text === 'latest' ? 'latest' : Number(text)));

function isAmount(text: string): boolean {
  try {
    parseAmount(text);
    return true;
  } catch {
    return false;
  }
}
