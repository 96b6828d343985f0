/** All orders of an owner, on Socket.IO and as server-sent events. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { JournaledMessage, Message } from '../../src/protocol/messages.ts';
import { eventually } from '../support/eventually.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { connectSocketIo, range } from './clients.ts';
import { entry, lastEntry, newOrderId } from './entries.ts';
import { readEvents, type EventClient } from './event-stream.ts';
import { startFeedServer, USDC, type FeedServer } from './feed-server.ts';
import { MemoryJournal } from './memory-journal.ts';

const NEVER_MS = 600_000;
const redis = new RedisServer();
let server: FeedServer;
let store: MemoryJournal;

beforeAll(() => redis.start());
afterAll(() => redis.remove());
afterEach(() => server.stop());

async function start(settings: Parameters<typeof startFeedServer>[2] = {}): Promise<void> {
  store = new MemoryJournal();
  server = await startFeedServer(store, redis.path, settings);
}

const eventsUrl = (query = '') => `http://127.0.0.1:${server.port}/api/orders/events${query}`;
const announce = (message: JournaledMessage) => server.notifications.announce(store.commit(message), 'local');

/** An order with these terms, as release 0.2.0 or this one accepted it. */
function terms(sellToken: string, buyToken: string): object {
  return { sellToken, buyToken, sellAmount: '1', minBuyAmount: null, slippageBps: 50, validTo: 1 };
}

/** A client of one of both transports, as far as both are alike. */
interface Watcher {
  readonly entries: () => JournaledMessage[];
  readonly scoped: () => readonly { readonly type: string; readonly token: string }[];
  readonly messages: () => readonly Message[];
  readonly close: () => void;
}

type Watch = (filter?: Record<string, string | string[]>, token?: string) => Promise<Watcher>;

const isEntry = (message: Message): message is JournaledMessage => 'seq' in message;

async function bySocketIo(filter = {}, token?: string): Promise<Watcher> {
  const client = connectSocketIo(server.port);
  const answer = await client.subscribe({
    scope: 'orders',
    filter,
    ...(token === undefined ? {} : { token }),
  });
  expect(answer).toMatchObject({ ok: true, scope: 'orders' });
  return {
    entries: () => client.messages.filter(isEntry),
    scoped: () => client.scoped,
    messages: () => client.messages,
    close: () => void client.socket.disconnect(),
  };
}

async function byEvents(filter: Record<string, string | string[]> = {}, token?: string): Promise<Watcher> {
  const query = new URLSearchParams(token === undefined ? {} : { token });
  for (const [name, value] of Object.entries(filter)) query.set(name, [value].flat().join(','));
  return watcherOf(await readEvents(eventsUrl(`?${query.toString()}`)));
}

function watcherOf(stream: EventClient): Watcher {
  return {
    entries: () => stream.messages().filter(isEntry),
    scoped: stream.scoped,
    messages: stream.messages,
    close: stream.close,
  };
}

const WAYS: [string, Watch][] = [
  ['Socket.IO', bySocketIo],
  ['server-sent events', byEvents],
];

/** Waits for that many entries, and then that each order's are in order from `first`, without a gap. */
async function expectEntries(watcher: Watcher, count: number): Promise<readonly JournaledMessage[]> {
  const entries = await eventually(watcher.entries, ({ length }) => length >= count);
  expect(entries).toHaveLength(count);
  for (const orderId of new Set(entries.map((each) => each.orderId))) {
    const seqs = entries.filter((each) => each.orderId === orderId).map(({ seq }) => seq);
    expect(seqs).toEqual(range(seqs[0] ?? 0, (seqs[0] ?? 0) + seqs.length - 1));
  }
  return entries;
}

