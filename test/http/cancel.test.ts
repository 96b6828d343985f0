import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fieldsOf, post, submitted } from '../support/http/rest-client.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

let server: RestServer;
beforeEach(async () => {
  server = await startRestServer();
});
afterEach(async () => {
  await server.stop();
});

describe('a cancellation', () => {
  test('is accepted with 202 and durable in the inbox; repeating it adds nothing', async () => {
    const orderId = await submitted(server);
    const first = await post(server, `/api/orders/${orderId}/cancel`);
    expect(first).toMatchObject({ status: 202, json: { orderId, status: 'pending' } });
    expect((await post(server, `/api/orders/${orderId}/cancel`, {})).status).toBe(202);
    expect(server.store.commandsOf(orderId)).toEqual([{ type: 'CANCEL', commandId: 'cancel' }]);
  });

  test('notifies the worker that runs the order, and wakes no other', async () => {
    const orderId = await submitted(server);
    server.store.tamper(orderId, { worker: 'w1', status: 'routing' });
    server.wakes.length = 0;
    expect(await post(server, `/api/orders/${orderId}/cancel`)).toMatchObject({
      status: 202,
      json: { status: 'routing' },
    });
    expect([server.notifiedCommands, server.wakes]).toEqual([[orderId], []]);
  });

  test('wakes a worker where the order has none', async () => {
    const orderId = await submitted(server);
    server.store.tamper(orderId, { version: 8 });
    server.wakes.length = 0;
    await post(server, `/api/orders/${orderId}/cancel`);
    expect(server.wakes).toEqual([{ orderId, version: 8 }]);
  });

  test.each(['confirmed', 'failed', 'cancelled'] as const)(
    'of an order that is %s is refused with 409',
    async (status) => {
      const orderId = await submitted(server);
      server.store.tamper(orderId, { status });
      const answer = await post(server, `/api/orders/${orderId}/cancel`);
      expect(answer).toMatchObject({ status: 409, json: { code: 'order_ended' } });
      expect(answer.json['detail']).toContain(status);
      expect(server.notifiedCommands).toEqual([]);
    },
  );

  test('with a body other than an empty object is refused', async () => {
    const orderId = await submitted(server);
    const answer = await post(server, `/api/orders/${orderId}/cancel`, { reason: 'changed my mind' });
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual(['/reason']);
    expect((await post(server, `/api/orders/${orderId}/cancel`, [])).status).toBe(400);
    expect(server.store.commandsOf(orderId)).toEqual([]);
  });

  test('without the store is refused with 503', async () => {
    const orderId = await submitted(server);
    server.store.goAway();
    const answer = await post(server, `/api/orders/${orderId}/cancel`);
    expect(answer).toMatchObject({ status: 503, json: { code: 'store_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
  });
});

describe('a retry', () => {
  test('ends a backoff, and of an order that does not wait is accepted without a command', async () => {
    const orderId = await submitted(server);
    const answer = await post(server, `/api/orders/${orderId}/retry`);
    expect(answer).toMatchObject({ status: 202, json: { orderId, status: 'pending', waited: false } });
    expect(server.store.commandsOf(orderId)).toEqual([]);
    const order = await server.store.orders.load(orderId);
    const context = { retryAt: 7_000 };
    server.store.tamper(orderId, {
      status: 'routing',
      state: { machineVersion: 1, status: 'active', ...order?.state, value: { routing: 'backoff' }, context },
    });
    expect(await post(server, `/api/orders/${orderId}/retry`, {})).toMatchObject({
      status: 202,
      json: { status: 'routing', waited: true, links: { retry: `/api/orders/${orderId}/retry` } },
    });
    expect(server.store.commandsOf(orderId)).toEqual([
      { type: 'RETRY_NOW', commandId: 'retry-7000', retryAt: 7_000 },
    ]);
  });
});
