import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, ConnectionError } from '../../src/client/http.ts';
import { cancelOrder, getOrder, listOrders, listTransitions, submitOrder } from '../../src/client/orders.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '5' };
const UNKNOWN = 'a'.repeat(32);

let server: RestServer;
beforeEach(async () => {
  server = await startRestServer();
});
afterEach(() => server.stop());

describe('the client of the REST API', () => {
  test('submits an order once for each key, and a new one each time without a key', async () => {
    const first = await submitOrder(server.url, ORDER, { idempotencyKey: 'key' });
    const second = await submitOrder(server.url, ORDER, { idempotencyKey: 'key' });
    const other = await submitOrder(server.url, ORDER);
    expect(first).toMatchObject({ created: true, status: 'pending' });
    expect(second).toMatchObject({ created: false, orderId: first.orderId });
    expect(other.orderId).not.toBe(first.orderId);
  });

  test('reads an order, its journal, and pages of orders', async () => {
    const ids: string[] = [];
    for (const clientOrderId of ['a', 'b', 'c']) {
      ids.push((await submitOrder(server.url, { ...ORDER, clientOrderId })).orderId);
    }
    const [orderId = ''] = ids;
    expect(await getOrder(server.url, orderId)).toMatchObject({ orderId, sellAmount: '5', lastSeq: 1 });
    const { transitions } = await listTransitions(server.url, orderId, { after: 0, limit: 10 });
    expect(transitions.map(({ seq, state }) => [seq, state])).toEqual([[1, 'pending']]);

    const page = await listOrders(server.url, { status: 'pending', limit: 2 });
    const next = await listOrders(server.url, { limit: 2, cursor: page.nextCursor ?? '' });
    expect([...page.orders, ...next.orders].map((order) => order.orderId).sort()).toEqual([...ids].sort());
    expect(next.nextCursor).toBeNull();
    expect((await listOrders(server.url, { clientOrderId: 'b' })).orders).toHaveLength(1);
  });

  test('requests a cancellation', async () => {
    const { orderId } = await submitOrder(server.url, ORDER);
    expect(await cancelOrder(server.url, orderId)).toMatchObject({ orderId, status: 'pending' });
  });

  test.each([
    ['getOrder', (url: string) => getOrder(url, UNKNOWN), 404, 'order_not_found'],
    ['cancelOrder', (url: string) => cancelOrder(url, UNKNOWN), 404, 'order_not_found'],
    ['submitOrder', (url: string) => submitOrder(url, { ...ORDER, sellAmount: '0' }), 400, 'invalid_request'],
    ['listOrders', (url: string) => listOrders(url, { limit: 0 }), 400, 'invalid_request'],
  ])('%s throws an ApiError with status and code when it is refused', async (_, act, status, code) => {
    const refusal = act(server.url);
    await expect(refusal).rejects.toBeInstanceOf(ApiError);
    await expect(refusal).rejects.toMatchObject({ status, code });
  });

  test('throws at once for an invalid address', async () => {
    await expect(submitOrder('nowhere', ORDER)).rejects.toThrow('Invalid URL');
  });
});

describe('a submission to a server that fails', () => {
  let keys: (string | string[] | undefined)[];
  let http: Server;
  /** What happens to the requests, in order. `cut`: the connection is closed without an answer. */
  let failures: (number | 'cut')[];

  beforeEach(async () => {
    keys = [];
    failures = [];
    http = createServer((request, response) => {
      keys.push(request.headers['idempotency-key']);
      const failure = failures.shift() ?? 201;
      if (failure === 'cut') request.socket.destroy();
      else response.writeHead(failure).end(failure === 201 ? JSON.stringify(accepted) : 'no problem JSON');
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => {
      http.close(resolve);
      http.closeAllConnections();
    });
  });

  const links = { self: '/a', transitions: '/a/transitions', cancel: '/a/cancel' };
  const accepted = { orderId: UNKNOWN, status: 'pending', wsUrl: 'ws://x', links };
  const url = (): string => `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

  test('is repeated with the same key until it is accepted', async () => {
    failures.push('cut', 503, 429, 502);
    expect(await submitOrder(url(), ORDER)).toMatchObject({ orderId: UNKNOWN, created: true });
    expect(keys).toHaveLength(5);
    expect(new Set(keys).size).toBe(1);
  });

  test('throws a ConnectionError when there is no answer', async () => {
    failures.push('cut');
    await expect(getOrder(url(), UNKNOWN)).rejects.toBeInstanceOf(ConnectionError);
  });

  test('is not repeated when it is refused', async () => {
    failures.push(403);
    await expect(submitOrder(url(), ORDER)).rejects.toMatchObject({ status: 403, code: null });
    expect(keys).toHaveLength(1);
  });

  test('is given up after retryForMs, with the last failure', async () => {
    failures.push(503);
    await expect(submitOrder(url(), ORDER, { retryForMs: 0 })).rejects.toMatchObject({ status: 503 });
    expect(keys).toHaveLength(1);
  });
});
