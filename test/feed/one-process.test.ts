/** The feed of one process without sockets or timers: what each reader is sent, entry by entry, whatever comes between. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DrainMonitor } from '../../src/feed/core/drain-monitor.ts';
import { orderAccess } from '../../src/edge/order-access.ts';
import { Feed } from '../../src/feed/core/feed.ts';
import type { Reader, ReaderGroup } from '../../src/feed/core/reader.ts';
import { DEFAULT_FEED_SETTINGS, type FeedSettings } from '../../src/feed/core/settings.ts';
import type { Message } from '../../src/protocol/messages.ts';
import { messageSchema } from '../../src/protocol/messages.ts';
import type { Journal, OrderStore, HeldOrders, WorkStore } from '../../src/store/ports.ts';
import { eventually } from '../support/eventually.ts';
import { soon } from '../support/soon.ts';
import { range, seqsOf } from './clients.ts';
import { entry, lastEntry, newOrderId } from './entries.ts';
import { MemoryJournal } from './memory-journal.ts';

const FULL = Number.MAX_SAFE_INTEGER;

const group: ReaderGroup = {
  broadcast: (_orderId, readers, message) => {
    for (const reader of readers.keys()) reader.send(message);
  },
};

/** Keeps what it is sent; how much of that counts as unread is for the test to say. */
class FakeReader implements Reader {
  readonly group = group;
  readonly messages: Message[] = [];
  readonly ended: string[] = [];
  readonly failed: Message[] = [];
  readonly closed: Message[] = [];
  unreadBytes = 0;

  readProgress(): null {
    return null;
  }

  bufferedBytes(): number {
    return this.unreadBytes;
  }
  send(message: Message): void {
    this.messages.push(message);
  }
  joinRoom(): void {
    // The group reaches it by itself.
  }
  leaveRoom(): void {
    // The same.
  }
  endSubscription(orderId: string): void {
    this.ended.push(orderId);
  }
  failSubscription(_code: string, error: Message): void {
    this.failed.push(error);
  }
  close(_code: string, errors: readonly Message[]): void {
    this.closed.push(...errors);
  }

  seqs(): readonly number[] {
    return seqsOf(this.messages);
  }
  async hasGot(...seqs: number[]): Promise<void> {
    await eventually(
      () => this.seqs(),
      ({ length }) => length >= seqs.length,
    );
    expect(this.seqs()).toEqual(seqs);
  }
}

let store: MemoryJournal;
let now: number;
let feed: Feed;
const NOTHING_HELD: Pick<WorkStore, 'held'> = { held: () => Promise.resolve({ total: 0, orders: [] }) };

let orderId: string;
/** Each says that a read of the journal failed. */
let warnings: number;

beforeEach(() => {
  warnings = 0;
  store = new MemoryJournal();
  now = 0;
  feed = openFeed();
  orderId = orderOf(1);
});
afterEach(() => feed.close());

function openFeed(
  settings: Partial<FeedSettings> = {},
  journal: Journal = store.journal,
  orders: Pick<OrderStore, 'load'> = store.orders,
  work: Pick<WorkStore, 'held'> = NOTHING_HELD,
): Feed {
  return new Feed({
    access: orderAccess(orders),
    journal,
    work,
    settings: { ...DEFAULT_FEED_SETTINGS, ...settings },
    clock: { now: () => now },
    log: { info: () => undefined, warn: () => (warnings += 1), error: () => undefined },
  });
}

function orderOf(entries: number): string {
  const id = newOrderId();
  for (const seq of range(1, entries)) store.commit(entry(id, seq));
  return id;
}

const commit = (seq: number) => store.commit(entry(orderId, seq));

/** A reader that was sent what there is, and gets what comes. */
async function watching(on = feed): Promise<{ reader: FakeReader; connection: ReturnType<Feed['open']> }> {
  const reader = new FakeReader();
  const connection = on.open(reader, 'local');
  await connection.subscribe(orderId, 0);
  await reader.hasGot(...range(1, store.lastSeq(orderId)));
  return { reader, connection };
}

