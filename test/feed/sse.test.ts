/** One order as server-sent events: over real HTTP, with what people read them with. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { EventSource } from 'eventsource';
import { messageSchema, type Message } from '../../src/protocol/messages.ts';
import { eventually } from '../support/eventually.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { range, seqsOf } from './clients.ts';
import { entry, lastEntry, newOrderId } from './entries.ts';
import { readEvents } from './event-stream.ts';
import { startFeedServer, type FeedServer } from './feed-server.ts';
import { MemoryJournal } from './memory-journal.ts';

const redis = new RedisServer();
let server: FeedServer;
let store: MemoryJournal;
let orderId: string;

beforeAll(() => redis.start());
afterAll(() => redis.remove());
beforeEach(async () => {
  store = new MemoryJournal();
  server = await startFeedServer(store, redis.path, { heartbeatMs: 300, replayPatienceMs: 300 });
  orderId = newOrderId();
  for (const seq of [1, 2, 3]) store.commit(entry(orderId, seq));
});
afterEach(() => server.stop());

const urlOf = (query = '', id = orderId) => `http://127.0.0.1:${server.port}/api/orders/${id}/events${query}`;
const commit = (seq: number) => server.notifications.announce(store.commit(entry(orderId, seq)));
const end = (seq: number) => server.notifications.announce(store.commit(lastEntry(orderId, seq)));

describe('a stream', () => {
  test('has the messages of a WebSocket, each as an unnamed event, and entries with their seq as id', async () => {
    const stream = await readEvents(urlOf());
    await stream.first(5);
    commit(4);
    end(5);
    expect(await stream.ended).toBe(true);
    expect(stream.raw()).toMatch(/^retry: \d+\n\n/);
    expect(stream.raw()).not.toMatch(/^event:/m);
    const [connection, subscribed, ...entries] = stream.events.filter(
      ({ message }) => message.type !== 'heartbeat',
    );
    expect(connection).toMatchObject({ id: null, message: { type: 'connection', orderId, progress: 10 } });
    expect(subscribed).toMatchObject({ id: null, message: { type: 'subscribed', orderId, lastSeq: 3 } });
    const journal = await store.journal.read(orderId, 0, 10);
    expect(entries.map(({ id, text }) => [id, text])).toEqual(
      journal.map(({ seq, message }) => [String(seq), JSON.stringify(message)]),
    );
  });

  test('is not cached, not collected by a proxy, and counted', async () => {
    const stream = await readEvents(urlOf());
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect(server.connections()).toEqual({ socketIo: 0, webSocket: 0, sse: 1 });
    stream.close();
    await eventually(
      () => [server.connections().sse, server.feed.watchedOrders],
      ([open, watched]) => open === 0 && watched === 0,
    );
  });

  test('has heartbeats while the order is followed live', async () => {
    const stream = await readEvents(urlOf('?after=3'));
    await stream.first(4);
    expect(stream.messages().slice(2)).toMatchObject([
      { type: 'heartbeat', orderId, lastSeq: 3 },
      { type: 'heartbeat', orderId, lastSeq: 3 },
    ]);
  });

  test.each([
    ['', undefined, [1, 2, 3, 4]],
    ['?after=2', undefined, [3, 4]],
    ['?after=latest', undefined, [4]],
    ['?after=latest', '1', [2, 3, 4]],
    ['?after=3', '0', [1, 2, 3, 4]],
  ])('with the query "%s" and the last event id %s gives %j', async (query, lastEventId, expected) => {
    const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
    const stream = await readEvents(urlOf(query), headers);
    await stream.first(2);
    end(4);
    expect(await stream.ended).toBe(true);
    expect(seqsOf(stream.messages())).toEqual(expected);
  });
});

describe('an ended order', () => {
  beforeEach(() => end(4));

  test('is sent to its end, and the response ends', async () => {
    const stream = await readEvents(urlOf('?after=2'));
    expect(await stream.ended).toBe(true);
    expect(seqsOf(stream.messages())).toEqual([3, 4]);
  });

  test.each([
    ['?after=4', {}],
    ['?after=latest', {}],
    ['', { 'Last-Event-ID': '4' }],
  ])('of which nothing is left is answered 204 (%s %j)', async (query, headers) => {
    for (const method of ['GET', 'HEAD']) {
      const stream = await readEvents(urlOf(query), headers, method);
      expect([stream.status, await stream.ended, stream.raw()]).toEqual([204, true, '']);
    }
    await eventually(
      () => server.connections().sse,
      (open) => open === 0,
    );
  });
});

describe('before the stream begins', () => {
  const expectProblem = async (
    url: string,
    headers: Record<string, string>,
    status: number,
    code: string,
  ) => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await readEvents(url, headers, method);
      expect([answer.status, answer.headers['content-type'], await answer.ended]).toEqual([
        status,
        'application/problem+json; charset=utf-8',
        true,
      ]);
      if (method === 'GET') expect(JSON.parse(answer.raw())).toMatchObject({ code, status });
    }
    expect(server.feed.watchedOrders).toBe(0);
  };

  test('an unknown order is 404', () => expectProblem(urlOf('', newOrderId()), {}, 404, 'order_not_found'));

  test('an after ahead of the journal is 409', () =>
    expectProblem(urlOf('?after=9'), {}, 409, 'after_ahead'));

  test('a last event id ahead of the journal is 409', () =>
    expectProblem(urlOf(), { 'Last-Event-ID': '9' }, 409, 'after_ahead'));

  test.each(['latest', '-1', '01', '1.5', 'x', '', '1234567890123456'])(
    'the last event id "%s" is 400',
    async (id) => {
      await expectProblem(urlOf('?after=1'), { 'Last-Event-ID': id }, 400, 'invalid_request');
    },
  );

  test('an unknown parameter is 400', () => expectProblem(urlOf('?from=1'), {}, 400, 'invalid_request'));

  test('a store that does not answer is 503', async () => {
    store.away = true;
    await expectProblem(urlOf(), {}, 503, 'store_unavailable');
  });

  test('a server that shuts down meanwhile is 503', async () => {
    store.lagMs = 500;
    const answer = readEvents(urlOf());
    await eventually(
      () => server.feed.watchedOrders,
      (watched) => watched === 1,
    );
    const closing = server.close();
    const { status, raw, ended } = await answer;
    expect([status, await ended, JSON.parse(raw())]).toMatchObject([503, true, { code: 'shutting_down' }]);
    await closing;
  });

  test('a page of a foreign origin is 403', () =>
    expectProblem(urlOf(), { Origin: 'https://evil.example' }, 403, 'origin_not_allowed'));

  test('a client may leave', async () => {
    store.lagMs = 300;
    const leaving = new AbortController();
    const answer = fetch(urlOf(), { signal: leaving.signal });
    await eventually(
      () => server.feed.watchedOrders,
      (watched) => watched === 1,
    );
    leaving.abort();
    await expect(answer).rejects.toThrow('aborted');
    await eventually(
      () => [server.feed.watchedOrders, server.connections().sse],
      ([watched, open]) => watched === 0 && open === 0,
    );
  });
});

describe('once the stream has begun', () => {
  test('HEAD gets the head of the stream and the end', async () => {
    const head = await readEvents(urlOf(), {}, 'HEAD');
    expect([head.status, head.headers['content-type'], await head.ended]).toEqual([
      200,
      'text/event-stream',
      true,
    ]);
    await eventually(
      () => server.feed.watchedOrders,
      (watched) => watched === 0,
    );
  });

  test('a page of the server itself may read it', async () => {
    const own = `http://127.0.0.1:${server.port}`;
    const stream = await readEvents(urlOf(), { Origin: own });
    expect([stream.status, stream.headers['access-control-allow-origin']]).toEqual([200, own]);
  });

  test('a journal that cannot be read for too long is an error with the seq to resume from, and the end', async () => {
    for (const seq of range(4, 120)) store.commit(entry(orderId, seq));
    const reading = store.journal.read.bind(store.journal);
    let reads = 0;
    Object.assign(store.journal, {
      read: (...page: Parameters<typeof reading>) => {
        reads += 1;
        store.away = reads > 1;
        return reading(...page);
      },
    });
    const stream = await readEvents(urlOf());
    expect(await stream.ended).toBe(true);
    const seqs = seqsOf(stream.messages());
    expect(seqs).toEqual(range(1, 50));
    expect(stream.messages().at(-1)).toMatchObject({ type: 'error', code: 'store_unavailable', lastSeq: 50 });
    expect(stream.lastEventId()).toBe('50');
  });

  test('a server that shuts down says where to resume, and ends the response', async () => {
    const stream = await readEvents(urlOf());
    await stream.first(5);
    await server.close();
    expect(await stream.ended).toBe(true);
    expect(stream.messages().at(-1)).toMatchObject({ type: 'error', code: 'shutting_down', lastSeq: 3 });
    expect(stream.events.at(-1)?.id).toBeNull();
    expect(server.connections().sse).toBe(0);
  });
});

describe('is readable by', () => {
  test('EventSource, which resumes by itself on another server, and does not come back once the order has ended', async () => {
    const { port } = server;
    const received: Message[] = [];
    const source = new EventSource(urlOf());
    source.onmessage = ({ data }) => void received.push(messageSchema.parse(JSON.parse(String(data))));
    await eventually(
      () => seqsOf(received).length,
      (length) => length === 3,
    );
    await server.stop();
    store.commit(entry(orderId, 4));
    server = await startFeedServer(store, redis.path, { port });
    await eventually(
      () => seqsOf(received).length,
      (length) => length === 4,
    );
    end(5);
    await eventually(
      () => source.readyState,
      (state) => state === EventSource.CLOSED,
    );
    expect(seqsOf(received)).toEqual(range(1, 5));
    expect(received.some((message) => message.type === 'error' && message.code === 'shutting_down')).toBe(
      true,
    );
  });

  test('curl -N', async () => {
    const curl = spawn('curl', ['-sN', urlOf()]);
    let out = '';
    curl.stdout.on('data', (text: Buffer) => (out += text.toString()));
    const exit = new Promise((resolve) => curl.once('close', resolve));
    await eventually(
      () => out,
      (text) => text.includes('id: 3\n'),
    );
    end(4);
    expect(await exit).toBe(0);
    expect([...out.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))).toEqual([1, 2, 3, 4]);
  });

  test('fetch', async () => {
    const { body } = await fetch(urlOf());
    let text = '';
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      if (text === '') end(4);
      text += chunk;
    }
    expect([...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))).toEqual([1, 2, 3, 4]);
  });
});
