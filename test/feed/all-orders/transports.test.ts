/** All orders of an owner: what is particular to Socket.IO and to server-sent events. */
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { connectSocketIo, range } from '../clients.ts';
import { entry, lastEntry, newOrderId } from '../entries.ts';
import { readEvents } from '../event-stream.ts';
import { expectEntries, isEntry, ownerFeedSuite, watcherOf } from './owner-feed-suite.ts';

const feed = ownerFeedSuite();

describe('on a Socket.IO connection', () => {
  test('a second subscription replaces the first, and goes beside those to single orders', async () => {
    await feed.start();
    const client = connectSocketIo(feed.server.port);
    const orderId = newOrderId();
    feed.store.commit(entry(orderId, 1));
    await client.subscribe({ orderId });
    await client.subscribe({ scope: 'orders', filter: { status: ['routing'] } });
    const answer = await client.subscribe({ scope: 'orders', filter: { status: ['confirmed'] }, token: '0' });
    expect(answer).toEqual({ ok: true, scope: 'orders', token: '0' });
    feed.announce(entry(orderId, 2));
    feed.announce(lastEntry(orderId, 3));
    // 1 to 3 of the order's own subscription, and 3 of that to all orders.
    await eventually(
      () => client.messages.filter(isEntry),
      ({ length }) => length >= 4,
    );
    const seqs = client.messages.filter(isEntry).map(({ seq }) => seq);
    expect(seqs.sort()).toEqual([1, 2, 3, 3]);
    expect(feed.server.ownerFeed.watchedOwners).toBe(1);
  });

  test('unsubscribe ends it, and is answered also where there is none', async () => {
    await feed.start();
    const client = connectSocketIo(feed.server.port);
    await client.subscribe({ scope: 'orders' });
    const wasSubscribed = { ok: true, scope: 'orders', wasSubscribed: true };
    expect(await client.unsubscribe({ scope: 'orders' })).toEqual(wasSubscribed);
    expect(await client.unsubscribe({ scope: 'orders' })).toEqual({ ...wasSubscribed, wasSubscribed: false });
    feed.announce(entry(newOrderId(), 1));
    expect(feed.server.ownerFeed.watchedOwners).toBe(0);
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
    await feed.start();
    const client = connectSocketIo(feed.server.port);
    const answer = await client.subscribe(payload);
    expect(answer).toMatchObject({ ok: false, error: { code, errors: fields.map((field) => ({ field })) } });
    await eventually(
      () => client.messages.at(-1),
      (last) => last?.type === 'error',
    );
    expect(client.messages.at(-1)).toMatchObject({ type: 'error', scope: 'orders', code });
    expect(feed.server.ownerFeed.watchedOwners).toBe(0);
  });

  test('a store that is unavailable is an error, and the next subscription works', async () => {
    await feed.start();
    const client = connectSocketIo(feed.server.port);
    feed.store.away = true;
    const refused = await client.subscribe({ scope: 'orders' });
    expect(refused).toMatchObject({ ok: false, error: { code: 'store_unavailable' } });
    feed.store.away = false;
    expect(await client.subscribe({ scope: 'orders' })).toMatchObject({ ok: true });
  });
});

describe('as server-sent events', () => {
  test('each event has an id to come back with, which wins over the token', async () => {
    await feed.start({ quietCheckMs: 50 });
    const stream = await readEvents(feed.eventsUrl());
    const orderId = newOrderId();
    for (const seq of range(1, 3)) feed.announce(entry(orderId, seq));
    await eventually(
      () => {
        feed.announce(entry(orderId, feed.store.lastSeq(orderId) + 1));
        return stream.lastEventId();
      },
      (id) => Number(id) >= 3,
    );
    expect(stream.headers['content-type']).toBe('text/event-stream');
    stream.close();
    const id = stream.lastEventId() ?? '';
    const again = await readEvents(feed.eventsUrl('?token=0'), { 'Last-Event-ID': id });
    const lastSeq = feed.store.lastSeq(orderId);
    await expectEntries(watcherOf(again), lastSeq - Number(id));
    // A text that no store made is no error: EventSource would come back with it for ever.
    const lost = await readEvents(feed.eventsUrl('?token=0'), { 'Last-Event-ID': 'nonsense' });
    await eventually(lost.scoped, ({ length }) => length === 2);
    expect(lost.scoped().at(-1)).toMatchObject({ type: 'resync', code: 'token_unknown' });
    expect(lost.lastEventId()).toBe(lost.scoped().at(-1)?.token);
  });

  test('status is a list with commas', async () => {
    await feed.start();
    const stream = await readEvents(feed.eventsUrl('?status=pending,confirmed'));
    const orderId = newOrderId();
    for (const seq of [1, 2]) feed.announce(entry(orderId, seq));
    feed.announce(lastEntry(orderId, 3));
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
    await feed.start();
    const answer = await readEvents(feed.eventsUrl(query));
    expect([answer.status, await answer.ended, JSON.parse(answer.raw())]).toMatchObject([
      status,
      true,
      { code },
    ]);
  });

  test('a store that is unavailable is 503, and HEAD gets the head alone', async () => {
    await feed.start();
    feed.store.away = true;
    const answer = await readEvents(feed.eventsUrl());
    expect([answer.status, await answer.ended]).toEqual([503, true]);
    feed.store.away = false;
    const head = await readEvents(feed.eventsUrl(), {}, 'HEAD');
    expect([head.status, head.headers['content-type'], await head.ended]).toEqual([
      200,
      'text/event-stream',
      true,
    ]);
    await eventually(
      () => feed.server.ownerFeed.watchedOwners,
      (watched) => watched === 0,
    );
  });
});