/** A journal whose reads wait until they are released. */
function heldJournal() {
  const waiting: (() => void)[] = [];
  const counts = { reads: 0, running: 0, most: 0 };
  let isHeld = false;
  const journal: Journal = {
    ...store.journal,
    read: async (...args) => {
      counts.reads += 1;
      counts.running += 1;
      counts.most = Math.max(counts.most, counts.running);
      const found = await store.journal.read(...args);
      if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
      counts.running -= 1;
      return found;
    },
  };
  return {
    journal,
    counts,
    waiting,
    hold: () => (isHeld = true),
    letGo: () => {
      isHeld = false;
      for (const go of waiting.splice(0)) go();
    },
  };
}

describe('a room', () => {
  test('sends an entry whose notification was lost before the next one', async () => {
    const { reader } = await watching();
    commit(2);
    feed.offer(commit(3));
    await reader.hasGot(1, 2, 3);
  });

  test('sends an entry once whose notification comes twice, or after a later one', async () => {
    const { reader } = await watching();
    const [second, third] = [commit(2), commit(3)];
    for (const message of [second, second, third, second, third]) feed.offer(message);
    feed.offer(commit(4));
    await reader.hasGot(1, 2, 3, 4);
  });

  test('sends an entry once that is notified while it is read', async () => {
    const held = heldJournal();
    feed = openFeed({}, held.journal);
    const { reader } = await watching();
    held.hold();
    const [second, third] = [commit(2), commit(3)];
    feed.offer(third);
    await eventually(
      () => held.waiting.length,
      (length) => length === 1,
    );
    feed.offer(second);
    held.letGo();
    await reader.hasGot(1, 2, 3);
  });

  test('does not skip entries when another reader joins and the order has newer ones', async () => {
    const { reader } = await watching();
    commit(2);
    commit(3);
    await feed.open(new FakeReader(), 'local').subscribe(orderId, 'latest');
    await reader.hasGot(1, 2, 3);
  });

  test('repeats a read that failed at the next check, although notifications came', async () => {
    const { reader } = await watching();
    await feed.checkQuietRooms();
    store.away = true;
    const [, third] = [commit(2), commit(3)];
    feed.offer(third);
    await eventually(
      () => warnings,
      (count) => count === 1,
    );
    store.away = false;
    await feed.checkQuietRooms();
    await reader.hasGot(1, 2, 3);
  });

  test('that gets no notification looks into the journal at its second check', async () => {
    const { reader } = await watching();
    commit(2);
    await feed.checkQuietRooms();
    await feed.checkQuietRooms();
    await reader.hasGot(1, 2);
  });

  test('stays while it has watchers, and is removed when the last one leaves', async () => {
    const [first, second] = [await watching(), await watching()];
    first.connection.unsubscribe(orderId);
    expect(feed.isWatched(orderId)).toBe(true);
    feed.offer(commit(2));
    await second.reader.hasGot(1, 2);
    expect(first.reader.seqs()).toEqual([1]);
    second.connection.close();
    expect(feed.watchedOrders).toBe(0);
  });

  test('ends the streams of its order after the last entry, and those that come later', async () => {
    const { reader } = await watching();
    feed.offer(store.commit(lastEntry(orderId, 2)));
    await reader.hasGot(1, 2);
    expect(reader.ended).toEqual([orderId]);
    const late = new FakeReader();
    await feed.open(late, 'local').subscribe(orderId, 1);
    await late.hasGot(2);
    expect(late.ended).toEqual([orderId]);
    expect(feed.watchedOrders).toBe(0);
  });
});

