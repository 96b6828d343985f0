/** Watchers of all orders that come back, and what the store says against what is announced. */
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { entry, newOrderId } from '../entries.ts';
import { expectEntries, ownerFeedSuite } from './owner-feed-suite.ts';

const NEVER_MS = 600_000;
const feed = ownerFeedSuite();

describe('a watcher that comes back', () => {
  const gate = () => {
    let open: () => void = () => undefined;
    const isOpen = new Promise<void>((resolve) => (open = resolve));
    return { isOpen, open };
  };

  test('gets an order once that its server did not know, whatever is announced of it later', async () => {
    await feed.start({ quietCheckMs: NEVER_MS });
    await feed.bySocketIo();
    // The one that followed the first subscription, and one more.
    await feed.server.ownerFeed.sweep();
    await feed.server.ownerFeed.sweep();
    const orderId = newOrderId();
    feed.store.commit(entry(orderId, 1));
    const watcher = await feed.bySocketIo({}, '0');
    await expectEntries(watcher, 1);
    feed.announce(entry(orderId, 2));
    feed.announce(entry(orderId, 3));
    expect((await expectEntries(watcher, 3)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test('gets what is committed while the store is asked what it missed', async () => {
    await feed.start({ quietCheckMs: NEVER_MS });
    const known = newOrderId();
    const other = await feed.bySocketIo();
    feed.announce(entry(known, 1));
    await expectEntries(other, 1);
    const { isOpen, open } = gate();
    const since = feed.store.changes.since.bind(feed.store.changes);
    let asked = 0;
    Object.assign(feed.store.changes, {
      since: async (...question: Parameters<typeof since>) => {
        const answer = await since(...question);
        asked += 1;
        if (asked === 1) await isOpen;
        return answer;
      },
    });
    const coming = feed.bySocketIo({}, '1');
    await eventually(
      () => asked,
      (count) => count > 0,
    );
    for (const seq of [2, 3, 4]) feed.announce(entry(known, seq));
    open();
    expect((await expectEntries(await coming, 3)).map(({ seq }) => seq)).toEqual([2, 3, 4]);
  });
});

test('an entry that a journal does not show yet is asked for again', async () => {
  await feed.start({ quietCheckMs: 50 });
  const watcher = await feed.bySocketIo();
  const read = feed.store.journal.read.bind(feed.store.journal);
  let reads = 0;
  Object.assign(feed.store.journal, {
    read: (...page: Parameters<typeof read>) => {
      reads += 1;
      return reads === 1 ? Promise.resolve([]) : read(...page);
    },
  });
  feed.store.commit(entry(newOrderId(), 1));
  await expectEntries(watcher, 1);
});

test('entries of a release that names no owners are passed on, too', async () => {
  await feed.start({ quietCheckMs: NEVER_MS });
  const watcher = await feed.bySocketIo();
  const orderId = newOrderId();
  for (const seq of [1, 2]) feed.server.notifications.announce(feed.store.commit(entry(orderId, seq)));
  await expectEntries(watcher, 2);
});

test('an order that a notification says is of this owner is asked of the store first', async () => {
  await feed.start({ quietCheckMs: NEVER_MS });
  const watcher = await feed.bySocketIo();
  const forged = newOrderId();
  feed.server.notifications.announce(entry(forged, 1), 'local');
  feed.server.notifications.announce(entry(forged, 2), 'local');
  feed.announce(entry(newOrderId(), 1));
  const entries = await expectEntries(watcher, 1);
  expect(entries[0]?.orderId).not.toBe(forged);
});
