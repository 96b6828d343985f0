/** A reader that does not read costs a fixed number of bytes and never an entry. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { connectSocketIo, range, rawSocket, seqsOf, watchByWebSocket, type IoClient } from './clients.ts';
import { entry, newOrderId } from './entries.ts';
import { readEvents } from './event-stream.ts';
import { startFeedServer, type FeedServer } from './feed-server.ts';
import { LongPolling } from './long-polling.ts';
import { MemoryJournal } from './memory-journal.ts';
import { RedisServer } from '../support/redis/redis-server.ts';

/** Far more than the kernel holds for both ends of a loopback connection. */
const ENTRIES = 300;
const ENTRY_BYTES = 64 * 1024;
const CAP_BYTES = 512 * 1024;
/** For tens of megabytes on a busy machine. */
const CATCH_UP_MS = 60_000;

const redis = new RedisServer();
const text = 'x'.repeat(ENTRY_BYTES);
let server: FeedServer;
let store: MemoryJournal;

beforeAll(() => redis.start());
afterAll(() => redis.remove());
afterEach(() => server.stop());

async function start(slowReaderMs: number): Promise<string> {
  store = new MemoryJournal();
  server = await startFeedServer(store, redis.path, {
    maxBufferedBytes: CAP_BYTES,
    slowReaderMs,
    stalledReaderMs: 2 * CATCH_UP_MS,
  });
  const orderId = newOrderId();
  store.commit(entry(orderId, 1));
  return orderId;
}

