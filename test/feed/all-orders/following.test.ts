/** Watchers of all orders of an owner, on either transport. */
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { range } from '../clients.ts';
import { entry, lastEntry, newOrderId } from '../entries.ts';
import { startFeedServer, USDC } from '../feed-server.ts';
import { expectEntries, ownerFeedSuite } from './owner-feed-suite.ts';

const NEVER_MS = 600_000;
const feed = ownerFeedSuite();

/** An order with these terms, as release 0.2.0 or this one accepted it. */
function terms(sellToken: string, buyToken: string): object {
  return { sellToken, buyToken, sellAmount: '1', minBuyAmount: null, slippageBps: 50, validTo: 1 };
}

const WAYS: [string, typeof feed.byEvents][] = [
  ['Socket.IO', feed.bySocketIo],
  ['server-sent events', feed.byEvents],
];

describe.each(WAYS)('with %s', (_way, watch) => {
  test('a watcher gets connection, subscribed with a token, and then what is committed from now on', async () => {
    await feed.start();
    const old = newOrderId();
    for (const seq of [1, 2]) feed.store.commit(entry(old, seq));
    const ended = newOrderId();
    feed.store.commit(entry(ended, 1));
    feed.store.commit(lastEntry(ended, 2));
    const watcher = await watch();
    await eventually(watcher.scoped, ({ length }) => length === 1);
    expect(watcher.messages()).toMatchObject([{ type: 'connection' }]);
    expect(watcher.scoped()).toMatchObject([{ type: 'subscribed', scope: 'orders', token: '4' }]);
    const fresh = newOrderId();
    feed.announce(entry(old, 3));
    feed.announce(entry(fresh, 1));
    feed.announce(entry(fresh, 2));
    feed.announce(lastEntry(fresh, 3));
    const entries = await expectEntries(watcher, 4);
    expect(entries.map(({ orderId, seq }) => `${orderId} ${seq}`).sort()).toEqual(
      [`${old} 3`, `${fresh} 1`, `${fresh} 2`, `${fresh} 3`].sort(),
    );
  });

  test('lost, repeated and disordered notifications change nothing', async () => {
    await feed.start({ quietCheckMs: 100 });
    const watcher = await watch();
    const orders = range(1, 10).map(() => newOrderId());
    for (const seq of range(1, 12)) {
      for (const [index, orderId] of orders.entries()) {
        const message = feed.store.commit(seq === 12 ? lastEntry(orderId, seq) : entry(orderId, seq));
        // Some orders get none at all, others every third, or each twice.
        if (index % 3 === 1 && seq % 3 === 0) feed.server.notifications.announce(message, 'local');
        if (index % 3 === 2) {
          feed.server.notifications.announce(message);
          feed.server.notifications.announce(message);
        }
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expectEntries(watcher, 120);
    // What is announced late, or was never committed, gives nothing.
    for (const orderId of orders) feed.server.notifications.announce(entry(orderId, 5), 'local');
    feed.server.notifications.announce(entry(newOrderId(), 3), 'local');
    feed.announce(entry(newOrderId(), 1));
    await expectEntries(watcher, 121);
  });

  test('a new order of this server is there at once', async () => {
    await feed.start({ quietCheckMs: NEVER_MS });
    const watcher = await watch();
    feed.server.created(feed.store.commit(entry(newOrderId(), 1)), 'local');
    await expectEntries(watcher, 1);
  });

  test('a filter by status lets through the entries that reach one', async () => {
    await feed.start();
    const watcher = await watch({ status: ['pending', 'confirmed'] });
    const orderId = newOrderId();
    for (const seq of [1, 2, 3]) feed.announce(entry(orderId, seq));
    feed.announce(lastEntry(orderId, 4));
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
    await feed.start();
    const orders = new Map<string, object>([
      ['WETH USDC', terms('WETH', 'USDC')],
      ['WETH 0x', terms('weth', USDC)],
      ['WETH DAI', terms('WETH', 'DAI')],
    ]);
    // Half of each order's entries come before: then the terms are read from the feed.store.
    const old = [...orders].map(([name, of]) => ({ name, orderId: newOrderId(), of }));
    for (const { orderId, of } of old) {
      feed.store.commit(entry(orderId, 1));
      feed.store.setTerms(orderId, of);
    }
    const watcher = await watch(filter);
    const names = new Map(old.map(({ name, orderId }) => [orderId, name]));
    for (const { orderId } of old) feed.announce(entry(orderId, 2));
    for (const { name, of } of old) {
      const orderId = newOrderId();
      names.set(orderId, name);
      feed.announce({ ...entry(orderId, 1), ...of });
      feed.announce(entry(orderId, 2));
    }
    const last = newOrderId();
    names.set(last, 'last');
    feed.announce({
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
    await feed.start({ heartbeatMs: 100 });
    const orders = range(1, 5).map(() => newOrderId());
    const first = await watch();
    for (const orderId of orders) for (const seq of [1, 2]) feed.announce(entry(orderId, seq));
    await expectEntries(first, 10);
    const token = await eventually(
      () => first.scoped().at(-1)?.token,
      (latest) => latest === '10',
    );
    first.close();
    for (const orderId of orders) feed.announce(entry(orderId, 3));
    feed.announce(lastEntry(orders[0] ?? '', 4));
    const born = newOrderId();
    feed.announce(entry(born, 1));
    const second = await watch({}, token);
    feed.announce(entry(born, 2));
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
    await feed.start();
    feed.store.mostEntries = 5;
    const orderId = newOrderId();
    for (const seq of range(1, 20)) feed.store.commit(entry(orderId, seq));
    const watcher = await watch({}, token);
    await eventually(watcher.scoped, ({ length }) => length === 2);
    expect(watcher.scoped()).toMatchObject([
      { type: 'subscribed', token: '20' },
      { type: 'resync', scope: 'orders', token: '20', code },
    ]);
    feed.announce(entry(orderId, 21));
    expect(await expectEntries(watcher, 1)).toMatchObject([{ seq: 21 }]);
  });

  test('a server that missed too much itself sends a resync to all, and goes on', async () => {
    await feed.start({ quietCheckMs: 100 });
    const watchers = [await watch(), await watch({ status: ['routing', 'pending'] })];
    feed.store.away = true;
    feed.store.mostEntries = 5;
    const orderId = newOrderId();
    for (const seq of range(1, 20)) feed.store.commit(entry(orderId, seq));
    feed.store.away = false;
    for (const { scoped } of watchers) {
      await eventually(scoped, (messages) => messages.some(({ type }) => type === 'resync'));
      expect(scoped().at(-1)).toMatchObject({ type: 'resync', code: 'token_too_old', token: '20' });
    }
    feed.announce(entry(orderId, 21));
    for (const watcher of watchers) expect(await expectEntries(watcher, 1)).toMatchObject([{ seq: 21 }]);
  });

  test('a store that is unavailable for a while delays entries', async () => {
    await feed.start({ quietCheckMs: 100 });
    const watcher = await watch();
    const orderId = newOrderId();
    feed.store.away = true;
    for (const seq of range(1, 5)) feed.announce(entry(orderId, seq));
    await new Promise((resolve) => setImmediate(resolve));
    feed.store.away = false;
    await expectEntries(watcher, 5);
  });

  test('a server that shuts down says with which token to go on', async () => {
    await feed.start();
    const watcher = await watch();
    await feed.server.close();
    await eventually(
      () => watcher.messages().at(-1),
      (last) => last?.type === 'error',
    );
    const last = { type: 'error', scope: 'orders', code: 'shutting_down', token: '0' };
    expect(watcher.messages().at(-1)).toMatchObject(last);
  });

  test('nothing is asked of the feed.store, and no entry is looked at, once the last watcher has left', async () => {
    await feed.start({ quietCheckMs: 50 });
    const watcher = await watch();
    watcher.close();
    await eventually(
      () => feed.server.ownerFeed.watchedOwners,
      (watched) => watched === 0,
    );
    const other = await startFeedServer(feed.store, feed.redisPath, { quietCheckMs: 50 });
    await eventually(
      () => feed.server.redis.isUp() && other.redis.isUp(),
      (up) => up,
    );
    const before = feed.store.queries;
    const orderId = newOrderId();
    for (const seq of range(1, 20)) feed.announce(entry(orderId, seq));
    feed.server.notifications.announce({ ...entry(orderId, 1), state: 'invalid' }, 'local');
    await other.stop();
    expect(feed.store.queries).toBe(before);
    expect(other.logged.filter((line) => line.includes('not valid'))).toEqual([]);
  });
});
