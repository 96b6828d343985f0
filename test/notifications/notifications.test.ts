/** Which process receives what: entries go to processes with sockets, commands to processes with a worker. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { COMMAND_CHANNEL } from '../../src/notifications/command-channel.ts';
import { eventually } from '../support/eventually.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { areUp, startAnnouncer, type Announcer } from '../feed/announcer.ts';
import { range, seqsOf, watchByWebSocket } from '../feed/clients.ts';
import { entry, newOrderId } from '../feed/entries.ts';
import { startFeedServer, type FeedServer } from '../feed/feed-server.ts';
import { MemoryJournal } from '../feed/memory-journal.ts';

const ENTRY_CHANNEL = 'socket.io-request#/#';
/** So that entries come only through notifications. */
const NEVER_MS = 600_000;

const redis = new RedisServer();
const store = new MemoryJournal();
let api: FeedServer;
let all: FeedServer;
let worker: Announcer;

beforeAll(() => redis.start());
afterAll(() => redis.remove());

beforeEach(async () => {
  api = await startFeedServer(store, redis.path, { quietCheckMs: NEVER_MS });
  all = await startFeedServer(store, redis.path, { quietCheckMs: NEVER_MS });
  worker = startAnnouncer(redis.path);
  await areUp(api, all, worker);
});
afterEach(() => Promise.all([api.stop(), all.stop(), worker.stop()]));

async function subscribersOf(channel: string): Promise<unknown> {
  const answer = await redis.command('PUBSUB', 'NUMSUB', channel);
  return Array.isArray(answer) ? answer[1] : answer;
}

test('entries come from a process without sockets to all that have some, many in a turn, in order', async () => {
  const orderId = newOrderId();
  store.commit(entry(orderId, 1));
  const watching = [api, all].map(({ port }) => watchByWebSocket(port, orderId));
  for (const { first } of watching) await first(3);
  for (const seq of range(2, 450)) worker.notifications.announce(store.commit(entry(orderId, seq)));
  for (const { messages } of watching) {
    await eventually(
      () => seqsOf(messages),
      ({ length }) => length >= 450,
    );
    expect(seqsOf(messages)).toEqual(range(1, 450));
  }
});

test('what a process announces comes back to it from Redis and is dropped unread', async () => {
  const delivered: string[] = [];
  api.redis.sub.on('messageBuffer', (_channel: Buffer, text: Buffer) => delivered.push(String(text)));
  const [own, foreign] = [newOrderId(), newOrderId()];
  api.notifications.announce(store.commit(entry(own, 1)));
  expect(await redis.command('PUBLISH', ENTRY_CHANNEL, foreign)).toBe(2);
  worker.notifications.announce(store.commit(entry(foreign, 1)));
  await eventually(
    () => delivered.length,
    (count) => count >= 2,
  );
  expect(delivered.filter((text) => text.includes(own))).toEqual([]);
  expect(delivered.every((text) => text.includes(foreign))).toBe(true);
});

test('a process without sockets receives no entries', async () => {
  expect(await subscribersOf(ENTRY_CHANNEL)).toBe(2);
});

test('commands come to every other process with a worker, to each once, and no other process listens', async () => {
  const received = { all: [] as string[], worker: [] as string[] };
  all.notifications.onCommand((orderId) => received.all.push(orderId));
  worker.notifications.onCommand((orderId) => received.worker.push(orderId));
  await eventually(
    () => subscribersOf(COMMAND_CHANNEL),
    (count) => count === 2,
  );
  const orderIds = range(1, 450).map(() => newOrderId());
  for (const orderId of orderIds) api.notifications.commandWaiting(orderId);
  await eventually(
    () => [received.all.length, received.worker.length],
    ([there = 0, elsewhere = 0]) => there >= 450 && elsewhere >= 450,
  );
  expect(received).toEqual({ all: orderIds, worker: orderIds });
});

test('a command that waits where the worker is comes to it at once, and not a second time from Redis', async () => {
  const received: string[] = [];
  all.notifications.onCommand((orderId) => received.push(orderId));
  const there: string[] = [];
  worker.notifications.onCommand((orderId) => there.push(orderId));
  await eventually(
    () => subscribersOf(COMMAND_CHANNEL),
    (count) => count === 2,
  );
  all.notifications.commandWaiting('a'.repeat(32));
  expect(received).toEqual(['a'.repeat(32)]);
  worker.notifications.commandWaiting('b'.repeat(32));
  await eventually(
    () => [...received, ...there],
    ({ length }) => length >= 4,
  );
  expect(received).toEqual(['a'.repeat(32), 'b'.repeat(32)]);
  expect(there).toContain('a'.repeat(32));
});
