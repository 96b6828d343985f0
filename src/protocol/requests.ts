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

const positiveAmount = amountSchema.refine((text) => text !== '0', 'expected more than 0');

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

export const orderPathSchema = z.strictObject({ orderId: orderIdSchema });

const pageSize = z
  .string()
  .regex(/^[1-9][0-9]{0,2}$/, 'expected a whole number, 1 to 200')
  .transform(Number)
  .refine((size) => size <= 200, 'expected a whole number, 1 to 200');

export const listQuerySchema = z.strictObject({
  status: z.enum(ORDER_STATUSES).optional(),
  clientOrderId: z.string().min(1).max(64).optional(),
  limit: pageSize.default(50),
  cursor: z.string().min(1).max(200).optional(),
});

export const transitionsQuerySchema = z.strictObject({
  after: afterQuerySchema.default(0),
  limit: pageSize.default(200),
});

/** Socket.IO's `subscribe` and `unsubscribe`, and the query of the WebSocket's address. */
export const subscribeSchema = z.strictObject({ orderId: orderIdSchema, after: afterSchema.default(0) });
export const unsubscribeSchema = z.strictObject({ orderId: orderIdSchema });
export const streamQuerySchema = z.strictObject({ after: afterQuerySchema.default(0) });
