/**
 * What every watcher gets, whatever happens to the notifications: clients that repair nothing, on two servers, while journals
 * grow and Redis fails.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sleep } from '../../src/runtime/time.ts';
import { eventually } from '../support/eventually.ts';
import { connectSocketIo, range, seqsOf, watchByWebSocket, type IoClient } from './clients.ts';
import { entry, lastEntry, newOrderId } from './entries.ts';
import { startFeedServer, type FeedServer } from './feed-server.ts';
import { MemoryJournal } from './memory-journal.ts';
import { RedisServer } from '../support/redis/redis-server.ts';

const ORDERS = 60;
const ENTRIES = 40;

const redis = new RedisServer();
const store = new MemoryJournal();
const servers: FeedServer[] = [];

beforeAll(async () => {
  await redis.start();
  servers.push(await startFeedServer(store, redis.path), await startFeedServer(store, redis.path));
});

afterAll(async () => {
  try {
    await Promise.all(servers.map((server) => server.stop()));
  } finally {
    await redis.remove();
  }
});

function one<Item>(items: readonly Item[]): Item {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

const upTo = (ms: number): Promise<void> => sleep(Math.random() * ms);

/** Commits the order's whole journal; its notifications are lost, doubled, late and out of order. */
async function execute(orderId: string, durationMs: number): Promise<void> {
  for (const seq of range(1, ENTRIES)) {
    const message = store.commit(seq === ENTRIES ? lastEntry(orderId, seq) : entry(orderId, seq));
    const { notifications } = one(servers);
    const fate = Math.random();
    if (fate < 0.4) notifications.announce(message);
    else if (fate < 0.6) void upTo(60).then(() => notifications.announce(message));
    else if (fate < 0.8) {
      notifications.announce(message);
      void upTo(60).then(() => one(servers).notifications.announce(message));
    }
    // A burst now and then, as from an order that is resumed.
    if (Math.random() < 0.8) await upTo((2 * durationMs) / ENTRIES);
  }
}

interface Watch {
  readonly orderId: string;
  readonly after: number;
  readonly seqs: () => number[];
  readonly kinds: () => string[];
  readonly closed: PromiseLike<number> | null;
}

/** Comes at some moment of the order's life, and begins anywhere in what is there by then. */
async function watch(orderId: string, client: IoClient, withinMs: number): Promise<Watch> {
  await upTo(withinMs);
  await eventually(
    () => store.lastSeq(orderId),
    (lastSeq) => lastSeq > 0,
  );
  const after = Math.random() < 0.5 ? 0 : Math.floor(Math.random() * store.lastSeq(orderId));
  if (Math.random() < 0.5) {
    const { messages, first, closed } = watchByWebSocket(one(servers).port, `${orderId}?after=${after}`);
    await first(2);
    const kinds = () => messages.slice(0, 2).map(({ type }) => type);
    return { orderId, after, seqs: () => seqsOf(messages), kinds, closed };
  }
  const answer = await client.subscribe({ orderId, after });
  expect(answer).toMatchObject({ ok: true });
  const messages = () => client.of(orderId);
  const kinds = () => [
    'connection',
    ...messages()
      .slice(0, 1)
      .map(({ type }) => type),
  ];
  return { orderId, after, seqs: () => seqsOf(messages()), kinds, closed: null };
}

async function storm(
  durationMs: number,
  meanwhile: (joined: Promise<unknown>) => Promise<void>,
  joinWithinMs = durationMs,
): Promise<void> {
  const sockets = range(1, 4).map((n) =>
    connectSocketIo((servers[n % 2] ?? one(servers)).port, n % 4 === 0 ? ['polling'] : ['websocket']),
  );
  const orders = range(1, ORDERS).map(newOrderId);
  const executing = orders.map(async (orderId) => {
    await upTo(200);
    await execute(orderId, durationMs);
  });
  const watching = orders.flatMap((orderId) => sockets.map((socket) => watch(orderId, socket, joinWithinMs)));
  await Promise.all([meanwhile(Promise.all(watching)), ...executing]);
  for (const { orderId, after, seqs, kinds, closed } of await Promise.all(watching)) {
    const expected = range(after + 1, ENTRIES);
    await eventually(seqs, ({ length }) => length >= expected.length);
    expect({ orderId, seqs: seqs() }).toEqual({ orderId, seqs: expected });
    expect(kinds()).toEqual(['connection', 'subscribed']);
    if (closed !== null) expect(await closed).toBe(1000);
  }
  for (const { socket } of sockets) socket.disconnect();
  for (const { feed } of servers) {
    await eventually(
      () => feed.watchedOrders,
      (watched) => watched === 0,
    );
  }
}

describe('every plain client gets each entry once and in order', () => {
  test('while notifications are lost, doubled, late and out of order', async () => {
    store.lagMs = 10;
    await storm(1_500, () => Promise.resolve());
  });

  test('while Redis is killed and restarted later', async () => {
    store.lagMs = 10;
    await storm(2_500, async () => {
      await sleep(400);
      await redis.kill();
      await sleep(800);
      await redis.start();
    });
    for (const server of servers) {
      await eventually(
        () => server.redis.isUp(),
        (up) => up,
        5_000,
      );
    }
  });

  test('while the connections to Redis are cut again and again', async () => {
    store.lagMs = 10;
    await storm(1_500, async () => {
      for (const type of ['pubsub', 'normal', 'pubsub', 'normal', 'pubsub']) {
        await sleep(200);
        await redis.command('CLIENT', 'KILL', 'TYPE', type);
      }
    });
  });

  test('while the store is unavailable for a moment', async () => {
    store.lagMs = 2;
    // A client that joins while the store is unavailable gets an error instead; another test shows it.
    const cutShort = async (joined: Promise<unknown>): Promise<void> => {
      await joined;
      store.away = true;
      await sleep(300);
      store.away = false;
    };
    await storm(2_000, cutShort, 1_000);
  });
});

describe('Redis', () => {
  test('carries notifications to the other server again within 5 s of a connection loss that no socket reports', async () => {
    const [here, there] = servers;
    if (here === undefined || there === undefined) throw new Error('expected two servers');
    redis.pause(true);
    here.notifications.announce(entry(newOrderId(), 1));
    await eventually(
      () => servers.every((server) => !server.redis.isUp()),
      (cutOff) => cutOff,
    );
    redis.pause(false);
    await eventually(
      () => servers.every((server) => server.redis.isUp()),
      (up) => up,
      5_000,
    );
    const received: string[] = [];
    there.notifications.onCommand((orderId) => received.push(orderId));
    const orderId = newOrderId();
    await eventually(
      () => {
        here.notifications.commandWaiting(orderId);
        return received;
      },
      (ids) => ids.includes(orderId),
      5_000,
    );
  });

  test('is reported as unavailable once in the log, not at each attempt', () => {
    for (const { logged } of servers) {
      const lost = logged.filter((line) => line.includes('Redis is unavailable'));
      const there = logged.filter((line) => line.includes('Redis is connected'));
      // Each of the two connections is logged at the start, and once more after each loss.
      expect(there.length - lost.length).toBe(2);
    }
  });
});
