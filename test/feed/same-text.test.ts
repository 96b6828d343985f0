/** A message is the same JSON text on every path: live, over Redis, replayed from each store, and over REST. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { statusOf } from '../../machines/order/state.ts';
import { messageSchema, type JournaledMessage, type Message } from '../../src/protocol/messages.ts';
import type { Store } from '../../src/store/ports.ts';
import { openMongoStore } from '../../src/store/mongo/open-mongo-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { aCommit, aNewOrder, anEntry, aState } from '../contracts/order-store/order-store-samples.ts';
import { eventually } from '../support/eventually.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../support/mongo/mongo.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { startRestServer } from '../support/http/rest-server.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { areUp } from './announcer.ts';
import { newOrderId } from './entries.ts';
import { readEvents } from './event-stream.ts';
import { startFeedServer, type FeedServer } from './feed-server.ts';

/** So that live entries come only through notifications. */
const NEVER_MS = 600_000;

const redis = new RedisServer();
beforeAll(() => redis.start());
afterAll(() => redis.remove());

const timestamp = '2026-11-22T10:00:00.000Z';
const failure = { code: 'allowance_pending', message: 'v2 is being allowed to take WETH from the signer' };
const transaction = { hash: '0xab', signer: '0xcd', nonce: 7, epoch: 1 };

/** 0.2.0 wrote `pending` without them. */
const TERMS = {
  sellToken: 'WETH',
  buyToken: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48',
  sellAmount: '1000000000000000000',
  minBuyAmount: null,
  slippageBps: 50,
  validTo: 1_764_000_000,
  recipient: null,
  clientOrderId: 'mine "1"',
};

/** Entries of every type, the last one `end`; also some that other releases wrote, with other keys and another order of keys. */
function journalOf(orderId: string, end: 'confirmed' | 'failed' | 'cancelled'): JournaledMessage[] {
  const base = (seq: number, state: string, progress: number) => ({
    orderId,
    seq,
    state,
    progress,
    timestamp,
  });
  const reason = { code: 'cancelled', message: 'The user cancelled' };
  const quote = { venue: 'v2', buyAmount: '2', gasCost: '0', gasPriced: false, block: null };
  const ofNewerRelease = {
    ...base(9, 'submitted.mining', 80),
    attempt: 1,
    venue: 'v2',
    fee: '1',
    message: 'x',
  };
  const entries: JournaledMessage[] = [
    { type: 'pending', ...base(1, 'pending', 0), ...(end === 'failed' ? {} : TERMS), message: 'Accepted' },
    {
      type: 'routing',
      ...base(2, 'routing.selecting', 30),
      attempt: 1,
      quotes: [quote],
      refusals: [{ venue: 'v3', ...failure }],
      message: 'Choosing among 1 quote',
    },
    {
      type: 'building',
      ...base(3, 'building.backoff', 50),
      attempt: 1,
      venue: 'v2',
      buyAmount: '2',
      minBuyAmount: '1',
      waitingFor: { ...failure, retryAt: timestamp },
      message: 'Waiting',
    },
    {
      type: 'retry',
      ...base(4, 'building.backoff', 50),
      attempt: 1,
      of: 3,
      delayMs: 100,
      retryAt: timestamp,
      error: failure,
      message: 'Failed',
    },
    {
      type: 'submitted',
      ...base(5, 'submitted.mining', 80),
      attempt: 1,
      venue: 'v2',
      transaction,
      error: failure,
      waitingFor: { ...failure, retryAt: null },
      message: 'Waiting',
    },
    // 0.1.0 also wrote this type where an order merely waited.
    {
      type: 'retry',
      ...base(6, 'submitted.backoff', 75),
      attempt: 1,
      of: null,
      delayMs: 800,
      retryAt: timestamp,
      error: failure,
      message: 'The node does not answer; looking again in 0.8 s',
    },
    // 0.1.0 wrote quotes without `gasPriced` and `block`.
    {
      type: 'routing',
      ...base(7, 'routing.selecting', 30),
      attempt: 1,
      quotes: [{ venue: 'v2', buyAmount: '2', gasCost: '1' }],
      refusals: [],
      message: 'Choosing among 1 quote',
    },
    { message: 'Last first', ...base(8, 'routing.quoting', 10), attempt: 1, type: 'routing' },
    { type: 'submitted', ...ofNewerRelease },
  ];
  if (end !== 'confirmed') {
    const unfilled = { ...base(10, end, 0), lastProgress: 50, reason, message: reason.message };
    return [...entries, { type: end, ...unfilled }];
  }
  const fill = { executedSellAmount: '1', executedBuyAmount: '2', transactionHash: '0xab', block: 3 };
  return [...entries, { type: end, ...base(10, end, 100), venue: 'v2', ...fill, message: 'Sold' }];
}

