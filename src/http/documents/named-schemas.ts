/** The schemas that documents keep once and refer to by name. */
import { z } from 'zod';
import {
  refusedAckSchema,
  subscribeAckSchema,
  subscribeOrdersAckSchema,
  unsubscribeAckSchema,
  unsubscribeOrdersAckSchema,
} from '../../protocol/acknowledgements.ts';
import { journaledMessageSchema, messageSchema, ordersMessageSchema } from '../../protocol/messages.ts';
import { problemSchema } from '../../protocol/problem.ts';
import {
  submissionSchema,
  subscribeOrdersSchema,
  subscribeSchema,
  unsubscribeOrdersSchema,
  unsubscribeSchema,
} from '../../protocol/requests.ts';
import {
  cancelRequestedViewSchema,
  dryRunViewSchema,
  orderPageViewSchema,
  orderViewSchema,
  quotesViewSchema,
  submittedViewSchema,
  transitionsViewSchema,
  transitionViewSchema,
} from '../../protocol/views.ts';

/** Of its own, so that a name is not added to zod's global registry by importing this module. */
export const NAMED_SCHEMAS = z.registry<{ readonly id: string }>();

const NAMES: readonly (readonly [string, z.ZodType])[] = [
  ['Problem', problemSchema],
  ['Submission', submissionSchema],
  ['Order', orderViewSchema],
  ['OrderPage', orderPageViewSchema],
  ['Quotes', quotesViewSchema],
  ['DryRun', dryRunViewSchema],
  ['Transition', transitionViewSchema],
  ['Transitions', transitionsViewSchema],
  ['SubmittedOrder', submittedViewSchema],
  ['CancelRequested', cancelRequestedViewSchema],
  ['Message', messageSchema],
  ['JournaledMessage', journaledMessageSchema],
  ['OrdersMessage', ordersMessageSchema],
  ['Subscribe', subscribeSchema],
  ['Unsubscribe', unsubscribeSchema],
  ['SubscribeOrders', subscribeOrdersSchema],
  ['UnsubscribeOrders', unsubscribeOrdersSchema],
  ['SubscribeAck', subscribeAckSchema],
  ['UnsubscribeAck', unsubscribeAckSchema],
  ['SubscribeOrdersAck', subscribeOrdersAckSchema],
  ['UnsubscribeOrdersAck', unsubscribeOrdersAckSchema],
  ['RefusedAck', refusedAckSchema],
];

for (const [id, schema] of NAMES) NAMED_SCHEMAS.add(schema, { id });

/** Each message by its type: `ConfirmedMessage`, and of a stream of all orders `OrdersHeartbeatMessage`. */
export const MESSAGE_NAMES: readonly string[] = messageSchema.options.map((schema) =>
  named(schema, `${capital(schema.shape.type.value)}Message`),
);
export const ORDERS_MESSAGE_NAMES: readonly string[] = ordersMessageSchema.options.map((schema) =>
  named(schema, `Orders${capital(schema.shape.type.value)}Message`),
);

function named(schema: z.ZodType, id: string): string {
  NAMED_SCHEMAS.add(schema, { id });
  return id;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