describe.each(WAYS)('with %s', (_way, watch) => {
  test('a watcher gets connection, subscribed with a token, and then what is committed from now on', async () => {
    await start();
    const old = newOrderId();
    for (const seq of [1, 2]) store.commit(entry(old, seq));
    const ended = newOrderId();
    store.commit(entry(ended, 1));
    store.commit(lastEntry(ended, 2));
    const watcher = await watch();
    await eventually(watcher.scoped, ({ length }) => length === 1);
    expect(watcher.messages()).toMatchObject([{ type: 'connection' }]);
    expect(watcher.scoped()).toMatchObject([{ type: 'subscribed', scope: 'orders', token: '4' }]);
    const fresh = newOrderId();
    announce(entry(old, 3));
    announce(entry(fresh, 1));
    announce(entry(fresh, 2));
    announce(lastEntry(fresh, 3));
    const entries = await expectEntries(watcher, 4);
    expect(entries.map(({ orderId, seq }) => `${orderId} ${seq}`).sort()).toEqual(
      [`${old} 3`, `${fresh} 1`, `${fresh} 2`, `${fresh} 3`].sort(),
    );
  });

  test('lost, repeated and disordered notifications change nothing', async () => {
    await start({ quietCheckMs: 100 });
    const watcher = await watch();
    const orders = range(1, 10).map(() => newOrderId());
    for (const seq of range(1, 12)) {
      for (const [index, orderId] of orders.entries()) {
        const message = store.commit(seq === 12 ? lastEntry(orderId, seq) : entry(orderId, seq));
        // Some orders get none at all, others every third, or each twice.
        if (index % 3 === 1 && seq % 3 === 0) server.notifications.announce(message, 'local');
        if (index % 3 === 2) {
          server.notifications.announce(message);
          server.notifications.announce(message);
        }
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expectEntries(watcher, 120);
    // What is announced late, or was never committed, gives nothing.
    for (const orderId of orders) server.notifications.announce(entry(orderId, 5), 'local');
    server.notifications.announce(entry(newOrderId(), 3), 'local');
    announce(entry(newOrderId(), 1));
    await expectEntries(watcher, 121);
  });

  test('a new order of this server is there at once', async () => {
    await start({ quietCheckMs: NEVER_MS });
    const watcher = await watch();
    server.created(store.commit(entry(newOrderId(), 1)), 'local');
    await expectEntries(watcher, 1);
  });

  test('a filter by status lets through the entries that reach one', async () => {
    await start();
    const watcher = await watch({ status: ['pending', 'confirmed'] });
    const orderId = newOrderId();
    for (const seq of [1, 2, 3]) announce(entry(orderId, seq));
    announce(lastEntry(orderId, 4));
    const entries = await eventually(watcher.entries, ({ length }) => length >= 2);
    expect(entries.map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'pending'],
      [4, 'confirmed'],
    ]);
  });

  test.each([
    [{ sellToken: 'weth' }, ['WETH USDC', 'WETH 0x', 'WETH DAI']],
    [{ buyToken: USDC.toUpperCase().replace('X', 'x') }, ['WETH USDC', 'WETH 0x']],
    [{ sellToken: 'WETH', buyToken: 'USDC' }, ['WETH USDC', 'WETH 0x']],
    [{ sellToken: 'DAI', buyToken: 'WETH' }, []],
  ])('a filter by pair %j takes symbols and addresses for the same token', async (filter, expected) => {
    await start();
    const orders = new Map<string, object>([
      ['WETH USDC', terms('WETH', 'USDC')],
      ['WETH 0x', terms('weth', USDC)],
      ['WETH DAI', terms('WETH', 'DAI')],
    ]);
    // Half of each order's entries come before: then the terms are read from the store.
    const old = [...orders].map(([name, of]) => ({ name, orderId: newOrderId(), of }));
    for (const { orderId, of } of old) {
      store.commit(entry(orderId, 1));
      store.setTerms(orderId, of);
    }
    const watcher = await watch(filter);
    const names = new Map(old.map(({ name, orderId }) => [orderId, name]));
    for (const { orderId } of old) announce(entry(orderId, 2));
    for (const { name, of } of old) {
      const orderId = newOrderId();
      names.set(orderId, name);
      announce({ ...entry(orderId, 1), ...of });
      announce(entry(orderId, 2));
    }
    const last = newOrderId();
    names.set(last, 'last');
    announce({
      ...entry(last, 1),
      ...terms(
        'sellToken' in filter ? filter.sellToken : 'WETH',
        'buyToken' in filter ? filter.buyToken : 'USDC',
      ),
    });
    const entries = await expectEntries(watcher, 3 * expected.length + 1);
    const seen = [...new Set(entries.map(({ orderId }) => names.get(orderId)))];
    expect(seen.sort()).toEqual([...expected, 'last'].sort());
  });

  test('a watcher that comes back with its token gets what it missed, and nothing before', async () => {
    await start({ heartbeatMs: 100 });
    const orders = range(1, 5).map(() => newOrderId());
    const first = await watch();
    for (const orderId of orders) for (const seq of [1, 2]) announce(entry(orderId, seq));
    await expectEntries(first, 10);
    const token = await eventually(
      () => first.scoped().at(-1)?.token,
      (latest) => latest === '10',
    );
    first.close();
    for (const orderId of orders) announce(entry(orderId, 3));
    announce(lastEntry(orders[0] ?? '', 4));
    const born = newOrderId();
    announce(entry(born, 1));
    const second = await watch({}, token);
    announce(entry(born, 2));
    const entries = await expectEntries(second, 8);
    expect(entries.filter(({ orderId }) => orderId !== born).every(({ seq }) => seq > 2)).toBe(true);
    expect(second.scoped()[0]).toMatchObject({ type: 'subscribed', token });
    await eventually(
      () => second.scoped().at(-1),
      (last) => last?.type === 'heartbeat' && last.token === '18',
    );
  });

  test.each([
    ['7', 'token_too_old'],
    ['999', 'token_unknown'],
    ['what', 'token_unknown'],
  ])('a watcher with the token %s gets a resync (%s), and then follows live', async (token, code) => {
    await start();
    store.mostEntries = 5;
    const orderId = newOrderId();
    for (const seq of range(1, 20)) store.commit(entry(orderId, seq));
    const watcher = await watch({}, token);
    await eventually(watcher.scoped, ({ length }) => length === 2);
    expect(watcher.scoped()).toMatchObject([
      { type: 'subscribed', token: '20' },
      { type: 'resync', scope: 'orders', token: '20', code },
    ]);
    announce(entry(orderId, 21));
    expect(await expectEntries(watcher, 1)).toMatchObject([{ seq: 21 }]);
  });

  test('a server that missed too much itself sends a resync to all, and goes on', async () => {
    await start({ quietCheckMs: 100 });
    const watchers = [await watch(), await watch({ status: ['routing', 'pending'] })];
    store.away = true;
    store.mostEntries = 5;
    const orderId = newOrderId();
    for (const seq of range(1, 20)) store.commit(entry(orderId, seq));
    store.away = false;
    for (const { scoped } of watchers) {
      await eventually(scoped, (messages) => messages.some(({ type }) => type === 'resync'));
      expect(scoped().at(-1)).toMatchObject({ type: 'resync', code: 'token_too_old', token: '20' });
    }
    announce(entry(orderId, 21));
    for (const watcher of watchers) expect(await expectEntries(watcher, 1)).toMatchObject([{ seq: 21 }]);
  });

  test('a store that is unavailable for a while delays entries', async () => {
    await start({ quietCheckMs: 100 });
    const watcher = await watch();
    const orderId = newOrderId();
    store.away = true;
    for (const seq of range(1, 5)) announce(entry(orderId, seq));
    await new Promise((resolve) => setImmediate(resolve));
    store.away = false;
    await expectEntries(watcher, 5);
  });

  test('a server that shuts down says with which token to go on', async () => {
    await start();
    const watcher = await watch();
    await server.close();
    await eventually(
      () => watcher.messages().at(-1),
      (last) => last?.type === 'error',
    );
    const last = { type: 'error', scope: 'orders', code: 'shutting_down', token: '0' };
    expect(watcher.messages().at(-1)).toMatchObject(last);
  });

  test('nothing is asked of the store, and no entry is looked at, once the last watcher has left', async () => {
    await start({ quietCheckMs: 50 });
    const watcher = await watch();
    watcher.close();
    await eventually(
      () => server.ownerFeed.watchedOwners,
      (watched) => watched === 0,
    );
    const other = await startFeedServer(store, redis.path, { quietCheckMs: 50 });
    await eventually(
      () => server.redis.isUp() && other.redis.isUp(),
      (up) => up,
    );
    const before = store.queries;
    const orderId = newOrderId();
    for (const seq of range(1, 20)) announce(entry(orderId, seq));
    server.notifications.announce({ ...entry(orderId, 1), state: 'invalid' }, 'local');
    await other.stop();
    expect(store.queries).toBe(before);
    expect(other.logged.filter((line) => line.includes('not valid'))).toEqual([]);
  });
});

