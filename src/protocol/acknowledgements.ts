/** What a Socket.IO server passes to the callback of `subscribe` and `unsubscribe`. Clients branch on `ok`. */
import { z } from 'zod';
import { ORDER_STATUSES } from '../../machines/order/state.ts';
import { orderIdSchema, seqSchema } from './fields.ts';

const scope = z.literal('orders');

export const subscribeAckSchema = z.object({
  ok: z.literal(true),
  orderId: orderIdSchema,
  status: z.enum(ORDER_STATUSES),
  lastSeq: seqSchema,
});

export const unsubscribeAckSchema = z.object({
  ok: z.literal(true),
  orderId: orderIdSchema,
  wasSubscribed: z.boolean(),
});

export const subscribeOrdersAckSchema = z.object({ ok: z.literal(true), scope, token: z.string() });

export const unsubscribeOrdersAckSchema = z.object({
  ok: z.literal(true),
  scope,
  wasSubscribed: z.boolean(),
});

/** The request had no effect. Unless a later request replaced it, an `error` message comes as well. */
export const refusedAckSchema = z.object({
  ok: z.literal(false),
  orderId: orderIdSchema.optional(),
  scope: scope.optional(),
  error: z.object({
    code: z.string(),
    message: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  }),
});

export const acknowledgementSchema = z.union([
  subscribeAckSchema,
  unsubscribeAckSchema,
  subscribeOrdersAckSchema,
  unsubscribeOrdersAckSchema,
  refusedAckSchema,
]);

export type Acknowledgement = z.infer<typeof acknowledgementSchema>;
