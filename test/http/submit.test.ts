import { afterEach, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { submittedViewSchema } from '../../src/protocol/views.ts';
import { ask, post, submit, submitted, WETH_TO_USDC } from '../support/http/rest-client.ts';
import { sendRaw } from '../support/http/raw-http.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

const running: RestServer[] = [];
async function start(options?: Parameters<typeof startRestServer>[0]): Promise<RestServer> {
  const server = await startRestServer(options);
  running.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

describe('a submission', () => {
  test('is answered with 201, its address and where to watch it', async () => {
    const server = await start();
    const answer = await submit(server, { ...WETH_TO_USDC, slippageBps: 50 }, 'key-1');
    expect(answer.status).toBe(201);
    const view = submittedViewSchema.strict().parse(answer.json);
    expect(view.status).toBe('pending');
    expect(view.wsUrl).toBe(`ws://127.0.0.1:${server.port}/api/orders/status/${view.orderId}`);
    expect(answer.headers.get('location')).toBe(view.links.self);
    expect((await ask(server, view.links.self)).json).toMatchObject({
      orderId: view.orderId,
      sellToken: 'WETH',
    });
    expect(server.wakes).toEqual([{ orderId: view.orderId, version: 1 }]);
  });

  test('may be gzipped', async () => {
    const server = await start();
    const zipped = new Uint8Array(gzipSync(JSON.stringify(WETH_TO_USDC)));
    const answer = await post(server, '/api/orders/execute', zipped, { 'Content-Encoding': 'gzip' });
    expect(answer.status).toBe(201);
  });

  test.each([
    ['plain', (text: string) => new Uint8Array(Buffer.from(text)), {}],
    ['gzipped', (text: string) => new Uint8Array(gzipSync(text)), { 'Content-Encoding': 'gzip' }],
  ])('may begin with a byte order mark (%s), which changes nothing', async (_how, encode, headers) => {
    const server = await start();
    const key = { 'Idempotency-Key': 'key' };
    const marked = encode(`\ufeff${JSON.stringify(WETH_TO_USDC)}`);
    const first = await post(server, '/api/orders/execute', marked, { ...headers, ...key });
    expect(first.status).toBe(201);
    expect(await submit(server, WETH_TO_USDC, 'key')).toMatchObject({
      status: 200,
      json: { orderId: first.json['orderId'] },
    });
  });

  test('may say its charset', async () => {
    const server = await start();
    const type = 'Application/JSON ; Charset="UTF-8"';
    const answer = await post(server, '/api/orders/execute', WETH_TO_USDC, { 'Content-Type': type });
    expect(answer.status).toBe(201);
  });

  test('is accepted while the queue is unavailable, and logged', async () => {
    const server = await start({ queueDown: true });
    expect((await submit(server, WETH_TO_USDC)).status).toBe(201);
    expect(server.logged).toMatchObject([{ level: 'warn' }]);
  });
});

describe('the same key', () => {
  test('gives the same order with 200, and its present status', async () => {
    const server = await start();
    const first = await submit(server, WETH_TO_USDC, 'key-1');
    const orderId = await submitted(server, {}, 'key-1');
    expect(orderId).toBe(first.json['orderId']);
    server.store.tamper(orderId, { status: 'building' });
    const again = await post(
      server,
      '/api/orders/execute',
      '{ "sellAmount":"1000000000000000000", "buyToken":"USDC", "sellToken":"WETH" }',
      { 'Idempotency-Key': 'key-1' },
    );
    expect(again.status).toBe(200);
    expect(again.json).toEqual({ ...first.json, status: 'building' });
    expect(again.headers.get('location')).toBe(`/api/orders/${orderId}`);
  });

  test('with another body is refused with 422', async () => {
    const server = await start();
    await submit(server, WETH_TO_USDC, 'key-1');
    const answer = await submit(server, { ...WETH_TO_USDC, slippageBps: 50 }, 'key-1');
    expect(answer).toMatchObject({
      status: 422,
      json: { code: 'idempotency_key_reused', type: '/problems/idempotency-key-reused', status: 422 },
    });
  });

  test('fifty times at once makes one order', async () => {
    const server = await start();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => submit(server, WETH_TO_USDC, 'key-1')),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    expect(new Set(answers.map(({ json }) => json['orderId'])).size).toBe(1);
    expect(await server.store.orders.countOpen()).toBe(1);
    expect(server.wakes).toHaveLength(1);
  });

  test('fifty times at once with two bodies makes one order and refuses the other body', async () => {
    const server = await start();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => submit(server, { ...WETH_TO_USDC, slippageBps: i % 2 }, 'key-1')),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(24);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(25);
  });
});