const ENDS = ['confirmed', 'failed', 'cancelled'] as const;

async function commit(store: Pick<Store, 'orders'>, message: JournaledMessage): Promise<JournaledMessage> {
  const { orderId, seq, state } = message;
  const status = statusOf(state);
  const isFinal = ENDS.some((end) => end === status);
  const entry = anEntry(orderId, seq, { state, message });
  if (seq === 1) {
    await store.orders.create(aNewOrder({ orderId, entry }));
  } else {
    const over = isFinal ? { state: aState({}, { value: status, status: 'done' as const }) } : {};
    const before = await store.orders.load(orderId);
    if (before === null) throw new Error(`order ${orderId} is not stored`);
    const { outcome } = await store.orders.commit(aCommit(before, { status, entries: [entry], ...over }));
    expect(outcome).toBe('committed');
  }
  return message;
}

/** The texts of the messages that come, as they come. */
interface RawClient {
  readonly texts: string[];
  send(event: string, payload: object): void;
  close(): void;
}

function plain(port: number, path: string): RawClient {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/api/orders/status/${path}`);
  const texts: string[] = [];
  ws.on('message', (data: Buffer) => texts.push(data.toString()));
  return { texts, send: () => undefined, close: () => ws.terminate() };
}

async function events(port: number, path: string): Promise<RawClient> {
  const stream = await readEvents(`http://127.0.0.1:${port}/api/orders/${path}`);
  return {
    get texts() {
      return stream.events.map(({ text }) => text);
    },
    send: () => undefined,
    close: stream.close,
  };
}

const EVENT = '42["status",';

async function socketIo(port: number): Promise<RawClient> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  const texts: string[] = [];
  ws.on('message', (data: Buffer) => {
    const text = data.toString();
    if (text.startsWith(EVENT)) texts.push(text.slice(EVENT.length, -1));
  });
  await new Promise((resolve) => ws.once('open', resolve));
  ws.send('40');
  const client = {
    texts,
    send: (event: string, payload: object) => ws.send(`42${JSON.stringify([event, payload])}`),
    close: () => ws.terminate(),
  };
  await eventually(
    () => texts,
    ({ length }) => length > 0,
  );
  return client;
}

function isEntry(text: string): boolean {
  return text.includes('"seq":');
}

function expectCanonical(text: string): Message {
  const message = messageSchema.parse(JSON.parse(text));
  // zod rebuilds an object in the order of its schema.
  expect(text).toBe(JSON.stringify(message));
  return message;
}

function everyPath(name: string, open: () => Promise<Store>, remove: () => Promise<void>): void {
  describe(name, () => {
    let store: Store;
    let here: FeedServer;
    let there: FeedServer;

    beforeAll(async () => {
      store = await open();
      // Longer than a busy machine leaves two pings unanswered.
      const settings = { quietCheckMs: NEVER_MS, heartbeatMs: 400 };
      here = await startFeedServer(store, redis.path, settings);
      there = await startFeedServer(store, redis.path, settings);
      await areUp(here, there);
    });
    afterAll(async () => {
      await Promise.all([here.stop(), there.stop()]);
      await store.close();
      await remove();
    });

    test.each(ENDS)('an order that ends %s', async (end) => {
      const orderId = newOrderId();
      const [accepted, ...later] = journalOf(orderId, end);
      if (accepted === undefined) throw new Error('expected a first entry');
      await commit(store, accepted);
      const live: Record<string, RawClient> = {
        'WebSocket, live': plain(here.port, orderId),
        'WebSocket, live over Redis': plain(there.port, orderId),
        'SSE, live': await events(here.port, `${orderId}/events`),
        'SSE, live over Redis': await events(there.port, `${orderId}/events`),
        'Socket.IO, live': await socketIo(here.port),
        'Socket.IO, live over Redis': await socketIo(there.port),
        'Socket.IO, live over Redis, a room of two': await socketIo(there.port),
      };
      for (const client of Object.values(live)) client.send('subscribe', { orderId });
      for (const client of Object.values(live)) {
        await eventually(
          () => client.texts.some((text) => text.includes('"heartbeat"')),
          (isLive) => isLive,
        );
      }
      for (const message of later) here.notifications.announce(await commit(store, message));
      const replayed: Record<string, RawClient> = {
        'WebSocket, replayed': plain(there.port, orderId),
        'SSE, replayed': await events(there.port, `${orderId}/events`),
        'Socket.IO, replayed': await socketIo(here.port),
      };
      replayed['Socket.IO, replayed']?.send('subscribe', { orderId, after: 0 });
      const expected = [accepted, ...later].map((message) => JSON.stringify(message));
      for (const [path, client] of Object.entries({ ...live, ...replayed })) {
        await eventually(
          () => client.texts.filter(isEntry),
          ({ length }) => length >= expected.length,
        );
        const { texts } = client;
        expect({ path, texts: texts.filter(isEntry) }).toEqual({ path, texts: expected });
        const types = texts.filter((text) => !isEntry(text)).map((text) => expectCanonical(text).type);
        expect(types.slice(0, 2)).toEqual(['connection', 'subscribed']);
        client.close();
      }
    });
  });
}

