/** A reader that does not read costs a fixed number of bytes and never an entry. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { connectSocketIo, range, seqsOf, watchByWebSocket } from './clients.ts';
import { entry, newOrderId } from './entries.ts';
import { startFeedServer, type FeedServer } from './feed-server.ts';
import { MemoryJournal } from './memory-journal.ts';
import { RedisServer } from '../support/redis-server.ts';

/** Far more than the kernel holds for both ends of a loopback connection. */
const ENTRIES = 600;
const ENTRY_BYTES = 64 * 1024;
const CAP_BYTES = 512 * 1024;

const redis = new RedisServer();
const text = 'x'.repeat(ENTRY_BYTES);
let server: FeedServer;
let store: MemoryJournal;

beforeAll(() => redis.start());
afterAll(() => redis.remove());
afterEach(() => server.stop());

async function start(slowReaderMs: number): Promise<string> {
  store = new MemoryJournal();
  server = await startFeedServer(store, redis.path, { maxBufferedBytes: CAP_BYTES, slowReaderMs });
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

test('a WebSocket that pauses falls behind on its own, catches up and gets everything', async () => {
  const orderId = await start(60_000);
  const quick = watchByWebSocket(server.port, orderId);
  const slow = watchByWebSocket(server.port, orderId);
  await Promise.all([quick.first(3), slow.first(3)]);
  slow.ws.pause();
  await grow(orderId);
  await quick.first(ENTRIES + 2);
  // The order is still watched by both, and the one that is behind holds nobody up.
  expect(slow.messages.length).toBeLessThan(ENTRIES / 2);
  slow.ws.resume();
  await slow.first(ENTRIES + 2);
  server.notifications.announce(store.commit(entry(orderId, ENTRIES + 1)));
  for (const { ws, messages, first, closed } of [quick, slow]) {
    await first(ENTRIES + 3);
    expect(seqsOf(messages)).toEqual(range(1, ENTRIES + 1));
    ws.close();
    await closed;
  }
});

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

describe('a Socket.IO connection that does not read', () => {
  /** The client's own WebSocket, to hold it still. */
  function rawSocket(client: ReturnType<typeof connectSocketIo>): { pause(): void; resume(): void } {
    const transport: unknown = client.socket.io.engine.transport;
    if (typeof transport === 'object' && transport !== null && 'ws' in transport) {
      const { ws } = transport;
      if (typeof ws === 'object' && ws !== null && 'pause' in ws && 'resume' in ws) {
        const { pause, resume } = ws;
        if (typeof pause === 'function' && typeof resume === 'function') {
          return { pause: () => void pause.call(ws), resume: () => void resume.call(ws) };
        }
      }
    }
    throw new Error('expected the client to use a WebSocket of `ws`');
  }

  test('catches up on all of its orders', async () => {
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
          () => of(orderId).length,
          (length) => length === ENTRIES + 1,
        );
        expect(seqsOf(of(orderId))).toEqual(range(1, ENTRIES));
      }
      socket.disconnect();
    }
  });

  test('is told so and disconnected', async () => {
    const orderId = await start(300);
    const client = connectSocketIo(server.port);
    await client.subscribe({ orderId });
    const raw = rawSocket(client);
    raw.pause();
    await grow(orderId);
    await eventually(
      () => server.feed.watchedOrders,
      (watched) => watched === 0,
    );
    raw.resume();
    await eventually(
      () => client.socket.connected,
      (connected) => !connected,
    );
    const seqs = seqsOf(client.messages);
    expect(seqs).toEqual(range(1, seqs.length));
    const last = client.messages.at(-1);
    expect(last).toMatchObject({ type: 'error', code: 'slow_reader', orderId, lastSeq: seqs.length });
  });
});