describe('too many orders', () => {
  test('are refused with 429 and Retry-After, but for what was accepted before', async () => {
    const server = await start({ limit: 2 });
    await submitted(server, {}, 'a');
    await submitted(server, {}, 'b');
    const refused = await submit(server, WETH_TO_USDC, 'c');
    expect(refused).toMatchObject({ status: 429, json: { code: 'too_many_orders' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await submit(server, WETH_TO_USDC, 'a')).status).toBe(200);
  });

  test('are few enough again once some have ended', async () => {
    const server = await start({ limit: 1 });
    const orderId = await submitted(server, {}, 'a');
    expect((await submit(server, WETH_TO_USDC, 'b')).status).toBe(429);
    server.store.tamper(orderId, { status: 'confirmed' });
    server.ahead += 1_000;
    expect((await submit(server, WETH_TO_USDC, 'b')).status).toBe(201);
  });
});

describe('without the store', () => {
  test('a submission is refused with 503 and Retry-After, and accepted once it is back', async () => {
    const server = await start();
    server.store.goAway();
    const refused = await submit(server, WETH_TO_USDC, 'key-1');
    expect(refused).toMatchObject({ status: 503, json: { code: 'store_unavailable' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    server.store.goAway(false);
    expect((await submit(server, WETH_TO_USDC, 'key-1')).status).toBe(201);
  });

  test.each(['/api/orders', `/api/orders/${'a'.repeat(32)}`, `/api/orders/${'a'.repeat(32)}/transitions`])(
    'GET %s is refused with 503',
    async (path) => {
      const server = await start();
      server.store.goAway();
      expect(await ask(server, path)).toMatchObject({ status: 503, json: { code: 'store_unavailable' } });
    },
  );
});

describe('the address of the WebSocket', () => {
  test('is the configured one, with TLS where that has it', async () => {
    const server = await start({ publicUrl: 'https://orders.example/' });
    const { json } = await submit(server, WETH_TO_USDC);
    expect(json['wsUrl']).toBe(`wss://orders.example/api/orders/status/${String(json['orderId'])}`);
  });

  test.each(['evil.example/x', 'a@b', 'a b', '<script>', '[::1', 'x'.repeat(300)])(
    'never repeats a Host header like %s',
    async (host) => {
      const server = await start();
      const body = JSON.stringify(WETH_TO_USDC);
      const answer = await sendRaw(
        server.port,
        `POST /api/orders/execute HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      expect(answer).toContain(`"wsUrl":"ws://127.0.0.1:${server.port}/`);
    },
  );

  test('is where the client reached this server', async () => {
    const server = await start();
    const body = JSON.stringify(WETH_TO_USDC);
    for (const host of ['orders.local:8080', '[::1]:3000', '10.0.0.7']) {
      const answer = await sendRaw(
        server.port,
        `POST /api/orders/execute HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      expect(answer).toContain(`"wsUrl":"ws://${host}/`);
    }
  });
});

describe('a page', () => {
  const from = (server: RestServer, origin: string) =>
    post(server, '/api/orders/execute', WETH_TO_USDC, { Origin: origin });

  test('of this server may submit', async () => {
    const server = await start();
    expect((await from(server, server.url)).status).toBe(201);
  });

  test('of an allowed origin may submit', async () => {
    const server = await start({
      allowedOrigins: ['https://app.example'],
      publicUrl: 'https://orders.example',
    });
    expect((await from(server, 'https://app.example')).status).toBe(201);
    expect((await from(server, 'https://orders.example')).status).toBe(201);
  });

  test.each(['https://evil.example', 'null'])(
    'of origin %s may neither submit nor cancel',
    async (origin) => {
      const server = await start();
      expect(await from(server, origin)).toMatchObject({ status: 403, json: { code: 'origin_not_allowed' } });
      const orderId = await submitted(server);
      const cancel = await post(server, `/api/orders/${orderId}/cancel`, undefined, { Origin: origin });
      expect(cancel.status).toBe(403);
      expect(server.store.commandsOf(orderId)).toEqual([]);
    },
  );
});

describe('a connection', () => {
  test.each([65_000, 620_000, 3_600_000])('may idle for %d ms between two requests', async (keepAliveMs) => {
    const server = await start({ keepAliveMs });
    const answer = await sendRaw(
      server.port,
      'GET /ready HTTP/1.1\r\nHost: a\r\n\r\nGET /ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toContain(`\r\nKeep-Alive: timeout=${keepAliveMs / 1_000}\r\n`);
    expect(server.http.keepAliveTimeout).toBe(keepAliveMs);
  });
});