let dir: TempDir;
everyPath(
  'from SQLite',
  () => {
    dir = tempDir();
    return openSqliteStore({ file: join(dir.path, 'orders.sqlite') });
  },
  () => {
    dir.remove();
    return Promise.resolve();
  },
);

describeOnMongo('with MongoDB', () => {
  const url = mongoUrl();
  everyPath(
    'from MongoDB',
    () => openMongoStore({ url }),
    () => dropDatabase(url),
  );
});

test('over REST a transition has its message as the feed sends it', async () => {
  const server = await startRestServer();
  const orderId = newOrderId();
  const messages = journalOf(orderId, 'confirmed');
  for (const message of messages) await commit(server.store, message);
  const response = await fetch(`${server.url}/api/orders/${orderId}/transitions`);
  const text = await response.text();
  for (const message of messages) expect(text).toContain(`"message":${JSON.stringify(message)}`);
  await server.stop();
});

describe('an error', () => {
  test.each([
    ['an order that is not there', newOrderId(), 'order_not_found'],
    ['an id that is not an id', 'what', 'invalid_request'],
    ['an after ahead of the journal', 'after-ahead', 'after_ahead'],
  ])('for %s has its keys in the order of its schema, on both transports', async (_what, path, code) => {
    const dir = tempDir();
    const store = await openSqliteStore({ file: join(dir.path, 'orders.sqlite') });
    const server = await startFeedServer(store, redis.path);
    const [first] = journalOf(newOrderId(), 'failed');
    if (first === undefined) throw new Error('expected a first entry');
    await commit(store, first);
    const orderId = path === 'after-ahead' ? first.orderId : path;
    const clients = [plain(server.port, `${orderId}?after=5`), await socketIo(server.port)];
    clients[1]?.send('subscribe', { orderId, after: 5 });
    for (const { texts } of clients) {
      await eventually(
        () => texts,
        (all) => all.some((text) => text.includes('"error"')),
      );
      expect(texts.map(expectCanonical).at(-1)).toMatchObject({ type: 'error', code });
    }
    for (const client of clients) client.close();
    await server.stop();
    await store.close();
    dir.remove();
  });

  test('when a server shuts down has its keys in the order of its schema, on every transport', async () => {
    const dir = tempDir();
    const store = await openSqliteStore({ file: join(dir.path, 'orders.sqlite') });
    const server = await startFeedServer(store, redis.path);
    const [first] = journalOf(newOrderId(), 'failed');
    if (first === undefined) throw new Error('expected a first entry');
    const { orderId } = await commit(store, first);
    const clients = [
      plain(server.port, orderId),
      await socketIo(server.port),
      await events(server.port, `${orderId}/events`),
    ];
    clients[1]?.send('subscribe', { orderId });
    for (const client of clients) {
      await eventually(
        () => client.texts,
        (all) => all.some(isEntry),
      );
    }
    await server.stop();
    for (const client of clients) {
      await eventually(
        () => client.texts,
        (all) => all.some((text) => text.includes('"error"')),
      );
      const { texts } = client;
      const control = texts.filter((text) => !isEntry(text)).map(expectCanonical);
      expect(control.at(-1)).toMatchObject({ type: 'error', code: 'shutting_down', orderId, lastSeq: 1 });
    }
    await store.close();
    dir.remove();
  });
});