/** As a worker would, with a turn of the event loop between the commits. */
async function grow(orderId: string): Promise<void> {
  for (const seq of range(2, ENTRIES)) {
    server.notifications.announce(store.commit(entry(orderId, seq, text)));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test(
  'a WebSocket that pauses falls behind on its own, catches up and gets everything',
  async () => {
    const orderId = await start(60_000);
    const quick = watchByWebSocket(server.port, orderId);
    const slow = watchByWebSocket(server.port, orderId);
    await Promise.all([quick.first(3), slow.first(3)]);
    slow.ws.pause();
    await grow(orderId);
    await quick.first(ENTRIES + 2, CATCH_UP_MS);
    // The order is still watched by both, and the one that is behind does not delay the other.
    expect(slow.messages.length).toBeLessThan(ENTRIES / 2);
    slow.ws.resume();
    await slow.first(ENTRIES + 2, CATCH_UP_MS);
    server.notifications.announce(store.commit(entry(orderId, ENTRIES + 1)));
    for (const { ws, messages, first, closed } of [quick, slow]) {
      await first(ENTRIES + 3);
      expect(seqsOf(messages)).toEqual(range(1, ENTRIES + 1));
      ws.close();
      await closed;
    }
  },
  3 * CATCH_UP_MS,
);

test('a WebSocket that stays paused is closed with 4408 and can resume where it was', async () => {
  const orderId = await start(300);
  const slow = watchByWebSocket(server.port, orderId);
  await slow.first(3);
  slow.ws.pause();
  await grow(orderId);
  await eventually(
    () => server.feed.watchedOrders,
    (watched) => watched === 0,
  );
  slow.ws.resume();
  expect(await slow.closed).toBe(4408);
  const seqs = seqsOf(slow.messages);
  expect(seqs).toEqual(range(1, seqs.length));
  expect(slow.messages.at(-1)).toMatchObject({ type: 'error', code: 'slow_reader', lastSeq: seqs.length });
  const again = watchByWebSocket(server.port, `${orderId}?after=${seqs.length}`);
  await again.first(ENTRIES - seqs.length + 2);
  expect(seqsOf(again.messages)).toEqual(range(seqs.length + 1, ENTRIES));
  again.ws.close();
  await again.closed;
});

describe('a stream of server-sent events', () => {
  const urlOf = (orderId: string) => `http://127.0.0.1:${server.port}/api/orders/${orderId}/events`;

  test(
    'that pauses falls behind on its own, catches up and gets everything',
    async () => {
      const orderId = await start(60_000);
      const quick = await readEvents(urlOf(orderId));
      const slow = await readEvents(urlOf(orderId));
      await Promise.all([quick.first(3), slow.first(3)]);
      slow.pause();
      await grow(orderId);
      await quick.first(ENTRIES + 2, CATCH_UP_MS);
      expect(slow.events.length).toBeLessThan(ENTRIES / 2);
      slow.resume();
      await slow.first(ENTRIES + 2, CATCH_UP_MS);
      server.notifications.announce(store.commit(entry(orderId, ENTRIES + 1)));
      for (const { messages, first } of [quick, slow]) {
        await first(ENTRIES + 3);
        expect(seqsOf(messages())).toEqual(range(1, ENTRIES + 1));
      }
    },
    3 * CATCH_UP_MS,
  );

  test('that stays paused gets everything before, the reason and the end, and can resume where it was', async () => {
    const orderId = await start(300);
    const slow = await readEvents(urlOf(orderId));
    await slow.first(3);
    slow.pause();
    await grow(orderId);
    await eventually(
      () => server.feed.watchedOrders,
      (watched) => watched === 0,
    );
    slow.resume();
    expect(await slow.ended).toBe(true);
    const seqs = seqsOf(slow.messages());
    expect(seqs).toEqual(range(1, seqs.length));
    const last = { type: 'error', code: 'slow_reader', lastSeq: seqs.length };
    expect(slow.messages().at(-1)).toMatchObject(last);
    const lastEventId = slow.lastEventId() ?? '';
    const again = await readEvents(urlOf(orderId), { 'Last-Event-ID': lastEventId });
    await again.first(ENTRIES - seqs.length + 2);
    expect(seqsOf(again.messages())).toEqual(range(seqs.length + 1, ENTRIES));
  });
});

describe('a Socket.IO connection that does not read', () => {
  test(
    'catches up on all of its orders',
    async () => {
      const first = await start(60_000);
      const second = newOrderId();
      store.commit(entry(second, 1));
      const client = connectSocketIo(server.port);
      const other = connectSocketIo(server.port);
      for (const orderId of [first, second]) {
        await client.subscribe({ orderId });
        await other.subscribe({ orderId });
      }
      const raw = rawSocket(client);
      raw.pause();
      await Promise.all([grow(first), grow(second)]);
      raw.resume();
      for (const { of, socket } of [client, other]) {
        for (const orderId of [first, second]) {
          await eventually(
            () => seqsOf(of(orderId)).length,
            (length) => length >= ENTRIES,
            CATCH_UP_MS,
          );
          expect(seqsOf(of(orderId))).toEqual(range(1, ENTRIES));
        }
        socket.disconnect();
      }
    },
    3 * CATCH_UP_MS,
  );

  test('gets everything before, the reason and the end, also when it reads again only after Engine.IO gave it up', async () => {
    const orderId = await start(300);
    const client = connectSocketIo(server.port);
    await client.subscribe({ orderId });
    const raw = rawSocket(client);
    raw.pause();
    await grow(orderId);
    await eventually(
      () => server.connections().socketIo,
      (count) => count === 0,
      30_000,
    );
    raw.resume();
    await expectReason(client, [orderId], 'slow_reader');
  }, 60_000);

  test('gets a reason for each of its orders', async () => {
    const first = await start(300);
    const second = newOrderId();
    store.commit(entry(second, 1));
    const client = connectSocketIo(server.port);
    for (const orderId of [first, second]) await client.subscribe({ orderId });
    const raw = rawSocket(client);
    raw.pause();
    await grow(first);
    await eventually(
      () => server.feed.watchedOrders,
      (watched) => watched === 0,
    );
    raw.resume();
    await expectReason(client, [first, second], 'slow_reader');
  });

  test('gets the reason with long polling, too', async () => {
    const orderId = await start(300);
    const client = await LongPolling.connect(server.port);
    await client.subscribe(orderId);
    client.poll();
    await eventually(
      () => seqsOf(client.messages),
      (seqs) => seqs.length === 1,
    );
    // From here on it takes no response.
    client.stopReading();
    await grow(orderId);
    await eventually(
      () => server.feed.watchedOrders,
      (watched) => watched === 0,
    );
    client.poll();
    await client.closed;
    const seqs = seqsOf(client.messages);
    expect(seqs).toEqual(range(1, seqs.length));
    const last = client.messages.at(-1);
    expect(last).toMatchObject({ type: 'error', code: 'slow_reader', orderId, lastSeq: seqs.length });
    await eventually(
      () => server.connections().socketIo,
      (count) => count === 0,
    );
  });
});

/** @param orderIds the errors that must come, in any order, each with the last `seq` that the client got */
async function expectReason(client: IoClient, orderIds: readonly string[], code: string): Promise<void> {
  await eventually(
    () => client.socket.connected,
    (connected) => !connected,
  );
  for (const orderId of orderIds) {
    const seqs = seqsOf(client.of(orderId));
    expect(seqs).toEqual(range(1, seqs.length));
    const last = client.of(orderId).at(-1);
    expect(last).toMatchObject({ type: 'error', code, orderId, lastSeq: seqs.length });
  }
}

describe('when the server shuts down', () => {
  test('readers that had stopped and read again get everything before, the reason and the end', async () => {
    const orderId = await start(60_000);
    const plain = watchByWebSocket(server.port, orderId);
    await plain.first(3);
    const client = connectSocketIo(server.port);
    await client.subscribe({ orderId });
    const polling = await LongPolling.connect(server.port);
    await polling.subscribe(orderId);
    polling.poll();
    await eventually(
      () => [seqsOf(client.of(orderId)).length, seqsOf(polling.messages).length],
      ([socketIo, polled]) => socketIo === 1 && polled === 1,
    );
    polling.stopReading();
    const raw = rawSocket(client);
    raw.pause();
    plain.ws.pause();
    await grow(orderId);
    const closing = server.close();
    await eventually(
      () => server.feed.watchedOrders,
      (watched) => watched === 0,
    );
    raw.resume();
    plain.ws.resume();
    polling.poll();
    expect(await plain.closed).toBe(1001);
    await expectReason(client, [orderId], 'shutting_down');
    await polling.closed;
    for (const { messages } of [plain, polling]) {
      const seqs = seqsOf(messages);
      expect(seqs).toEqual(range(1, seqs.length));
      const last = { type: 'error', code: 'shutting_down', orderId, lastSeq: seqs.length };
      expect(messages.at(-1)).toMatchObject(last);
    }
    await closing;
  });

  test('readers that never read again are cut off after a second', async () => {
    const orderId = await start(60_000);
    const plain = watchByWebSocket(server.port, orderId);
    await plain.first(3);
    const client = connectSocketIo(server.port);
    await client.subscribe({ orderId });
    const events = await readEvents(`http://127.0.0.1:${server.port}/api/orders/${orderId}/events`);
    events.pause();
    const raw = rawSocket(client);
    raw.pause();
    plain.ws.pause();
    await grow(orderId);
    const begun = performance.now();
    await server.close();
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(server.connections()).toEqual({ socketIo: 0, webSocket: 0, sse: 0 });
    raw.resume();
    plain.ws.resume();
    events.resume();
    expect(await plain.closed).toBe(1006);
    expect(await events.ended).toBe(false);
    await eventually(
      () => client.socket.connected,
      (connected) => !connected,
    );
  });
});

test('a WebSocket that answers no pings and is being closed may still read why', async () => {
  store = new MemoryJournal();
  server = await startFeedServer(store, redis.path, { heartbeatMs: 300 });
  const orderId = newOrderId();
  store.commit(entry(orderId, 1));
  const silent = watchByWebSocket(server.port, orderId, { autoPong: false });
  const other = watchByWebSocket(server.port, orderId);
  let otherPings = 0;
  other.ws.on('ping', () => (otherPings += 1));
  let pings = 0;
  await new Promise<void>((resolve) => {
    silent.ws.on('ping', () => {
      pings += 1;
      if (pings === 2) resolve();
    });
  });
  // The next round of pings would end it.
  silent.ws.pause();
  silent.ws.send('anything');
  const before = otherPings;
  await eventually(
    () => otherPings,
    (count) => count >= before + 3,
  );
  silent.ws.resume();
  expect(await silent.closed).toBe(4400);
  expect(silent.messages.at(-1)).toMatchObject({ type: 'error', code: 'invalid_request' });
  other.ws.close();
  await other.closed;
});