describe('a watcher that comes back', () => {
  const gate = () => {
    let open: () => void = () => undefined;
    const isOpen = new Promise<void>((resolve) => (open = resolve));
    return { isOpen, open };
  };

  test('gets an order once that its server did not know, whatever is announced of it later', async () => {
    await start({ quietCheckMs: NEVER_MS });
    await bySocketIo();
    // The one that followed the first subscription, and one more.
    await server.ownerFeed.sweep();
    await server.ownerFeed.sweep();
    const orderId = newOrderId();
    store.commit(entry(orderId, 1));
    const watcher = await bySocketIo({}, '0');
    await expectEntries(watcher, 1);
    announce(entry(orderId, 2));
    announce(entry(orderId, 3));
    expect((await expectEntries(watcher, 3)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test('gets what is committed while the store is asked what it missed', async () => {
    await start({ quietCheckMs: NEVER_MS });
    const known = newOrderId();
    const other = await bySocketIo();
    announce(entry(known, 1));
    await expectEntries(other, 1);
    const { isOpen, open } = gate();
    const since = store.changes.since.bind(store.changes);
    let asked = 0;
    Object.assign(store.changes, {
      since: async (...question: Parameters<typeof since>) => {
        const answer = await since(...question);
        asked += 1;
        if (asked === 1) await isOpen;
        return answer;
      },
    });
    const coming = bySocketIo({}, '1');
    await eventually(
      () => asked,
      (count) => count > 0,
    );
    for (const seq of [2, 3, 4]) announce(entry(known, seq));
    open();
    expect((await expectEntries(await coming, 3)).map(({ seq }) => seq)).toEqual([2, 3, 4]);
  });
});

test('an entry that a journal does not show yet is asked for again', async () => {
  await start({ quietCheckMs: 50 });
  const watcher = await bySocketIo();
  const read = store.journal.read.bind(store.journal);
  let reads = 0;
  Object.assign(store.journal, {
    read: (...page: Parameters<typeof read>) => {
      reads += 1;
      return reads === 1 ? Promise.resolve([]) : read(...page);
    },
  });
  store.commit(entry(newOrderId(), 1));
  await expectEntries(watcher, 1);
});

test('entries of a release that names no owners are passed on, too', async () => {
  await start({ quietCheckMs: NEVER_MS });
  const watcher = await bySocketIo();
  const orderId = newOrderId();
  for (const seq of [1, 2]) server.notifications.announce(store.commit(entry(orderId, seq)));
  await expectEntries(watcher, 2);
});

test('an order that a notification says is of this owner is asked of the store first', async () => {
  await start({ quietCheckMs: NEVER_MS });
  const watcher = await bySocketIo();
  const forged = newOrderId();
  server.notifications.announce(entry(forged, 1), 'local');
  server.notifications.announce(entry(forged, 2), 'local');
  announce(entry(newOrderId(), 1));
  const entries = await expectEntries(watcher, 1);
  expect(entries[0]?.orderId).not.toBe(forged);
});

describe('on a Socket.IO connection', () => {
  test('a second subscription replaces the first, and goes beside those to single orders', async () => {
    await start();
    const client = connectSocketIo(server.port);
    const orderId = newOrderId();
    store.commit(entry(orderId, 1));
    await client.subscribe({ orderId });
    await client.subscribe({ scope: 'orders', filter: { status: ['routing'] } });
    const answer = await client.subscribe({ scope: 'orders', filter: { status: ['confirmed'] }, token: '0' });
    expect(answer).toEqual({ ok: true, scope: 'orders', token: '0' });
    announce(entry(orderId, 2));
    announce(lastEntry(orderId, 3));
    // 1 to 3 of the order's own subscription, and 3 of that to all orders.
    await eventually(
      () => client.messages.filter(isEntry),
      ({ length }) => length >= 4,
    );
    const seqs = client.messages.filter(isEntry).map(({ seq }) => seq);
    expect(seqs.sort()).toEqual([1, 2, 3, 3]);
    expect(server.ownerFeed.watchedOwners).toBe(1);
  });

  test('unsubscribe ends it, and is answered also where there is none', async () => {
    await start();
    const client = connectSocketIo(server.port);
    await client.subscribe({ scope: 'orders' });
    const wasSubscribed = { ok: true, scope: 'orders', wasSubscribed: true };
    expect(await client.unsubscribe({ scope: 'orders' })).toEqual(wasSubscribed);
    expect(await client.unsubscribe({ scope: 'orders' })).toEqual({ ...wasSubscribed, wasSubscribed: false });
    announce(entry(newOrderId(), 1));
    expect(server.ownerFeed.watchedOwners).toBe(0);
    expect(client.messages.filter(isEntry)).toEqual([]);
  });

  test.each([
    [{ scope: 'order' }, 'invalid_request', ['scope']],
    [{ scope: 'orders', orderId: 'a' }, 'invalid_request', ['orderId']],
    [{ scope: 'orders', filter: { status: [] } }, 'invalid_request', ['filter.status']],
    [{ scope: 'orders', filter: { status: ['done'] } }, 'invalid_request', ['filter.status.0']],
    [{ scope: 'orders', filter: { pair: 'x' } }, 'invalid_request', ['filter.pair']],
    [{ scope: 'orders', token: 'x'.repeat(201) }, 'invalid_request', ['token']],
    [{ scope: 'orders', filter: { sellToken: 'WTEH' } }, 'unknown_token', ['sellToken']],
  ])('%j is refused by name', async (payload, code, fields) => {
    await start();
    const client = connectSocketIo(server.port);
    const answer = await client.subscribe(payload);
    expect(answer).toMatchObject({ ok: false, error: { code, errors: fields.map((field) => ({ field })) } });
    await eventually(
      () => client.messages.at(-1),
      (last) => last?.type === 'error',
    );
    expect(client.messages.at(-1)).toMatchObject({ type: 'error', scope: 'orders', code });
    expect(server.ownerFeed.watchedOwners).toBe(0);
  });

  test('a store that is unavailable is an error, and the next subscription works', async () => {
    await start();
    const client = connectSocketIo(server.port);
    store.away = true;
    const refused = await client.subscribe({ scope: 'orders' });
    expect(refused).toMatchObject({ ok: false, error: { code: 'store_unavailable' } });
    store.away = false;
    expect(await client.subscribe({ scope: 'orders' })).toMatchObject({ ok: true });
  });
});

describe('as server-sent events', () => {
  test('each event has an id to come back with, which wins over the token', async () => {
    await start({ quietCheckMs: 50 });
    const stream = await readEvents(eventsUrl());
    const orderId = newOrderId();
    for (const seq of range(1, 3)) announce(entry(orderId, seq));
    await eventually(
      () => {
        announce(entry(orderId, store.lastSeq(orderId) + 1));
        return stream.lastEventId();
      },
      (id) => Number(id) >= 3,
    );
    expect(stream.headers['content-type']).toBe('text/event-stream');
    stream.close();
    const id = stream.lastEventId() ?? '';
    const again = await readEvents(eventsUrl('?token=0'), { 'Last-Event-ID': id });
    const lastSeq = store.lastSeq(orderId);
    await expectEntries(watcherOf(again), lastSeq - Number(id));
    // A text that no store made is no error: EventSource would come back with it for ever.
    const lost = await readEvents(eventsUrl('?token=0'), { 'Last-Event-ID': 'nonsense' });
    await eventually(lost.scoped, ({ length }) => length === 2);
    expect(lost.scoped().at(-1)).toMatchObject({ type: 'resync', code: 'token_unknown' });
    expect(lost.lastEventId()).toBe(lost.scoped().at(-1)?.token);
  });

  test('status is a list with commas', async () => {
    await start();
    const stream = await readEvents(eventsUrl('?status=pending,confirmed'));
    const orderId = newOrderId();
    for (const seq of [1, 2]) announce(entry(orderId, seq));
    announce(lastEntry(orderId, 3));
    await eventually(
      () => watcherOf(stream).entries(),
      ({ length }) => length === 2,
    );
  });

  test.each([
    ['?status=done', 400, 'invalid_request'],
    ['?status=', 400, 'invalid_request'],
    ['?filter=x', 400, 'invalid_request'],
    ['?sellToken=', 400, 'invalid_request'],
    ['?sellToken=WTEH', 400, 'unknown_token'],
  ])('%s is %i %s', async (query, status, code) => {
    await start();
    const answer = await readEvents(eventsUrl(query));
    expect([answer.status, await answer.ended, JSON.parse(answer.raw())]).toMatchObject([
      status,
      true,
      { code },
    ]);
  });

  test('a store that is unavailable is 503, and HEAD gets the head alone', async () => {
    await start();
    store.away = true;
    const answer = await readEvents(eventsUrl());
    expect([answer.status, await answer.ended]).toEqual([503, true]);
    store.away = false;
    const head = await readEvents(eventsUrl(), {}, 'HEAD');
    expect([head.status, head.headers['content-type'], await head.ended]).toEqual([
      200,
      'text/event-stream',
      true,
    ]);
    await eventually(
      () => server.ownerFeed.watchedOwners,
      (watched) => watched === 0,
    );
  });
});

describe('a watcher that does not read', () => {
  const text = 'x'.repeat(64 * 1024);
  const CAP_BYTES = 512 * 1024;
  const grow = async (orders: readonly string[], from: number, to: number): Promise<void> => {
    for (const seq of range(from, to)) {
      for (const orderId of orders) announce(entry(orderId, seq, text));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  test('falls behind on its own, catches up on each order, and is live again', async () => {
    await start({ maxBufferedBytes: CAP_BYTES, slowReaderMs: 60_000 });
    const orders = range(1, 5).map(() => newOrderId());
    const slow = await readEvents(eventsUrl());
    const quick = await byEvents();
    slow.pause();
    await grow(orders, 1, 40);
    await expectEntries(quick, 200);
    expect(slow.events.length).toBeLessThan(150);
    slow.resume();
    await expectEntries(watcherOf(slow), 200);
    await grow(orders, 41, 41);
    await expectEntries(watcherOf(slow), 205);
  }, 60_000);

  test('is closed with the token to come back with, after which nothing is missing', async () => {
    await start({ maxBufferedBytes: CAP_BYTES, slowReaderMs: 300, quietCheckMs: 50 });
    const orders = range(1, 5).map(() => newOrderId());
    const slow = await readEvents(eventsUrl());
    slow.pause();
    await grow(orders, 1, 40);
    await eventually(
      () => server.ownerFeed.watchedOwners,
      (watched) => watched === 0,
    );
    slow.resume();
    expect(await slow.ended).toBe(true);
    const last = slow.messages().at(-1);
    expect(last).toMatchObject({ type: 'error', code: 'slow_reader', scope: 'orders' });
    const token = last?.type === 'error' ? last.token : undefined;
    expect(slow.lastEventId()).toBe(token);
    const again = await byEvents({}, token);
    await eventually(
      () =>
        new Set(
          [...watcherOf(slow).entries(), ...again.entries()].map(({ orderId, seq }) => `${orderId} ${seq}`),
        ),
      ({ size }) => size === 200,
    );
  }, 60_000);
});
