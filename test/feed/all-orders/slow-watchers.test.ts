/** Watchers of all orders that do not read. */
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { range } from '../clients.ts';
import { entry, newOrderId } from '../entries.ts';
import { readEvents } from '../event-stream.ts';
import { expectEntries, ownerFeedSuite, watcherOf } from './owner-feed-suite.ts';

const feed = ownerFeedSuite();

describe('a watcher that does not read', () => {
  const text = 'x'.repeat(64 * 1024);
  const CAP_BYTES = 512 * 1024;
  const grow = async (orders: readonly string[], from: number, to: number): Promise<void> => {
    for (const seq of range(from, to)) {
      for (const orderId of orders) feed.announce(entry(orderId, seq, text));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  test('falls behind on its own, catches up on each order, and is live again', async () => {
    await feed.start({ maxBufferedBytes: CAP_BYTES, slowReaderMs: 60_000 });
    const orders = range(1, 5).map(() => newOrderId());
    const slow = await readEvents(feed.eventsUrl());
    const quick = await feed.byEvents();
    slow.pause();
    await grow(orders, 1, 40);
    await expectEntries(quick, 200);
    expect(slow.events.length).toBeLessThan(150);
    // Its five orders have one entry each that found room.
    expect(feed.server.mostBufferedBytes()).toBeLessThan(CAP_BYTES + 6 * text.length);
    slow.resume();
    await expectEntries(watcherOf(slow), 200);
    await grow(orders, 41, 41);
    await expectEntries(watcherOf(slow), 205);
  }, 60_000);

  test('is closed with the token to come back with, after which nothing is missing', async () => {
    await feed.start({ maxBufferedBytes: CAP_BYTES, slowReaderMs: 300, quietCheckMs: 50 });
    const orders = range(1, 5).map(() => newOrderId());
    const slow = await readEvents(feed.eventsUrl());
    slow.pause();
    await grow(orders, 1, 40);
    await eventually(
      () => feed.server.ownerFeed.watchedOwners,
      (watched) => watched === 0,
    );
    slow.resume();
    expect(await slow.ended).toBe(true);
    const last = slow.messages().at(-1);
    expect(last).toMatchObject({ type: 'error', code: 'slow_reader', scope: 'orders' });
    const token = last?.type === 'error' ? last.token : undefined;
    expect(slow.lastEventId()).toBe(token);
    const again = await feed.byEvents({}, token);
    await eventually(
      () =>
        new Set(
          [...watcherOf(slow).entries(), ...again.entries()].map(({ orderId, seq }) => `${orderId} ${seq}`),
        ),
      ({ size }) => size === 200,
    );
  }, 60_000);
});
