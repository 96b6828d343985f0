/** The AsyncAPI document is valid, and describes everything that a whole stack sends on every transport. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import asyncApiSpecs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { submitOrder } from '../../../src/client/orders.ts';
import { asyncApiDocument } from '../../../src/http/documents/asyncapi.ts';
import type { StackProcess } from '../../../src/stack-process/start-stack.ts';
import { eventually } from '../../support/eventually.ts';
import { closed, validatorFor, withAbsoluteRefs } from '../../support/http/described-answers.ts';
import { startOwnStack } from '../../support/own-stack.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';

const refSchema = z.object({ $ref: z.string() });
const documentSchema = z.looseObject({
  channels: z.record(z.string(), z.looseObject({ messages: z.record(z.string(), refSchema) })),
  operations: z.record(z.string(), z.looseObject({ channel: refSchema, messages: z.array(refSchema) })),
  components: z.looseObject({
    messages: z.record(z.string(), z.looseObject({ payload: refSchema })),
    schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
  }),
});
const document = documentSchema.parse(asyncApiDocument({ version: '1.2.3', prefix: '' }));

test('the AsyncAPI document is valid by the schema of AsyncAPI 3', () => {
  // The specification's schema carries draft 7 itself.
  const ajv = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
  addFormats.default(ajv);
  const validate = ajv.compile(z.record(z.string(), z.unknown()).parse(asyncApiSpecs.schemas['3.0.0']));
  const errorsOf = (json: object): string => {
    validate(JSON.parse(JSON.stringify(json)));
    return ajv.errorsText(validate.errors);
  };
  expect(errorsOf(document)).toBe('No errors');
  expect(errorsOf({ ...document, channels: { order: { adress: '/' } } })).not.toBe('No errors');
});

test('each example of a message fits its schema', () => {
  const ajv = validatorFor(document);
  const examples = Object.entries(document.components.schemas).flatMap(([name, { examples = [] }]) =>
    z
      .array(z.unknown())
      .parse(examples)
      .map((example) => [name, example] as const),
  );
  expect(examples.length).toBeGreaterThan(20);
  for (const [name, example] of examples) {
    const validate = ajv.compile(withAbsoluteRefs({ $ref: `#/components/schemas/${name}` }));
    validate(example);
    expect([name, ajv.errorsText(validate.errors)]).toEqual([name, 'No errors']);
  }
});

const ajv = validatorFor(closed({ components: document.components }));

/** Checks messages against those that an operation may send, and keeps the names of those that came. */
function checkOf(operation: string) {
  const names =
    document.operations[operation]?.messages.map(({ $ref }) => $ref.slice($ref.lastIndexOf('/') + 1)) ?? [];
  const validators = names.map((name) => {
    const payload = document.components.messages[name]?.payload ?? { $ref: '' };
    return [name, ajv.compile(withAbsoluteRefs(payload))] as const;
  });
  const seen = new Map<string, number>();
  const undescribed: unknown[] = [];
  return {
    seen,
    undescribed,
    check: (message: unknown): void => {
      const fitting = validators.filter(([, validate]) => validate(message)).map(([name]) => name);
      if (fitting.length !== 1) undescribed.push({ fitting, message });
      for (const name of fitting) seen.set(name, (seen.get(name) ?? 0) + 1);
    },
  };
}

