/** What a subscriber receives, on both transports, from its first message to its last. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { connectSocketIo, range, seqsOf, watchByWebSocket, type IoClient } from './clients.ts';
import { entry, lastEntry, newOrderId } from './entries.ts';
import { startFeedServer, type FeedServer } from './feed-server.ts';
import { MemoryJournal } from './memory-journal.ts';
import { RedisServer } from '../support/redis/redis-server.ts';

const redis = new RedisServer();
let store: MemoryJournal;
let server: FeedServer;
let client: IoClient;

beforeAll(() => redis.start());
afterAll(() => redis.remove());

beforeEach(async () => {
  store = new MemoryJournal();
  server = await startFeedServer(store, redis.path, { maxSubscriptions: 3 });
  client = connectSocketIo(server.port);
});

afterEach(async () => {
  client.socket.disconnect();
  try {
    await eventually(
      () => [server.feed.watchedOrders, server.connections()],
      ([watched]) => watched === 0,
    );
  } finally {
    await server.stop();
  }
});

function orderOf(entries: number): string {
  const orderId = newOrderId();
  for (const seq of range(1, entries)) store.commit(entry(orderId, seq));
  return orderId;
}

function endedOrder(entries: number): string {
  const orderId = orderOf(entries - 1);
  store.commit(lastEntry(orderId, entries));
  return orderId;
}

function commit(orderId: string, seq: number): void {
  server.notifications.announce(store.commit(entry(orderId, seq)));
}

describe('a WebSocket', () => {
  test('gets connection, subscribed, the journal, new entries, and 1000 after the last entry', async () => {
    const orderId = orderOf(2);
    const { messages, first, closed } = watchByWebSocket(server.port, orderId);
    await first(4);
    commit(orderId, 3);
    server.notifications.announce(store.commit(lastEntry(orderId, 4)));
    expect(await closed).toBe(1000);
    expect(messages.map(({ type }) => type)).toEqual([
      'connection',
      'subscribed',
      'pending',
      'routing',
      'routing',
      'confirmed',
    ]);
    expect(messages[0]).toMatchObject({ orderId, progress: 10 });
    expect(messages[1]).toMatchObject({ orderId, status: 'routing', progress: 10, lastSeq: 2 });
    expect(seqsOf(messages)).toEqual([1, 2, 3, 4]);
  });

  test.each([0, 1, 149, 150])('resumes an ended order of 150 entries after %d', async (after) => {
    const { messages, closed } = watchByWebSocket(server.port, `${endedOrder(150)}?after=${after}`);
    expect(await closed).toBe(1000);
    expect(seqsOf(messages)).toEqual(range(after + 1, 150));
    expect(messages[1]).toMatchObject({
      type: 'subscribed',
      status: 'confirmed',
      progress: 100,
      lastSeq: 150,
    });
  });

  test('gets only what comes after "latest"', async () => {
    const orderId = orderOf(5);
    const { ws, messages, first, closed } = watchByWebSocket(server.port, `${orderId}?after=latest`);
    await first(2);
    commit(orderId, 6);
    await first(3);
    expect(seqsOf(messages)).toEqual([6]);
    ws.close();
    await closed;
  });

  test('is greeted while the store is slow to answer', async () => {
    const orderId = orderOf(1);
    store.lagMs = 4_000;
    const { ws, messages, first } = watchByWebSocket(server.port, orderId);
    await first(1);
    expect(messages[0]).toMatchObject({ type: 'connection', orderId });
    ws.close();
  });

  const sevenEntries = () => orderOf(7);
  test.each([
    ['an order that is not there', () => newOrderId(), 4404, 'order_not_found'],
    ['an id that is none', () => 'what', 4400, 'invalid_request'],
    ['an id with more behind it', () => `${sevenEntries()}/x`, 4400, 'invalid_request'],
    ['an id that is not valid in a URL', () => '%E0%A4%A', 4400, 'invalid_request'],
    ['no id at all', () => '', 4400, 'invalid_request'],
    ['a negative after', () => `${sevenEntries()}?after=-1`, 4400, 'invalid_request'],
    ['an empty after', () => `${sevenEntries()}?after=`, 4400, 'invalid_request'],
    ['two afters', () => `${sevenEntries()}?after=1&after=2`, 4400, 'invalid_request'],
    ['an unknown parameter', () => `${sevenEntries()}?since=1`, 4400, 'invalid_request'],
    ['an after ahead of the journal', () => `${sevenEntries()}?after=8`, 4409, 'after_ahead'],
  ])('that asks for %s gets one typed error and its code', async (_what, path, closeCode, code) => {
    const { messages, closed } = watchByWebSocket(server.port, path());
    expect(await closed).toBe(closeCode);
    expect(messages).toMatchObject([{ type: 'error', code }]);
    if (code === 'after_ahead') expect(messages).toMatchObject([{ lastSeq: 7 }]);
  });

  test('gets 4503 while the store is unavailable', async () => {
    const orderId = orderOf(1);
    store.away = true;
    const { messages, closed } = watchByWebSocket(server.port, orderId);
    expect(await closed).toBe(4503);
    expect(messages).toMatchObject([{ type: 'error', code: 'store_unavailable', orderId }]);
  });
});

describe('a Socket.IO connection', () => {
  test('is greeted, watches many orders, and stays when one of them ends', async () => {
    const [ended, open] = [endedOrder(3), orderOf(1)];
    expect(await client.subscribe({ orderId: ended })).toEqual({
      ok: true,
      orderId: ended,
      status: 'confirmed',
      lastSeq: 3,
    });
    await client.subscribe({ orderId: open, after: 0 });
    commit(open, 2);
    await eventually(
      () => seqsOf(client.of(open)),
      (seqs) => seqs.length === 2,
    );
    expect(client.messages[0]).toMatchObject({ type: 'connection' });
    expect(client.of(ended).map(({ type }) => type)).toEqual([
      'subscribed',
      'pending',
      'routing',
      'confirmed',
    ]);
    expect(client.socket.connected).toBe(true);
    expect(server.feed.watchedOrders).toBe(1);
  });

  test('that subscribes again begins anew, and nothing comes twice', async () => {
    const orderId = orderOf(300);
    store.lagMs = 5;
    const answers = await Promise.all(range(1, 5).map(() => client.subscribe({ orderId })));
    expect(answers.filter(({ ok }) => ok === true).length).toBeGreaterThanOrEqual(1);
    expect(answers.at(-1)).toMatchObject({ ok: true });
    commit(orderId, 301);
    await eventually(
      () => seqsOf(client.of(orderId)),
      (seqs) => seqs.includes(301),
    );
    const last = client.of(orderId).findLastIndex(({ type }) => type === 'subscribed');
    expect(seqsOf(client.of(orderId).slice(last))).toEqual(range(1, 301));
  });

  test('that unsubscribes within a replay gets nothing more', async () => {
    const orderId = orderOf(400);
    store.lagMs = 10;
    await client.subscribe({ orderId });
    expect(await client.unsubscribe({ orderId })).toEqual({ ok: true, orderId, wasSubscribed: true });
    const before = client.of(orderId).length;
    commit(orderId, 401);
    // Whatever was still on its way comes before the answer to this.
    expect(await client.unsubscribe({ orderId })).toEqual({ ok: true, orderId, wasSubscribed: false });
    expect(client.of(orderId).length).toBe(before);
    expect(server.feed.watchedOrders).toBe(0);
  });

  test('that closes within a replay leaves no room and no subscription behind', async () => {
    const orderId = orderOf(1_000);
    store.lagMs = 5;
    await client.subscribe({ orderId });
    client.socket.disconnect();
    await eventually(
      () => server.feed.watchedOrders,
      (watched) => watched === 0,
    );
  });

  test('watches no more orders than the limit allows, and one more after it unsubscribes from one', async () => {
    const orders = range(1, 4).map(() => orderOf(1));
    const [first, second, third, fourth] = orders;
    for (const orderId of [first, second, third]) await client.subscribe({ orderId });
    expect(await client.subscribe({ orderId: fourth })).toMatchObject({
      ok: false,
      error: { code: 'too_many_subscriptions' },
    });
    expect(await client.subscribe({ orderId: third })).toMatchObject({ ok: true });
    await client.unsubscribe({ orderId: first });
    expect(await client.subscribe({ orderId: fourth })).toMatchObject({ ok: true });
  });

  test('gets typed errors by acknowledgement and by message', async () => {
    const unknown = newOrderId();
    const short = orderOf(2);
    expect(await client.subscribe({ orderId: unknown })).toMatchObject({
      error: { code: 'order_not_found' },
    });
    expect(await client.subscribe({ orderId: short, after: 3 })).toMatchObject({
      error: { code: 'after_ahead' },
    });
    expect(client.of(unknown)).toMatchObject([{ type: 'error', code: 'order_not_found' }]);
    expect(client.of(short)).toMatchObject([{ type: 'error', code: 'after_ahead', lastSeq: 2 }]);
    expect(server.feed.watchedOrders).toBe(0);
  });
});

describe('a room', () => {
  test('reads the journal when its last notification was lost', async () => {
    const orderId = orderOf(1);
    await client.subscribe({ orderId });
    store.commit(entry(orderId, 2));
    await eventually(
      () => seqsOf(client.of(orderId)),
      (seqs) => seqs.length === 2,
    );
  });

  test('asks for all quiet orders in one query', async () => {
    // The checks of this server come only from the test.
    const quiet = await startFeedServer(store, redis.path, { quietCheckMs: 600_000 });
    const watcher = connectSocketIo(quiet.port);
    const orders = range(1, 3).map(() => orderOf(1));
    for (const orderId of orders) await watcher.subscribe({ orderId });
    await eventually(
      () => seqsOf(watcher.messages),
      (seqs) => seqs.length === orders.length,
    );
    await quiet.feed.checkQuietRooms();
    const before = store.queries;
    await quiet.feed.checkQuietRooms();
    expect(store.queries - before).toBe(1);
    watcher.socket.disconnect();
    await quiet.stop();
  });

  test('survives a store that is unavailable for longer than a replay waits', async () => {
    const orderId = orderOf(1);
    await client.subscribe({ orderId });
    await eventually(
      () => seqsOf(client.of(orderId)),
      (seqs) => seqs.length === 1,
    );
    store.away = true;
    store.commit(entry(orderId, 2));
    server.notifications.announce(store.commit(entry(orderId, 3)));
    await eventually(
      () => server.logged,
      (lines) => lines.some((line) => line.includes('cannot be read')),
    );
    store.away = false;
    await eventually(
      () => seqsOf(client.of(orderId)),
      (seqs) => seqs.length === 3,
    );
    expect(seqsOf(client.of(orderId))).toEqual([1, 2, 3]);
  });
});
