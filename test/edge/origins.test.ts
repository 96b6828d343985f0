/** One policy for pages on REST, Socket.IO polling, Socket.IO's upgrade and WebSocket; and what allowed pages may read. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ask, post, submitted, WETH_TO_USDC } from '../support/http/rest-client.ts';
import { sendRaw } from '../support/http/raw-http.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { readEvents } from '../feed/event-stream.ts';
import { canOpen, POLL, SOCKET_IO_UPGRADE, startEdgeServer, type EdgeServer } from './edge-server.ts';

const EXECUTE = '/api/orders/execute';
const redis = new RedisServer();
let server: EdgeServer;
let orderId: string;

beforeAll(() => redis.start());
afterAll(() => redis.remove());
beforeEach(async () => {
  server = await startEdgeServer(redis, {
    publicUrl: 'https://orders.example/swaps',
    allowedOrigins: ['https://app.example'],
  });
  orderId = await submitted(server);
});
afterEach(() => server.stop());

const own = () => server.url;
const ALLOWED: [whose: string, origin: () => string][] = [
  ['an allowed origin', () => 'https://app.example'],
  ["PUBLIC_URL's origin", () => 'https://orders.example'],
  ['the server itself', own],
];

describe('a page', () => {
  test.each(ALLOWED)(
    'of %s may post, poll, open both kinds of WebSocket and read events',
    async (_whose, origin) => {
      const Origin = origin();
      expect((await post(server, EXECUTE, WETH_TO_USDC, { Origin })).status).toBe(201);
      expect((await fetch(`${server.url}${POLL}`, { headers: { Origin } })).status).toBe(200);
      expect(await canOpen(server, SOCKET_IO_UPGRADE, Origin)).toBe(true);
      expect(await canOpen(server, `/api/orders/status/${orderId}`, Origin)).toBe(true);
      const events = await readEvents(`${server.url}/api/orders/${orderId}/events`, { Origin });
      expect([events.status, events.headers['access-control-allow-origin']]).toEqual([200, Origin]);
      events.close();
    },
  );

  test.each([
    'https://evil.example',
    'null',
    'http://app.example',
    'https://app.example:444',
    'https://app.example.evil.example',
    'https://orders.example/swaps',
    'https://here.example.evil.example',
  ])('of %s may do none of these, and gets the same error text', async (origin) => {
    const { status, json, headers } = await post(server, EXECUTE, WETH_TO_USDC, { Origin: origin });
    expect([status, json['code'], json['type']]).toEqual([
      403,
      'origin_not_allowed',
      '/swaps/problems/origin-not-allowed',
    ]);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    const poll = await fetch(`${server.url}${POLL}`, { headers: { Origin: origin } });
    expect([poll.status, poll.headers.get('content-type')]).toEqual([
      403,
      'application/problem+json; charset=utf-8',
    ]);
    expect(poll.headers.get('access-control-allow-origin')).toBeNull();
    expect(await poll.json()).toMatchObject({ detail: json['detail'], type: json['type'] });
    const events = await fetch(`${server.url}/api/orders/${orderId}/events`, { headers: { Origin: origin } });
    expect([events.status, events.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    expect(await events.json()).toMatchObject({ detail: json['detail'], type: json['type'] });
    for (const path of [SOCKET_IO_UPGRADE, `/api/orders/status/${orderId}`]) {
      const answer = await server.upgrade(path, [`Origin: ${origin}`]);
      expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      expect(answer).toContain('"type":"/swaps/problems/origin-not-allowed"');
      expect(answer).toContain('Cache-Control: no-store');
      expect(await canOpen(server, path, origin)).toBe(false);
    }
  });

  test.each([
    ['here.example', 'https://here.example'],
    ['here.example', 'http://here.example'],
    ['here.example:443', 'https://here.example'],
    ['here.example:8080', 'http://here.example:8080'],
  ])('of the host that the Host header names (%s) may cancel: %s', async (host, origin) => {
    const request = `POST /api/orders/${orderId}/cancel HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\n`;
    expect(await sendRaw(server.port, `${request}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 202 /);
  });
});

describe('an allowed page', () => {
  const Origin = 'https://app.example';
  const cors = (headers: Headers) => [
    headers.get('access-control-allow-origin'),
    headers.get('access-control-expose-headers'),
    headers.get('vary'),
  ];
  const READABLE = [Origin, 'Location, Retry-After', 'Origin'];

  test('reads answers and errors alike', async () => {
    const created = await post(server, EXECUTE, WETH_TO_USDC, { Origin });
    expect(cors(created.headers)).toEqual(READABLE);
    for (const [path, status] of [
      [`/api/orders/${orderId}`, 200],
      [`/api/orders/${'a'.repeat(32)}`, 404],
      ['/api/orders?limit=0', 400],
      ['/nothing', 404],
      ['/ready', 200],
    ] as const) {
      const answer = await ask(server, path, { headers: { Origin } });
      expect([answer.status, ...cors(answer.headers)]).toEqual([status, ...READABLE]);
    }
    const refused = await post(server, EXECUTE, '{', { Origin });
    expect([refused.status, ...cors(refused.headers)]).toEqual([400, ...READABLE]);
    const wrongMethod = await ask(server, EXECUTE, { method: 'PUT', headers: { Origin } });
    expect([wrongMethod.status, ...cors(wrongMethod.headers)]).toEqual([405, ...READABLE]);
    server.store.goAway();
    const away = await ask(server, '/api/orders', { headers: { Origin } });
    expect([away.status, ...cors(away.headers)]).toEqual([503, ...READABLE]);
  });

  test('reads polls', async () => {
    const poll = await fetch(`${server.url}${POLL}`, { headers: { Origin } });
    expect([poll.status, ...cors(poll.headers)]).toEqual([200, ...READABLE]);
    const wrong = await fetch(`${server.url}/socket.io/?EIO=4&transport=none`, { headers: { Origin } });
    expect([wrong.status, ...cors(wrong.headers)]).toEqual([400, ...READABLE]);
  });

  const preflight = (path: string, origin: string, method: string) =>
    fetch(`${server.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'content-type,idempotency-key',
      },
    });

  test.each([
    [EXECUTE, 'POST', 'POST'],
    ['/api/orders', 'GET', 'GET, HEAD'],
    [POLL, 'POST', 'GET, POST'],
  ])('gets its preflight of %s for %s answered', async (path, method, methods) => {
    const { status, headers } = await preflight(path, Origin, method);
    expect([status, ...cors(headers)]).toEqual([204, ...READABLE]);
    expect(headers.get('access-control-allow-methods')).toBe(methods);
    expect(headers.get('access-control-allow-headers')).toBe(
      'Content-Type, Idempotency-Key, Authorization, Last-Event-ID',
    );
    expect(headers.get('access-control-max-age')).toBe('600');
  });

  test.each([EXECUTE, '/api/orders', POLL])('of another origin gets that of %s refused', async (path) => {
    const { status, headers } = await preflight(path, 'https://evil.example', 'POST');
    expect(status).toBe(403);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('access-control-allow-methods')).toBeNull();
  });
});

test('a request without an Origin is allowed', async () => {
  expect((await post(server, EXECUTE, WETH_TO_USDC)).status).toBe(201);
  const { status, headers } = await ask(server, `/api/orders/${orderId}`);
  expect([status, headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([
    200,
    null,
    null,
  ]);
});
