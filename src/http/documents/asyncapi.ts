/** The AsyncAPI 3 document of the streams: each transport's address, the messages that it carries, and Socket.IO's requests. */
import type { z } from 'zod';
import {
  refusedAckSchema,
  subscribeAckSchema,
  subscribeOrdersAckSchema,
  unsubscribeAckSchema,
  unsubscribeOrdersAckSchema,
} from '../../protocol/acknowledgements.ts';
import { CLOSE_CODES } from '../../protocol/close-codes.ts';
import { messageSchema, ordersMessageSchema } from '../../protocol/messages.ts';
import {
  ordersQuerySchema,
  streamQuerySchema,
  subscribeOrdersSchema,
  subscribeSchema,
  unsubscribeOrdersSchema,
  unsubscribeSchema,
} from '../../protocol/requests.ts';
import { describeField } from './field-descriptions.ts';
import { schemaWriter, type Json } from './json-schema.ts';
import { MESSAGE_NAMES, NAMED_SCHEMAS, ORDERS_MESSAGE_NAMES } from './named-schemas.ts';
import type { DocumentFacts } from './openapi.ts';
import { sampleOf, withSamples } from './samples.ts';

const DESCRIPTION = `Orders as streams. Every message on every transport is the same JSON object, in the same order of its keys:
\`connection\`, \`subscribed\`, then the order's journal from \`after\`, then each entry as it is committed, gapless by \`seq\`. A client should
ignore fields and types that it does not know: a newer release may add some.`;

const ACKS = [
  subscribeAckSchema,
  unsubscribeAckSchema,
  subscribeOrdersAckSchema,
  unsubscribeOrdersAckSchema,
  refusedAckSchema,
];
const REQUESTS = [subscribeSchema, unsubscribeSchema, subscribeOrdersSchema, unsubscribeOrdersSchema];

export function asyncApiDocument({ version, prefix }: DocumentFacts): Json {
  const schemas = schemaWriter('#/components/schemas/');
  for (const schema of [messageSchema, ordersMessageSchema, ...ACKS, ...REQUESTS]) schemas.write(schema);
  const acks = ACKS.map(nameOf);
  const requests = REQUESTS.map(nameOf);
  return {
    asyncapi: '3.0.0',
    info: { title: 'Fillstream streams', version, description: DESCRIPTION, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    channels: {
      order: {
        address: `${prefix}/api/orders/status/{orderId}`,
        title: 'One order on a plain WebSocket',
        description: `Accepts no messages. It ends with a close code:\n\n${closeCodes()}`,
        parameters: ORDER_ID,
        messages: refs(MESSAGE_NAMES),
        bindings: { ws: { method: 'GET', query: schemas.write(streamQuerySchema), bindingVersion: '0.1.0' } },
      },
      orderEvents: {
        address: `${prefix}/api/orders/{orderId}/events`,
        title: 'One order as server-sent events',
        description:
          'Entries have their `seq` as the `id` of the event. The query `after` says where to begin.',
        parameters: ORDER_ID,
        messages: refs(MESSAGE_NAMES),
        'x-query': schemas.write(streamQuerySchema),
      },
      ordersEvents: {
        address: `${prefix}/api/orders/events`,
        title: 'All orders of an owner as server-sent events',
        description: 'The `id` of an event is the token that resumes after it.',
        messages: refs([...ORDERS_MESSAGE_NAMES, ...MESSAGE_NAMES]),
        'x-query': schemas.write(ordersQuerySchema),
      },
      socketIo: {
        address: `${prefix}/socket.io/`,
        title: 'Any number of orders, and all of them, on one Socket.IO connection',
        description:
          'Each message of the server is the event `status`. Requests are the events `subscribe` and `unsubscribe`, each with one payload and, if the client wants it, a callback that gets the acknowledgement.',
        messages: refs([...ORDERS_MESSAGE_NAMES, ...MESSAGE_NAMES, ...requests, ...acks]),
      },
    },
    operations: {
      sendOrder: sends('order', MESSAGE_NAMES),
      sendOrderEvents: sends('orderEvents', MESSAGE_NAMES),
      sendOrdersEvents: sends('ordersEvents', [...ORDERS_MESSAGE_NAMES, ...MESSAGE_NAMES]),
      sendStatus: {
        ...sends('socketIo', [...ORDERS_MESSAGE_NAMES, ...MESSAGE_NAMES]),
        'x-socket-io-event': 'status',
      },
      subscribe: answers('subscribe', 'Subscribe', 'SubscribeAck'),
      unsubscribe: answers('unsubscribe', 'Unsubscribe', 'UnsubscribeAck'),
      subscribeToOrders: answers('subscribe', 'SubscribeOrders', 'SubscribeOrdersAck'),
      unsubscribeFromOrders: answers('unsubscribe', 'UnsubscribeOrders', 'UnsubscribeOrdersAck'),
    },
    components: {
      messages: Object.fromEntries(
        [...MESSAGE_NAMES, ...ORDERS_MESSAGE_NAMES, ...requests, ...acks].map((name) => [
          name,
          messageOf(name),
        ]),
      ),
      schemas: withSamples(schemas.components),
    },
  };
}

const ORDER_ID = { orderId: { description: describeField('orderId') } };

function nameOf(schema: z.ZodType): string {
  const name = NAMED_SCHEMAS.get(schema)?.id;
  if (name === undefined) throw new Error('a message of the streams has no name: add it to named-schemas.ts');
  return name;
}

function refs(names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
}

function inChannel(channel: string, names: readonly string[]): readonly Json[] {
  return names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }));
}

/** From the server's point of view, as AsyncAPI has it. */
function sends(channel: string, names: readonly string[]): Json {
  return {
    action: 'send',
    channel: { $ref: `#/channels/${channel}` },
    messages: inChannel(channel, names),
  };
}

function answers(event: string, request: string, ack: string): Json {
  return {
    action: 'receive',
    channel: { $ref: '#/channels/socketIo' },
    messages: inChannel('socketIo', [request]),
    'x-socket-io-event': event,
    reply: {
      channel: { $ref: '#/channels/socketIo' },
      messages: inChannel('socketIo', [ack, 'RefusedAck']),
    },
  };
}

function messageOf(name: string): Json {
  const sample = sampleOf(name);
  return {
    name,
    payload: { $ref: `#/components/schemas/${name}` },
    ...(sample === undefined ? {} : { examples: [{ payload: sample }] }),
  };
}

function closeCodes(): string {
  return CLOSE_CODES.map(
    ({ code, error, title }) => `- ${code}${error === null ? '' : ` after \`${error}\``}: ${title}`,
  ).join('\n');
}
