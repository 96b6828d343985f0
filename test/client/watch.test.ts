/** The client's streams on every transport, against servers that are killed, stopped and restarted. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { getEventListeners } from 'node:events';
import {
  ApiError,
  FillstreamClient,
  StreamError,
  type JournaledMessage,
  type Link,
} from '../../src/client/index.ts';
import { sleep } from '../../src/runtime/time.ts';
import { range } from '../feed/clients.ts';
import { entry, lastEntry, newOrderId } from '../feed/entries.ts';
import { startFeedServer, type FeedServer } from '../feed/feed-server.ts';
import { MemoryJournal } from '../feed/memory-journal.ts';
import { eventually } from '../support/eventually.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { drawOrderId, seededRandom } from '../support/seeded-random.ts';
import { soon } from '../support/soon.ts';

const TRANSPORTS = ['sse', 'websocket', 'socket.io'] as const;
const ORDERS = 12;
const ENTRIES = 30;
const KILLS = 8;

const redis = new RedisServer();
const random = seededRandom('what happens while a client watches');
let store: MemoryJournal;
let servers: FeedServer[] = [];

beforeAll(() => redis.start());
afterAll(() => redis.remove());
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});

async function start(count: number): Promise<void> {
  store = new MemoryJournal();
  for (const index of range(0, count - 1)) servers[index] = await startFeedServer(store, redis.path);
}

const urls = (): string[] => servers.map(({ port }) => `http://127.0.0.1:${port}`);
const upTo = (ms: number): Promise<void> => sleep(random() * ms);

function commit(message: JournaledMessage): void {
  store.commit(message);
  for (const { notifications } of servers.slice(0, 1)) notifications.announce(message, 'local');
}

/** The server ends without a word, or in order, and another one takes its port. */
async function replace(index: number): Promise<void> {
  const server = servers[index];
  if (server === undefined) throw new Error(`there is no server ${index}`);
  if (random() < 0.7) await server.kill();
  else await server.stop();
  await upTo(100);
  servers[index] = await startFeedServer(store, redis.path, { port: server.port });
}

async function execute(orderId: string): Promise<void> {
  for (const seq of range(2, ENTRIES)) {
    await upTo(120);
    commit(seq === ENTRIES ? lastEntry(orderId, seq) : entry(orderId, seq));
  }
}

