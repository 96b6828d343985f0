/** Every address that clients are given leads back to this server: with the path of PUBLIC_URL, and over TLS where it has TLS. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { orderPageViewSchema, submittedViewSchema, transitionsViewSchema } from '../../src/protocol/views.ts';
import { ask, post, submit, submitted, WETH_TO_USDC } from '../support/http/rest-client.ts';
import { sendRaw } from '../support/http/raw-http.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import type { RestServer } from '../support/http/rest-server.ts';
import { startEdgeServer } from './edge-server.ts';

const running: RestServer[] = [];
const redis = new RedisServer();
beforeAll(() => redis.start());
afterAll(() => redis.remove());
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(publicUrl?: string): Promise<RestServer> {
  const server = await startEdgeServer(redis, publicUrl === undefined ? {} : { publicUrl });
  running.push(server);
  return server;
}

describe('the path of PUBLIC_URL', () => {
  test('stands before every link, Location, wsUrl and problem type', async () => {
    const server = await start('https://host.example/swaps');
    const answer = await submit(server, WETH_TO_USDC, 'key');
    const { orderId, links, wsUrl } = submittedViewSchema.parse(answer.json);
    const self = `/swaps/api/orders/${orderId}`;
    expect(wsUrl).toBe(`wss://host.example/swaps/api/orders/status/${orderId}`);
    expect(links).toEqual({
      self,
      transitions: `${self}/transitions`,
      events: `${self}/events`,
      cancel: `${self}/cancel`,
      retry: `${self}/retry`,
    });
    expect(answer.headers.get('location')).toBe(self);
    expect((await ask(server, `/api/orders/${orderId}`)).json['links']).toEqual(links);
    const cancelled = await ask(server, `/api/orders/${orderId}/cancel`, { method: 'POST' });
    expect(cancelled.json['links']).toEqual(links);

    await submitted(server);
    const page = orderPageViewSchema.parse((await ask(server, '/api/orders?limit=1')).json);
    expect(page.links.next).toMatch(/^\/swaps\/api\/orders\?limit=1&cursor=/);
    expect(page.orders[0]?.links.self).toMatch(/^\/swaps\/api\/orders\//);
    // What a proxy that takes the path off passes on.
    expect((await ask(server, (page.links.next ?? '').replace('/swaps', ''))).status).toBe(200);

    const order = await server.store.orders.load(orderId);
    const [first] = await server.store.journal.read(orderId, 0, 1);
    if (order === null || first === undefined) throw new Error(`no order ${orderId}`);
    await server.store.orders.commit({
      orderId,
      expectedVersion: order.version,
      commitId: 'second',
      status: order.status,
      state: order.state,
      entries: [{ ...first, seq: 2, message: { ...first.message, seq: 2 } }],
      inboxDone: 0,
    });
    const { json } = await ask(server, `/api/orders/${orderId}/transitions?limit=1`);
    expect(transitionsViewSchema.parse(json).links.next).toBe(`${self}/transitions?after=1&limit=1`);
  });

  test('stands before the type and instance of each problem, and the type leads to its explanation', async () => {
    const server = await start('https://host.example/a/b/');
    const problem = (await ask(server, '/api/orders/1')).json;
    expect([problem['type'], problem['instance']]).toEqual([
      '/a/b/problems/invalid-request',
      '/a/b/api/orders/1',
    ]);
    const explained = await ask(server, String(problem['type']).replace('/a/b', ''));
    expect(explained).toMatchObject({
      status: 200,
      json: { type: problem['type'], code: 'invalid_request' },
    });
    expect(await sendRaw(server.port, 'hello\r\n\r\n')).toContain('"type":"/a/b/problems/invalid-request"');
    expect(
      await sendRaw(server.port, 'GET http://[ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    ).toContain('"type":"/a/b/problems/invalid-request"');
    const upgrade = 'GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    expect(await sendRaw(server.port, upgrade)).toContain('"type":"/a/b/problems/not-found"');
  });

  test('is not believed from a header', async () => {
    const server = await start();
    const { json, headers } = await post(server, '/api/orders/execute', WETH_TO_USDC, {
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Prefix': '/evil',
    });
    expect(json['wsUrl']).toBe(`ws://127.0.0.1:${server.port}/api/orders/status/${String(json['orderId'])}`);
    expect(headers.get('location')).toBe(`/api/orders/${String(json['orderId'])}`);
  });
});

describe('a proxy that terminates TLS', () => {
  const warnings = ({ logged }: RestServer) => logged.map(({ text }) => text);
  const from = (server: RestServer, headers: Record<string, string>) => ask(server, '/ready', { headers });

  test.each([
    { 'X-Forwarded-Proto': 'https' },
    { 'X-Forwarded-Proto': 'HTTPS, http' },
    { Forwarded: 'for=1.2.3.4;proto=https;by=5.6.7.8' },
    { Forwarded: 'for="[::1]"; Proto="https"' },
  ])('without PUBLIC_URL is warned of once (%j)', async (headers) => {
    const server = await start();
    await from(server, headers);
    await from(server, headers);
    expect(warnings(server)).toEqual([expect.stringMatching(/PUBLIC_URL is not set.*wsUrl.*Set PUBLIC_URL/)]);
  });

  test.each([{ 'X-Forwarded-Proto': 'http' }, { Forwarded: 'for=1.2.3.4;proto=http' }, { Via: 'https' }])(
    'is not assumed from %j',
    async (headers) => {
      const server = await start();
      await from(server, headers);
      expect(warnings(server)).toEqual([]);
    },
  );

  test('with PUBLIC_URL is as it should be', async () => {
    const server = await start('https://host.example');
    await from(server, { 'X-Forwarded-Proto': 'https' });
    expect(warnings(server)).toEqual([]);
  });
});
