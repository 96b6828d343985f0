/**
 * A client that reads nothing while bytes wait for it, far below the cap of what a connection may buffer: real sockets, each with the
 * kernel's buffers in between.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { RedisServer } from '../support/redis/redis-server.ts';
import { eventually } from '../support/eventually.ts';
import { connectSocketIo, range, rawSocket, seqsOf, watchByWebSocket } from './clients.ts';
import { entry, newOrderId } from './entries.ts';
import { readEvents } from './event-stream.ts';
import { startFeedServer, type FeedServer } from './feed-server.ts';
import { LongPolling } from './long-polling.ts';
import { MemoryJournal } from './memory-journal.ts';

const ENTRY_BYTES = 64 * 1024;
/** More than the kernel holds for both ends of a loopback connection. */
const ENTRIES = 300;
const STALLED_MS = 500;
/** No connection of these tests comes near to it. */
const CAP_BYTES = 1024 ** 3;

const redis = new RedisServer();
const text = 'x'.repeat(ENTRY_BYTES);
let server: FeedServer;
let store: MemoryJournal;
let orderId: string;

beforeAll(() => redis.start());
afterAll(() => redis.remove());
afterEach(() => server.stop());

async function start(over: Parameters<typeof startFeedServer>[2] = {}): Promise<void> {
  store = new MemoryJournal();
  server = await startFeedServer(store, redis.path, {
    maxBufferedBytes: CAP_BYTES,
    stalledReaderMs: STALLED_MS,
    ...over,
  });
  orderId = newOrderId();
  store.commit(entry(orderId, 1));
}

function grow(from: number, to: number): void {
  for (const seq of range(from, to)) server.notifications.announce(store.commit(entry(orderId, seq, text)));
}

interface Stalling {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Of the entries that have come. */
  readonly seqs: () => readonly number[];
  /** The last message of all, once the stream has ended. */
  readonly last: () => Promise<unknown>;
  /** Where a client that is left alone keeps the server waiting. */
  readonly leave?: () => Promise<void>;
}

interface SlowlyReading extends Stalling {
  /** Reads one message, or 64 KiB, and pauses again. */
  readonly readOnce: () => Promise<unknown>;
}

const STREAMS: readonly (readonly [string, () => Promise<SlowlyReading>])[] = [
  [
    'a WebSocket',
    async () => {
      const { ws, messages, first, closed } = watchByWebSocket(server.port, orderId);
      await first(3);
      let pausesNext = false;
      ws.on('message', () => {
        if (pausesNext) ws.pause();
        pausesNext = false;
      });
      return {
        pause: () => ws.pause(),
        resume: () => ws.resume(),
        readOnce: () => {
          const before = messages.length;
          pausesNext = true;
          ws.resume();
          return eventually(
            () => messages.length,
            (count) => count > before,
          );
        },
        seqs: () => seqsOf(messages),
        last: async () => {
          expect(await closed).toBe(4408);
          return messages.at(-1);
        },
      };
    },
  ],
  [
    'a stream of server-sent events',
    async () => {
      const events = await readEvents(`http://127.0.0.1:${server.port}/api/orders/${orderId}/events`);
      await events.first(3);
      return {
        pause: events.pause,
        resume: events.resume,
        readOnce: () => {
          const before = events.raw().length;
          events.readOnce();
          return eventually(
            () => events.raw().length,
            (length) => length > before,
          );
        },
        seqs: () => seqsOf(events.messages()),
        last: async () => {
          expect(await events.ended).toBe(true);
          return events.messages().at(-1);
        },
      };
    },
  ],
  [
    'a Socket.IO connection on a WebSocket',
    async () => {
      const client = connectSocketIo(server.port);
      await client.subscribe({ orderId });
      await eventually(
        () => client.messages.length,
        (count) => count >= 3,
      );
      const raw = rawSocket(client);
      let pausesNext = false;
      client.socket.on('status', () => {
        if (pausesNext) raw.pause();
        pausesNext = false;
      });
      return {
        ...raw,
        readOnce: () => {
          const before = client.messages.length;
          pausesNext = true;
          raw.resume();
          return eventually(
            () => client.messages.length,
            (count) => count > before,
          );
        },
        seqs: () => seqsOf(client.messages),
        last: async () => {
          await eventually(
            () => client.socket.connected,
            (connected) => !connected,
          );
          return client.messages.at(-1);
        },
      };
    },
  ],
];

const TRANSPORTS: readonly (readonly [string, () => Promise<Stalling>])[] = [
  ...STREAMS,
  [
    'a Socket.IO connection by long polling',
    async () => {
      const client = await LongPolling.connect(server.port);
      await client.subscribe(orderId);
      client.poll();
      await eventually(
        () => client.messages.length,
        (count) => count >= 3,
      );
      return {
        // The next response is left unread.
        pause: () => client.stopReading(),
        resume: () => client.poll(),
        seqs: () => seqsOf(client.messages),
        last: async () => {
          await client.closed;
          return client.messages.at(-1);
        },
        leave: () => client.leave(),
      };
    },
  ],
];

describe.each(TRANSPORTS)('%s', (_, open) => {
  test('that stops reading is closed in its time, and reads why when it reads again', async () => {
    await start();
    const stalling = await open();
    stalling.pause();
    const begun = performance.now();
    grow(2, ENTRIES);
    await eventually(
      () => server.feed.watchedOrders,
      (watched) => watched === 0,
    );
    expect(performance.now() - begun).toBeGreaterThan(STALLED_MS);
    stalling.resume();
    const last = await stalling.last();
    const seqs = stalling.seqs();
    expect(seqs).toEqual(range(1, seqs.length));
    expect(last).toMatchObject({ type: 'error', code: 'slow_reader', lastSeq: seqs.length });
  });

  test('with nothing to read stays', async () => {
    await start({ heartbeatMs: 100 });
    const idle = await open();
    const other = watchByWebSocket(server.port, orderId);
    // Ten heartbeats are longer than a stall may take.
    await eventually(
      () => other.messages.filter(({ type }) => type === 'heartbeat').length,
      (heartbeats) => heartbeats > (STALLED_MS * 2) / 100,
    );
    grow(2, 2);
    await eventually(
      () => idle.seqs(),
      (seqs) => seqs.length === 2,
    );
    other.ws.close();
    await idle.leave?.();
  });
});

/** One that polls shows no progress within a response: `docs/reference/streams.md` says how soon it has to poll. */
describe.each(STREAMS)('%s', (_, open) => {
  test.each([
    ['below the cap', { stalledReaderMs: STALLED_MS }],
    // One write of the kernel then takes longer than the time limit.
    [
      'above the cap',
      { stalledReaderMs: 60_000, slowReaderMs: STALLED_MS, maxBufferedBytes: 8 * 1024 * 1024 },
    ],
  ])(
    'that reads slowly, and falls behind %s, stays',
    async (_where, settings) => {
      let now = Date.now();
      await start({ ...settings, clock: { now: () => now } });
      const slow = await open();
      slow.pause();
      grow(2, ENTRIES);
      // 150 parts of at most 64 KiB in 0.75 s: the kernel makes room known in steps of 1.5 to 3 MB, which then take at most 0.25 s.
      for (let part = 1; part <= 150; part += 1) {
        await slow.readOnce();
        now += 5;
      }
      expect(slow.seqs().length).toBeLessThan(ENTRIES);
      expect(server.feed.watchedOrders).toBe(1);
      slow.resume();
      await eventually(
        () => slow.seqs(),
        (seqs) => seqs.length === ENTRIES,
        60_000,
      );
    },
    90_000,
  );
});
