/** Connections: invalid input, other servers' messages, heartbeats, peers that stop answering, shutdown. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { ERRORS } from '../../src/errors.ts';
import { COMMAND_CHANNEL } from '../../src/notifications/command-channel.ts';
import { eventually } from '../support/eventually.ts';
import { sendRaw } from '../support/http/raw-http.ts';
import { connectSocketIo, watchByWebSocket, type IoClient } from './clients.ts';
import { entry, newOrderId } from './entries.ts';
import { startFeedServer, type FeedServer } from './feed-server.ts';
import { MemoryJournal } from './memory-journal.ts';
import { RedisServer } from '../support/redis/redis-server.ts';

const redis = new RedisServer();
const store = new MemoryJournal();
const orderId = newOrderId();
let server: FeedServer;
let client: IoClient;

beforeAll(async () => {
  await redis.start();
  store.commit(entry(orderId, 1));
});
afterAll(() => redis.remove());

beforeEach(async () => {
  server = await startFeedServer(store, redis.path, {
    heartbeatMs: 100,
    allowedOrigins: ['https://app.example'],
  });
  client = connectSocketIo(server.port);
});

afterEach(async () => {
  client.socket.disconnect();
  await server.stop();
});

describe('junk from a Socket.IO client is answered and does not affect other clients', () => {
  test.each<[string, string, unknown[]]>([
    ['no payload', 'subscribe', []],
    ['null', 'subscribe', [null]],
    ['a number', 'subscribe', [7]],
    ['an id alone', 'subscribe', [orderId]],
    ['an array', 'subscribe', [[orderId]]],
    ['bytes', 'subscribe', [Buffer.from('{}')]],
    ['bytes for an id', 'subscribe', [{ orderId: Buffer.from(orderId) }]],
    ['a malformed id', 'subscribe', [{ orderId: 'x' }]],
    ['an after that is text', 'subscribe', [{ orderId, after: '1' }]],
    ['a fractional after', 'subscribe', [{ orderId, after: 0.5 }]],
    ['a field too many', 'subscribe', [{ orderId, since: 1 }]],
    ['two payloads', 'subscribe', [{ orderId }, { orderId }]],
    ['a payload without an id', 'unsubscribe', [{}]],
    ['an unknown event', 'status', [{ orderId }]],
    ['an event with a name of the prototype', '__proto__', [{ orderId }]],
    ['an event named error', 'error', [{ orderId }]],
  ])('%s', async (_what, event, sent) => {
    const answer: unknown = await client.socket.timeout(5_000).emitWithAck(event, ...sent);
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
    await eventually(
      () => client.messages,
      (messages) =>
        messages.some((message) => message.type === 'error' && message.code === 'invalid_request'),
    );
    client.socket.emit(event, ...sent);
    expect(await client.subscribe({ orderId })).toMatchObject({ ok: true });
  });

  test('malformed packets', async () => {
    for (const text of [
      '42',
      '42[',
      '42{}',
      '42["connect"]',
      '42[1]',
      '451-["subscribe"]',
      '4',
      '9',
      '\u0000',
    ]) {
      const ws = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`);
      const received: string[] = [];
      ws.on('message', (data: Buffer) => received.push(data.toString()));
      ws.on('error', () => undefined);
      const gone = new Promise((resolve) => ws.once('close', resolve));
      await new Promise((resolve) => ws.once('open', resolve));
      ws.send('40');
      await eventually(
        () => received,
        (messages) => messages.some((message) => message.includes('"connection"')),
      );
      ws.send(text);
      ws.close();
      await gone;
    }
    expect(await client.subscribe({ orderId })).toMatchObject({ ok: true });
  });
});

describe('a client that sends on a plain WebSocket', () => {
  test.each([
    ['text', Buffer.from('hello'), false],
    ['bytes', Buffer.from([0, 1, 2]), true],
    ['nothing', Buffer.alloc(0), false],
  ])('%s gets an error, because the server reads nothing, and is closed', async (_what, data, binary) => {
    const { ws, messages, first, closed } = watchByWebSocket(server.port, orderId);
    await first(2);
    ws.send(data, { binary });
    expect(await closed).toBe(ERRORS.invalid_request.closeCode);
    expect(messages.at(-1)).toMatchObject({ type: 'error', code: 'invalid_request', orderId });
    expect(server.feed.watchedOrders).toBe(0);
  });

  test('a long message is closed with 1009', async () => {
    const { ws, first, closed } = watchByWebSocket(server.port, orderId);
    await first(2);
    ws.send(Buffer.alloc(100_000));
    expect(await closed).toBe(1009);
  });
});

const upgradeTo = (path: string, headers: readonly string[] = []): Promise<string> =>
  sendRaw(
    server.port,
    [
      `GET ${path} HTTP/1.1`,
      'Host: here.example',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
      '\r\n',
    ].join('\r\n'),
  );

describe('an upgrade', () => {
  test.each(['/', '/api/orders', '//', '/socket.iox/', '/api/orders/status'])(
    'of %s is answered 404 with a problem',
    async (path) => {
      const answer = await upgradeTo(path);
      expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
      expect(answer).toContain('application/problem+json');
      expect(answer).toContain('"code":"not_found"');
    },
  );

  test.each([`/api/orders/status/${orderId}`, '/socket.io/?EIO=4&transport=websocket'])(
    "from another page is refused at %s, from an allowed one or this server's own it is not",
    async (path) => {
      for (const origin of ['https://evil.example', 'null', 'https://here.example.evil.example']) {
        const answer = await upgradeTo(path, [`Origin: ${origin}`]);
        expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
        expect(answer).toContain('"code":"origin_not_allowed"');
      }
      for (const origin of ['https://app.example', `http://127.0.0.1:${server.port}`]) {
        const ws = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { origin });
        await new Promise((resolve) => ws.once('open', resolve));
        ws.terminate();
      }
    },
  );

  test('by polling from another page is refused, too', async () => {
    const url = `http://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=polling`;
    const refused = await fetch(url, { headers: { Origin: 'https://evil.example' } });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: 'origin_not_allowed' });
    const allowed = await fetch(url, { headers: { Origin: 'https://app.example' } });
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
  });
});

test.each(['PUT', 'DELETE', 'HEAD', 'PATCH'])(
  'a %s on a long-polling session is refused with the methods that it takes',
  async (method) => {
    const polling = `http://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=polling`;
    const sid = /"sid":"([^"]+)"/.exec(await (await fetch(polling)).text())?.[1] ?? '';
    const session = `${polling}&sid=${sid}`;
    const { status, headers } = await fetch(session, { method });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, POST']);
    // The session goes on, until the client ends it.
    expect(await (await fetch(session, { method: 'POST', body: '1' })).text()).toBe('ok');
  },
);

describe('a quiet order', () => {
  test('has heartbeats with where it stands, on both transports', async () => {
    await client.subscribe({ orderId });
    const plain = watchByWebSocket(server.port, orderId);
    for (const messages of [client.messages, plain.messages]) {
      await eventually(
        () => messages,
        (sent) => sent.filter(({ type }) => type === 'heartbeat').length >= 2,
      );
      expect(messages.at(-1)).toMatchObject({ orderId, status: 'pending', progress: 0, lastSeq: 1 });
    }
    plain.ws.close();
    await plain.closed;
  });

  test('does not keep a peer that answers no pings, and says why', async () => {
    const { ws, messages, first, closed } = watchByWebSocket(server.port, orderId, { autoPong: false });
    await first(2);
    expect(await closed).toBe(4408);
    expect(messages.at(-1)).toMatchObject({ type: 'error', code: 'slow_reader', orderId, lastSeq: 1 });
    expect(ws.readyState).toBe(WebSocket.CLOSED);
    await eventually(
      () => server.connections().webSocket,
      (count) => count === 0,
    );
  });
});

test('a server that stops tells all clients where to resume', async () => {
  await client.subscribe({ orderId });
  const plain = watchByWebSocket(server.port, orderId);
  await plain.first(3);
  expect(server.connections()).toEqual({ socketIo: 1, webSocket: 1, sse: 0 });
  await server.close();
  expect(await plain.closed).toBe(1001);
  for (const messages of [client.messages, plain.messages]) {
    const told = { type: 'error', code: 'shutting_down', orderId, lastSeq: 1 };
    await eventually(
      () => messages.at(-1),
      (last) => last?.type === 'error',
    );
    expect(messages.at(-1)).toMatchObject(told);
  }
  expect(server.feed.watchedOrders).toBe(0);
  expect(server.connections()).toEqual({ socketIo: 0, webSocket: 0, sse: 0 });
});

describe('another process', () => {
  const channel = 'socket.io-request#/#';
  const notifications = (...sent: unknown[]) =>
    JSON.stringify({ uid: 'other', type: 6, data: ['hints', ...sent] });
  const waitingFor = (orderIds: unknown) => JSON.stringify({ from: 'other', orderIds });

  test('may publish junk', async () => {
    const waiting: string[] = [];
    server.notifications.onCommand((id) => waiting.push(id));
    await eventually(
      () => server.redis.isUp(),
      (up) => up,
    );
    await client.subscribe({ orderId });
    const junk = [
      'null',
      '[]',
      '{',
      '\u0093\u0000',
      JSON.stringify({ uid: 'other', type: 6 }),
      JSON.stringify({ uid: 'other', type: 6, data: ['connection', {}] }),
      JSON.stringify({ uid: 'other', type: 6, data: ['error', 'boom'] }),
      notifications(),
      notifications(null),
      notifications([null]),
      notifications([{ orderId, seq: 2, type: 'confirmed' }]),
      waitingFor(null),
      waitingFor([7]),
      waitingFor(Array.from({ length: 201 }, () => orderId)),
    ];
    for (const text of junk) {
      for (const to of [channel, 'socket.io#/#', COMMAND_CHANNEL]) await redis.command('PUBLISH', to, text);
    }
    expect(waiting).toEqual([]);
    const next = store.commit(entry(orderId, store.lastSeq(orderId) + 1));
    await redis.command('PUBLISH', channel, notifications([next]));
    await redis.command('PUBLISH', COMMAND_CHANNEL, waitingFor([orderId]));
    await eventually(
      () => waiting,
      (ids) => ids.includes(orderId),
    );
    await eventually(
      () => client.of(orderId).at(-1),
      (last) => last !== undefined && 'lastSeq' in last && last.lastSeq === next.seq,
    );
    expect(client.of(orderId)).toContainEqual(next);
    const warnings = server.logged.filter((line) => line.includes('is not valid'));
    // One for each of the two ways on which notifications come.
    expect(warnings).toHaveLength(2);
  });
});
