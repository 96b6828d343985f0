import { afterEach, describe, expect, test } from '@jest/globals';
import { ERRORS } from '../../src/errors.ts';
import { ask, submitted } from '../support/http/rest-client.ts';
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

describe('/health', () => {
  test('is ok with its parts, connections, age and version', async () => {
    const server = await start({ probes: { queue: () => Promise.resolve({ waiting: 3 }) } });
    const { status, json } = await ask(server, '/health?probe=1');
    expect(status).toBe(200);
    expect(json).toEqual({
      status: 'ok',
      parts: { store: { status: 'ok' }, queue: { status: 'ok', waiting: 3 } },
      connections: { websocket: 2 },
      uptimeSeconds: expect.any(Number),
      version: '1.2.3',
    });
  });

  test('is degraded, and still 200, when parts break or hang', async () => {
    let asked = 0;
    const server = await start({
      probes: {
        redis: () => Promise.reject(new Error('connection refused')),
        chain: () => {
          asked += 1;
          return new Promise(() => undefined);
        },
        queue: () => {
          throw new Error('broken');
        },
      },
    });
    const answers = await Promise.all([ask(server, '/health'), ask(server, '/health')]);
    for (const { status, json } of answers) {
      expect(status).toBe(200);
      expect(json).toMatchObject({
        status: 'degraded',
        parts: {
          store: { status: 'ok' },
          redis: { status: 'down', message: 'connection refused' },
          chain: { status: 'down', message: 'no answer within 100 ms' },
          queue: { status: 'down', message: 'broken' },
        },
      });
    }
    expect(asked).toBe(1);
  });

  test('is degraded, and says why, where a part works and needs attention', async () => {
    const server = await start({
      probes: { held: () => Promise.resolve({ orders: 2, status: 'degraded' as const }) },
    });
    const { json } = await ask(server, '/health');
    expect(json).toMatchObject({ status: 'degraded', parts: { held: { status: 'degraded', orders: 2 } } });
    expect((await ask(server, '/ready')).status).toBe(200);
  });

  test('answers without the store', async () => {
    const server = await start();
    server.store.goAway();
    expect(await ask(server, '/health')).toMatchObject({
      status: 200,
      json: { status: 'degraded', parts: { store: { status: 'down' } } },
    });
  });
});

describe('/ready', () => {
  test('is 503 without the store, and 200 with it', async () => {
    const server = await start();
    server.store.goAway();
    const refused = await ask(server, '/ready');
    expect(refused).toMatchObject({ status: 503, json: { code: 'store_unavailable' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    server.store.goAway(false);
    expect(await ask(server, '/ready')).toMatchObject({ status: 200, json: { status: 'ready' } });
  });

  test('is 503 on the way out', async () => {
    const server = await start({ isShuttingDown: () => true });
    expect(await ask(server, '/ready')).toMatchObject({ status: 503, json: { code: 'shutting_down' } });
  });
});

describe('a problem', () => {
  test.each(Object.keys(ERRORS))('%s is explained at its type', async (code) => {
    const server = await start();
    const { status, json } = await ask(server, `/problems/${code.replaceAll('_', '-')}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ code, type: `/problems/${code.replaceAll('_', '-')}` });
  });

  test('is explained to people, too', async () => {
    const server = await start();
    const response = await fetch(`${server.url}/problems/order-ended`, {
      headers: { Accept: 'text/html,*/*;q=0.5' },
    });
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toContain(ERRORS.order_ended.advice);
  });
});

test('a defect is logged and answered with 500, without details', async () => {
  const server = await start({
    passCrashPoint: () => {
      throw new TypeError('secret of the house');
    },
  });
  const answer = await ask(server, '/api/orders/execute', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"sellToken":"WETH","buyToken":"USDC","sellAmount":"5"}',
  });
  expect(answer).toMatchObject({ status: 500, json: { code: 'internal_error' } });
  expect(JSON.stringify(answer.json)).not.toContain('secret');
  expect(server.logged).toMatchObject([
    { level: 'error', fields: { err: { message: 'secret of the house' } } },
  ]);
});

test('what is logged of a request about one order names the order, for the limit of lines', async () => {
  const server = await start();
  const orderId = await submitted(server);
  server.store.goAway();
  for (const path of [`/api/orders/${orderId}`, `/api/orders/${orderId}/transitions`, '/api/orders']) {
    expect(await ask(server, path)).toMatchObject({ status: 503 });
  }
  expect(server.logged.map(({ fields }) => fields)).toMatchObject([
    { orderId },
    { orderId },
    { orderId: undefined },
  ]);
});