describe.each(TRANSPORTS)('a watch over %s', (transport) => {
  const client = (): FillstreamClient => new FillstreamClient({ url: urls(), transport });

  test('sees 1..n of each order while the servers are killed, stopped and restarted', async () => {
    await start(2);
    const orderIds = range(1, ORDERS).map(() => drawOrderId(random));
    for (const orderId of orderIds) commit(entry(orderId, 1));
    const watcher = client();
    const seen = orderIds.map(async (orderId) => {
      const seqs: number[] = [];
      for await (const { seq } of watcher.watch(orderId)) seqs.push(seq);
      return seqs;
    });
    const executed = Promise.all(orderIds.map(execute));
    for (const turn of range(1, KILLS)) {
      await upTo(300);
      await replace(turn % 2);
    }
    await executed;
    const complete = range(1, ENTRIES);
    expect(await soon('the end of all watches', Promise.all(seen), 20_000)).toEqual(
      orderIds.map(() => complete),
    );
  });

  test('resumes after the named entry, and ends at once for an order that has ended', async () => {
    await start(1);
    const orderId = newOrderId();
    for (const seq of [1, 2]) commit(entry(orderId, seq));
    commit(lastEntry(orderId, 3));
    const seqs: number[] = [];
    await client()
      .watch(orderId, { after: 1 })
      .each(({ seq }) => seqs.push(seq));
    expect(seqs).toEqual([2, 3]);
    await client()
      .watch(orderId, { after: 3 })
      .each(({ seq }) => seqs.push(seq));
    expect(seqs).toEqual([2, 3]);
  });

  test('begins with what follows where `after` is latest, also after a lost connection', async () => {
    await start(1);
    const orderId = newOrderId();
    for (const seq of [1, 2, 3]) commit(entry(orderId, seq));
    const links: Link[] = [];
    const seqs: number[] = [];
    const watched = client()
      .watch(orderId, { after: 'latest', onLink: (link) => links.push(link) })
      .each(({ seq }) => seqs.push(seq));
    const isLive = (times: number) =>
      eventually(
        () => links.filter((link) => link === 'live').length,
        (n) => n === times,
      );
    await isLive(1);
    await replace(0);
    await isLive(2);
    commit(lastEntry(orderId, 4));
    await soon('the end of the watch', watched);
    expect(seqs).toEqual([4]);
    expect(links.slice(0, 3)).toEqual(['connecting', 'live', 'offline']);
  });

  test('throws what the server refuses, with its code', async () => {
    await start(1);
    const unknown = client().waitFor(newOrderId());
    await expect(soon('the refusal', unknown)).rejects.toMatchObject({ code: 'order_not_found' });
    await expect(unknown).rejects.toBeInstanceOf(transport === 'sse' ? ApiError : StreamError);
    const orderId = newOrderId();
    commit(entry(orderId, 1));
    const ahead = client().watch(orderId, { after: 5 }).next();
    await expect(soon('the refusal', ahead)).rejects.toMatchObject({ code: 'after_ahead' });
    const invalid = client().watch('no-order').next();
    await expect(soon('the refusal', invalid)).rejects.toMatchObject({ code: 'invalid_request' });
    if (transport === 'websocket') await expect(unknown).rejects.toMatchObject({ closeCode: 4404 });
  });

  test('ends when it is left, closed or aborted, and closes its connection', async () => {
    await start(1);
    const [server] = servers;
    const orderId = newOrderId();
    commit(entry(orderId, 1));
    const watcher = client();
    for await (const { seq } of watcher.watch(orderId)) if (seq === 1) break;
    const closed = watcher.watch(orderId);
    expect(await closed.next()).toMatchObject({ done: false });
    const pending = closed.next();
    closed.close();
    expect(await soon('the end of a closed watch', pending)).toEqual({ done: true, value: undefined });
    const abort = new AbortController();
    const aborted = watcher.waitFor(orderId, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(soon('the end of an aborted watch', aborted)).rejects.toThrow('enough');
    await eventually(
      () => Object.values(server?.connections() ?? {}),
      (counts) => counts.every((count) => count === 0),
    );
  });

  test('shares a signal with many others by one listener, and all of them end with it', async () => {
    await start(1);
    const orderId = newOrderId();
    commit(entry(orderId, 1));
    const abort = new AbortController();
    const links: Link[] = [];
    const watcher = client();
    const watches = range(1, 30).map(() =>
      watcher.waitFor(orderId, { signal: abort.signal, onLink: (link) => links.push(link) }),
    );
    await eventually(
      () => links.filter((link) => link === 'live').length,
      (live) => live === 30,
    );
    // Node.js warns of more than ten.
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
    abort.abort(new Error('enough'));
    const ends = await soon('the end of all watches', Promise.allSettled(watches));
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
  });

  test('waits for the end of an order', async () => {
    await start(1);
    const orderId = newOrderId();
    commit(entry(orderId, 1));
    const end = client().waitFor(orderId);
    commit(lastEntry(orderId, 2));
    expect(await soon('the last entry', end)).toMatchObject({
      type: 'confirmed',
      seq: 2,
      executedBuyAmount: '2',
    });
  });

  test('sees all orders, each from its first entry in order, while the servers are killed and restarted', async () => {
    await start(2);
    const orderIds = range(1, ORDERS).map(() => drawOrderId(random));
    const seen = new Map<string, number[]>();
    const links: Link[] = [];
    const watch = client().watchAll({}, { onLink: (link) => links.push(link) });
    const watched = watch.each((each) => {
      if (each.type !== 'resync') seen.set(each.orderId, [...(seen.get(each.orderId) ?? []), each.seq]);
    });
    await eventually(
      () => links,
      (all) => all.includes('live'),
    );
    const executed = Promise.all(
      orderIds.map(async (orderId) => {
        await upTo(500);
        commit(entry(orderId, 1));
        await execute(orderId);
      }),
    );
    for (const turn of range(1, KILLS)) {
      await upTo(300);
      await replace(turn % 2);
    }
    await executed;
    const isComplete = (): boolean => orderIds.every((orderId) => seen.get(orderId)?.at(-1) === ENTRIES);
    await eventually(isComplete, Boolean, 15_000);
    watch.close();
    await soon('the end of the watch', watched);
    expect(links.filter((link) => link === 'offline').length).toBeGreaterThan(0);
    const complete = range(1, ENTRIES);
    for (const orderId of orderIds) expect(seen.get(orderId)).toEqual(complete);
  });
});

test('a reader of Socket.IO that falls behind resumes from the entry that it read last', async () => {
  await start(1);
  const orderId = newOrderId();
  const most = 5_000;
  commit(entry(orderId, 1));
  const seqs: number[] = [];
  const links: Link[] = [];
  const client = new FillstreamClient({ url: urls(), transport: 'socket.io' });
  const watch = client.watch(orderId, { onLink: (link) => links.push(link) });
  for await (const { seq } of watch) {
    seqs.push(seq);
    if (seq !== 1) continue;
    // All of it arrives while this loop reads nothing.
    for (const next of range(2, most))
      commit(next === most ? lastEntry(orderId, next) : entry(orderId, next));
    await new FillstreamClient({ url: urls() }).waitFor(orderId);
  }
  expect(seqs).toEqual(range(1, most));
  expect(links).toContain('offline');
});

test('two watches of one order on one connection of Socket.IO get all of it, wherever they begin', async () => {
  await start(1);
  const orderId = newOrderId();
  for (const seq of range(1, 5)) commit(entry(orderId, seq));
  const watcher = new FillstreamClient({ url: urls(), transport: 'socket.io' });
  const seqs = [0, 4, 2].map(async (after) => {
    const read: number[] = [];
    await watcher.watch(orderId, { after }).each(({ seq }) => read.push(seq));
    return read;
  });
  await sleep(50);
  commit(lastEntry(orderId, 6));
  expect(await soon('the end of the watches', Promise.all(seqs))).toEqual([
    range(1, 6),
    range(5, 6),
    range(3, 6),
  ]);
});