test('a hold is told when an order is watched, and with each heartbeat while it lasts, also where the store does not answer in between', async () => {
  const hold = { code: 'machine_broken', message: 'No machine of version 0' };
  let held: (() => Promise<HeldOrders>) | null = null;
  const answer = (orders: readonly string[]) => () =>
    Promise.resolve({
      total: orders.length,
      orders: orders.map((id) => ({ orderId: id, status: 'pending' as const, hold })),
    });
  feed = openFeed({}, store.journal, store.orders, {
    held: () => held?.() ?? Promise.reject(new Error('away')),
  });
  const { reader } = await watching();
  const beat = async (next: typeof held) => {
    held = next;
    await feed.sendHeartbeats();
    return reader.messages.at(-1);
  };
  expect(await beat(answer([]))).not.toHaveProperty('held');
  const told = { type: 'heartbeat', held: hold, message: `Still pending; held: ${hold.message}` };
  expect(await beat(answer([orderId]))).toMatchObject(told);
  expect(await beat(null)).toMatchObject({ type: 'heartbeat', lastSeq: 1 });
  expect(await beat(answer([newOrderId()]))).not.toHaveProperty('held');
  for (const message of reader.messages) expect(() => messageSchema.parse(message)).not.toThrow();

  const loadHeld: Pick<OrderStore, 'load'> = {
    load: async (id) => {
      const order = await store.orders.load(id);
      return order === null ? null : { ...order, held: hold };
    },
  };
  const late = await watching(openFeed({}, store.journal, loadHeld));
  expect(late.reader.messages[0]).toMatchObject({ type: 'subscribed', held: hold });
});

describe('a reader that is too full', () => {
  test('is sent nothing, falls behind the others, and later gets every entry, also the one at which it fell behind', async () => {
    const [slow, quick] = [await watching(), await watching()];
    slow.reader.unreadBytes = FULL;
    feed.offer(commit(2));
    feed.offer(commit(3));
    await feed.sendHeartbeats();
    await quick.reader.hasGot(1, 2, 3);
    expect(slow.reader.messages.map(({ type }) => type)).toEqual(['subscribed', 'pending']);
    slow.reader.unreadBytes = 0;
    await slow.reader.hasGot(1, 2, 3);
    feed.offer(commit(4));
    await slow.reader.hasGot(1, 2, 3, 4);
  });

  test('gets no heartbeat, and the others do', async () => {
    const [slow, quick] = [await watching(), await watching()];
    slow.reader.unreadBytes = FULL;
    await feed.sendHeartbeats();
    expect(slow.reader.messages.map(({ type }) => type)).toEqual(['subscribed', 'pending']);
    expect(quick.reader.messages.map(({ type }) => type)).toEqual(['subscribed', 'pending', 'heartbeat']);
  });

  test('gets no page of a replay beyond its bound', async () => {
    for (const seq of range(2, 30)) commit(seq);
    const reader = new FakeReader();
    reader.bufferedBytes = () => reader.seqs().length * 1_000;
    feed = openFeed({ maxBufferedBytes: 5_000 });
    await feed.open(reader, 'local').subscribe(orderId, 0);
    await eventually(
      () => reader.seqs(),
      ({ length }) => length >= 6,
    );
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(reader.seqs()).toEqual(range(1, 6));
  });

  test('is closed once it has read nothing for the time limit, with the entry to resume from', async () => {
    feed = openFeed({ slowReaderMs: 1_000 });
    const { reader } = await watching();
    reader.unreadBytes = FULL;
    feed.offer(commit(2));
    now += 1_000;
    await eventually(
      () => reader.closed,
      ({ length }) => length > 0,
    );
    expect(reader.closed).toMatchObject([{ type: 'error', code: 'slow_reader', orderId, lastSeq: 1 }]);
    expect(feed.watchedOrders).toBe(0);
  });

  test('is not closed while it reads something now and then', async () => {
    let looks = 0;
    let at = 0;
    const monitor = new DrainMonitor({ lowBytes: 10, patienceMs: 200 }, { now: () => at });
    // It reads at every other look, 150 ms after the one before.
    const reader = {
      bufferedBytes: () => {
        looks += 1;
        at += 150;
        return looks > 10 ? 0 : 100 - Math.floor(looks / 2);
      },
      readProgress: () => null,
    };
    expect(await soon('the answer of the monitor', monitor.whenDrained(reader))).toBe(true);
  });
});

