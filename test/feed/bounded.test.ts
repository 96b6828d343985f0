/** What the feed itself does with a reader that takes nothing, seen from the reader's side. */
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Feed } from '../../src/feed/core/feed.ts';
import type { Reader } from '../../src/feed/core/reader.ts';
import { orderAccess } from '../../src/edge/order-access.ts';
import { DEFAULT_FEED_SETTINGS } from '../../src/feed/core/settings.ts';
import type { Message } from '../../src/protocol/messages.ts';
import { systemClock } from '../../src/runtime/time.ts';
import { eventually } from '../support/eventually.ts';
import { range, seqsOf } from './clients.ts';
import { entry, newOrderId } from './entries.ts';
import { MemoryJournal } from './memory-journal.ts';

const ORDERS = 20;
const ENTRIES = 100;
const CAP_BYTES = 16 * 1024;

/** Keeps what it is sent until it is read, as a socket does. */
class Shelf implements Reader {
  readonly group = {
    broadcast: (_orderId: string, readers: { keys(): Iterable<Reader> }, message: Message) => {
      for (const reader of readers.keys()) reader.send(message);
    },
  };
  readonly read: Message[] = [];
  unread: Message[] = [];
  mostBytes = 0;
  closedWith: string | null = null;
  /** The `seq` whose message makes it overfull, until this is null again. */
  fillsUpAt: number | null = null;

  readProgress(): null {
    return null;
  }

  bufferedBytes(): number {
    if (this.fillsUpAt !== null && seqsOf(this.unread).includes(this.fillsUpAt)) return Infinity;
    return this.unread.reduce((bytes, message) => bytes + JSON.stringify(message).length, 0);
  }
  send(message: Message): void {
    this.unread.push(message);
    this.mostBytes = Math.max(this.mostBytes, this.bufferedBytes());
  }
  readAll(): void {
    this.read.push(...this.unread);
    this.unread = [];
  }
  joinRoom(): void {
    // Nothing to keep.
  }
  leaveRoom(): void {
    // Nothing to keep.
  }
  endSubscription(): void {
    // Nothing follows.
  }
  failSubscription(code: string): void {
    this.closedWith = code;
  }
  close(code: string): void {
    this.closedWith = code;
  }
}

test('many orders on one connection share one cap, and heartbeats wait for no reader', async () => {
  const store = new MemoryJournal();
  const { orders, journal } = store;
  const access = orderAccess(orders);
  const log = pino({ level: 'silent' });
  const settings = { ...DEFAULT_FEED_SETTINGS, maxBufferedBytes: CAP_BYTES, slowReaderMs: 60_000 };
  const feed = new Feed({ access, journal, settings, clock: systemClock, log });
  const shelf = new Shelf();
  const connection = feed.open(shelf, 'local');
  const watched = range(1, ORDERS).map(newOrderId);
  for (const orderId of watched) store.commit(entry(orderId, 1));
  await Promise.all(watched.map((orderId) => connection.subscribe(orderId, 0)));
  shelf.readAll();

  for (const seq of range(2, ENTRIES)) {
    for (const orderId of watched) feed.offer(store.commit(entry(orderId, seq)));
    await feed.sendHeartbeats();
  }
  const largest = Math.max(...shelf.unread.map((message) => JSON.stringify(message).length));
  expect(shelf.mostBytes).toBeLessThanOrEqual(CAP_BYTES + largest);

  await eventually(
    () => {
      shelf.readAll();
      return seqsOf(shelf.read).length;
    },
    (count) => count === ORDERS * ENTRIES,
  );
  for (const orderId of watched) {
    expect(seqsOf(shelf.read.filter((message) => message.orderId === orderId))).toEqual(range(1, ENTRIES));
  }
  connection.close();
  expect(feed.watchedOrders).toBe(0);
  await feed.close();
});

test('a reader that fills up at the moment in which it joins the room gets each entry once', async () => {
  const store = new MemoryJournal();
  const { orders, journal } = store;
  const access = orderAccess(orders);
  const log = pino({ level: 'silent' });
  const orderId = newOrderId();
  for (const seq of range(1, 10)) store.commit(entry(orderId, seq));
  const shelf = new Shelf();
  const settings = { ...DEFAULT_FEED_SETTINGS, slowReaderMs: 60_000 };
  const feed = new Feed({ access, journal, settings, clock: systemClock, log });
  const connection = feed.open(shelf, 'local');
  const position = await connection.subscribe(orderId, 0);
  expect(position).toMatchObject({ lastSeq: 10 });
  // Committed while the replay reads; their notifications are lost.
  for (const seq of range(11, 2 * ENTRIES)) store.commit(entry(orderId, seq));
  shelf.fillsUpAt = 10;
  await eventually(
    () => seqsOf(shelf.unread),
    (seqs) => seqs.length >= 10,
  );
  feed.offer(entry(orderId, 2 * ENTRIES));
  await feed.checkQuietRooms();
  shelf.fillsUpAt = null;
  await eventually(
    () => {
      shelf.readAll();
      return seqsOf(shelf.read).length;
    },
    (count) => count >= 2 * ENTRIES,
  );
  expect(seqsOf(shelf.read)).toEqual(range(1, 2 * ENTRIES));
  connection.close();
  await feed.close();
});