describe('the traffic of a stack', () => {
  const ORDERS = 40;
  const ONE_ORDER = [
    'ConnectionMessage',
    'SubscribedMessage',
    'PendingMessage',
    'RoutingMessage',
    'BuildingMessage',
  ];
  const ENDS = ['SubmittedMessage', 'ConfirmedMessage', 'RetryMessage', 'CancelledMessage', 'FailedMessage'];
  const transports = {
    sendOrder: checkOf('sendOrder'),
    sendOrderEvents: checkOf('sendOrderEvents'),
    sendOrdersEvents: checkOf('sendOrdersEvents'),
    sendStatus: checkOf('sendStatus'),
  };
  const acknowledged: unknown[] = [];
  let dir: TempDir;
  let stack: StackProcess;

  beforeAll(async () => {
    dir = tempDir();
    stack = await startOwnStack(dir, {
      EXECUTION: 'simulated',
      SIMULATED_FAILURES: '0.08',
      SIMULATED_SEED: 'asyncapi',
      BACKOFF_BASE_MS: '20',
      BACKOFF_CAP_MS: '100',
      FEED_HEARTBEAT_MS: '150',
    });
    await stack.ready(20_000);
    await record(stack.url, stack.url.replace('http', 'ws'));
  }, 60_000);
  afterAll(async () => {
    await stack.end('SIGTERM');
    dir.remove();
  });

  async function record(url: string, wsUrl: string): Promise<void> {
    const { sendOrder, sendOrderEvents, sendOrdersEvents, sendStatus } = transports;
    const stop = new AbortController();
    const ended = new Set<string>();
    const socket = io(url, { transports: ['websocket'], forceNew: true });
    socket.on('status', (message: unknown) => {
      sendStatus.check(message);
      const end = z.object({ type: z.enum(['confirmed', 'failed', 'cancelled']), orderId: z.string() });
      const read = end.safeParse(message);
      if (read.success) ended.add(read.data.orderId);
    });
    const ask = async (event: string, payload: unknown): Promise<void> => {
      acknowledged.push(await socket.timeout(10_000).emitWithAck(event, payload));
    };
    const all = readEvents(`${url}/api/orders/events`, sendOrdersEvents.check, stop.signal);
    const unknownToken = readEvents(
      `${url}/api/orders/events?token=nonsense`,
      sendOrdersEvents.check,
      stop.signal,
    );
    const streams: Promise<void>[] = [];
    const webSockets: Promise<unknown>[] = [
      watchByWebSocket(`${wsUrl}/api/orders/status/nonsense`, sendOrder.check),
    ];
    for (let index = 0; index < ORDERS; index += 1) {
      // Some demand more than any venue pays, and fail; some are cancelled at once.
      const minBuyAmount =
        index % 10 === 0 ? { minBuyAmount: '9'.repeat(40), validTo: soonUnixSeconds() } : {};
      const order = {
        sellToken: 'WETH',
        buyToken: 'USDC',
        sellAmount: '1000000000000000000',
        ...minBuyAmount,
      };
      const { orderId } = await submitOrder(url, order);
      webSockets.push(watchByWebSocket(`${wsUrl}/api/orders/status/${orderId}`, sendOrder.check));
      streams.push(readEvents(`${url}/api/orders/${orderId}/events`, sendOrderEvents.check, stop.signal));
      await ask('subscribe', { orderId });
      if (index % 10 === 1) await fetch(`${url}/api/orders/${orderId}/cancel`, { method: 'POST' });
    }
    await ask('subscribe', { scope: 'orders' });
    await ask('subscribe', { orderId: 'nonsense' });
    await ask('subscribe', { orderId: 'a'.repeat(32) });
    await ask('launch', {});
    await eventually(
      () => ended.size,
      (size) => size === ORDERS,
      40_000,
    );
    await eventually(
      () => sendOrdersEvents.seen.has('OrdersHeartbeatMessage'),
      (isThere) => isThere,
    );
    await ask('unsubscribe', { scope: 'orders' });
    await ask('unsubscribe', { orderId: 'a'.repeat(32) });
    await Promise.all([...streams, ...webSockets]);
    stop.abort();
    await Promise.all([all, unknownToken]);
    socket.disconnect();
  }

  test.each([
    ['sendOrder', 'a WebSocket', [...ONE_ORDER, ...ENDS, 'HeartbeatMessage', 'ErrorMessage']],
    ['sendOrderEvents', 'server-sent events', [...ONE_ORDER, ...ENDS, 'HeartbeatMessage']],
    [
      'sendOrdersEvents',
      'server-sent events of all orders',
      [...ENDS, 'OrdersHeartbeatMessage', 'OrdersResyncMessage'],
    ],
    ['sendStatus', 'Socket.IO', [...ONE_ORDER, ...ENDS, 'OrdersSubscribedMessage', 'ErrorMessage']],
  ] as const)('%s describes every message on %s', (operation, _, expected) => {
    const { seen, undescribed } = transports[operation];
    expect(undescribed).toEqual([]);
    expect(expected.filter((name) => !seen.has(name))).toEqual([]);
  });

  test('each acknowledgement is one that the document has', () => {
    const names = [
      'SubscribeAck',
      'UnsubscribeAck',
      'SubscribeOrdersAck',
      'UnsubscribeOrdersAck',
      'RefusedAck',
    ];
    const fitting = acknowledged.map((ack) =>
      names.filter((name) => ajv.validate(withAbsoluteRefs({ $ref: `#/components/schemas/${name}` }), ack)),
    );
    expect(fitting.filter(({ length }) => length !== 1)).toEqual([]);
    expect([...new Set(fitting.flat())].sort()).toEqual([...names].sort());
  });
});

/** A time at which an order that finds no route has failed for good, in Unix seconds. */
function soonUnixSeconds(): number {
  return Math.floor(Date.now() / 1000) + 4;
}

function watchByWebSocket(url: string, check: (message: unknown) => void): Promise<unknown> {
  const ws = new WebSocket(url);
  ws.on('message', (data: Buffer) => check(JSON.parse(data.toString())));
  return new Promise((resolve) => ws.once('close', resolve));
}

async function readEvents(
  url: string,
  check: (message: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { body } = await fetch(url, { signal });
    let text = '';
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) check(JSON.parse(data));
      }
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}