describe('a connection', () => {
  test('that subscribes to an order twice gets each entry once, and leaves nothing behind', async () => {
    const { reader, connection } = await watching();
    await connection.subscribe(orderId, 'latest');
    feed.offer(commit(2));
    await reader.hasGot(1, 2);
    connection.close();
    expect(feed.watchedOrders).toBe(0);
  });

  test('that unsubscribes while its order is read gets nothing', async () => {
    let letGo: () => void = () => undefined;
    let isAsked = false;
    const going = new Promise<void>((resolve) => (letGo = resolve));
    feed = openFeed({}, store.journal, {
      load: async (id) => {
        isAsked = true;
        await going;
        return store.orders.load(id);
      },
    });
    const reader = new FakeReader();
    const connection = feed.open(reader, 'local');
    const subscribed = connection.subscribe(orderId, 0);
    await eventually(() => isAsked, Boolean);
    connection.unsubscribe(orderId);
    letGo();
    expect(await soon('the answer', subscribed)).toBeNull();
    expect(reader.messages).toEqual([]);
  });

  test('reads a few orders at once, and none that it has unsubscribed from meanwhile', async () => {
    const held = heldJournal();
    feed = openFeed({}, held.journal);
    const reader = new FakeReader();
    const connection = feed.open(reader, 'local');
    const orders = range(1, 12).map(() => orderOf(1));
    await Promise.all(orders.map((each) => connection.subscribe(each, 0)));
    await eventually(
      () => reader.seqs().length,
      (length) => length === orders.length,
    );
    expect(held.counts.most).toBeLessThanOrEqual(4);

    held.hold();
    const more = range(1, 8).map(() => orderOf(1));
    const reads = held.counts.reads;
    for (const each of more) void connection.subscribe(each, 0);
    await eventually(
      () => held.waiting.length,
      (length) => length === 4,
    );
    for (const each of more.slice(4)) connection.unsubscribe(each);
    held.letGo();
    await eventually(
      () => reader.seqs().length,
      (length) => length === orders.length + 4,
    );
    expect(held.counts.reads - reads).toBe(4);
  });

  test('may resume from an entry that it was sent, though the store lags behind', async () => {
    const lagging = await store.orders.load(orderId);
    const { reader } = await watching();
    feed.offer(commit(2));
    await reader.hasGot(1, 2);
    store.orders.load = () => Promise.resolve(lagging);
    const again = new FakeReader();
    expect(await feed.open(again, 'local').subscribe(orderId, 2)).toMatchObject({ lastSeq: 2 });
    feed.offer(commit(3));
    await again.hasGot(3);
  });

  test('gets an error with the entry to resume from when its replay fails for too long', async () => {
    feed = openFeed(
      { replayPatienceMs: 1_000 },
      {
        ...store.journal,
        read: () => {
          now += 600;
          return Promise.reject(new Error('a defect'));
        },
      },
    );
    const reader = new FakeReader();
    await feed.open(reader, 'local').subscribe(orderId, 0);
    await eventually(
      () => reader.failed,
      ({ length }) => length > 0,
    );
    expect(reader.failed).toMatchObject([{ type: 'error', orderId, lastSeq: 0 }]);
    expect(feed.watchedOrders).toBe(0);
  });

  test('watches as many orders as the limit allows, and not one more', async () => {
    feed = openFeed({ maxSubscriptions: 2 });
    const connection = feed.open(new FakeReader(), 'local');
    await connection.subscribe(orderOf(1), 0);
    await connection.subscribe(orderId, 0);
    await expect(connection.subscribe(orderOf(1), 0)).rejects.toMatchObject({
      code: 'too_many_subscriptions',
    });
    expect(await connection.subscribe(orderId, 0)).toMatchObject({ lastSeq: 1 });
    expect(feed.watchedOrders).toBe(2);
  });

  test('that names an entry ahead of the journal is refused', async () => {
    const connection = feed.open(new FakeReader(), 'local');
    await expect(connection.subscribe(orderId, 2)).rejects.toMatchObject({ code: 'after_ahead' });
    expect(feed.watchedOrders).toBe(0);
  });

  test('learns where to resume when its server stops, also if it connects then', async () => {
    const { reader } = await watching();
    await feed.close();
    expect(reader.closed).toMatchObject([{ type: 'error', code: 'shutting_down', orderId, lastSeq: 1 }]);
    const late = new FakeReader();
    feed.open(late, 'local');
    expect(late.closed).toMatchObject([{ type: 'error', code: 'shutting_down' }]);
  });
});
