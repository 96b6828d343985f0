/** The client's calls: against the real REST edge, and against servers that fail. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, ConnectionError, FillstreamClient, type OrderView } from '../../src/client/index.ts';
import { range } from '../feed/clients.ts';
import { Cable } from '../support/cable.ts';
import { eventually } from '../support/eventually.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '5' };
const UNKNOWN = 'a'.repeat(32);

describe('the client of the REST API', () => {
  let server: RestServer;
  let client: FillstreamClient;
  beforeEach(async () => {
    server = await startRestServer();
    client = new FillstreamClient({ url: server.url, retryForMs: 0 });
  });
  afterEach(() => server.stop());

  test('submits an order once for each key, and a new one each time without a key', async () => {
    const first = await client.submit(ORDER, { idempotencyKey: 'key' });
    const second = await client.submit(ORDER, { idempotencyKey: 'key' });
    const other = await client.submit(ORDER);
    expect(first).toMatchObject({ created: true, status: 'pending' });
    expect(second).toMatchObject({ created: false, orderId: first.orderId });
    expect(other.orderId).not.toBe(first.orderId);
  });

  test('reads an order, its journal, and pages of orders', async () => {
    const ids: string[] = [];
    for (const clientOrderId of ['a', 'b', 'c']) {
      ids.push((await client.submit({ ...ORDER, clientOrderId })).orderId);
    }
    const [orderId = ''] = ids;
    expect(await client.get(orderId)).toMatchObject({ orderId, sellAmount: '5', lastSeq: 1 });
    const { transitions } = await client.transitionsPage(orderId, { after: 0, limit: 10 });
    expect(transitions.map(({ seq, state }) => [seq, state])).toEqual([[1, 'pending']]);

    const page = await client.page({ status: 'pending', limit: 2 });
    const next = await client.page({ limit: 2, cursor: page.nextCursor ?? '' });
    expect([...page.orders, ...next.orders].map((order) => order.orderId).sort()).toEqual([...ids].sort());
    expect(next.nextCursor).toBeNull();
    expect((await client.page({ clientOrderId: 'b' })).orders).toHaveLength(1);
  });

  test('iterates over all orders and over the whole journal, page by page', async () => {
    const ids: string[] = [];
    for (const clientOrderId of ['a', 'b', 'c', 'd', 'e']) {
      ids.push((await client.submit({ ...ORDER, clientOrderId })).orderId);
    }
    const orders: OrderView[] = [];
    for await (const order of client.list({ limit: 2 })) orders.push(order);
    expect(orders.map(({ orderId }) => orderId).sort()).toEqual([...ids].sort());
    const seqs: number[] = [];
    for await (const { seq } of client.transitions(ids[0] ?? '')) seqs.push(seq);
    expect(seqs).toEqual([1]);
  });

  test('requests a cancellation', async () => {
    const { orderId } = await client.submit(ORDER);
    expect(await client.cancel(orderId)).toMatchObject({ orderId, status: 'pending' });
  });

  test.each([
    ['get', () => client.get(UNKNOWN), 404, 'order_not_found'],
    ['get with what is no id', () => client.get('../health'), 400, 'invalid_request'],
    ['cancel', () => client.cancel(UNKNOWN), 404, 'order_not_found'],
    ['submit', () => client.submit({ ...ORDER, sellAmount: '0' }), 400, 'invalid_request'],
    ['page', () => client.page({ limit: 0 }), 400, 'invalid_request'],
    ['transitions', () => client.transitions(UNKNOWN).next(), 404, 'order_not_found'],
  ])('%s throws an ApiError with status and code when it is refused', async (_, act, status, code) => {
    const refusal: Promise<unknown> = act();
    await expect(refusal).rejects.toBeInstanceOf(ApiError);
    await expect(refusal).rejects.toMatchObject({ status, code });
  });

  test('names the fields that are wrong', async () => {
    const refusal = client.submit({ ...ORDER, sellAmount: '1.5' });
    await expect(refusal).rejects.toMatchObject({ details: { errors: [{ field: '/sellAmount' }] } });
  });

  test('makes one order where the answers to its submission are lost', async () => {
    const cable = await Cable.to('127.0.0.1', server.port);
    const url = `http://127.0.0.1:${cable.port}`;
    const submitter = new FillstreamClient({ url: [url, server.url], retryForMs: 10_000 });
    cable.holdReplies();
    const submitted = submitter.submit(ORDER);
    // The order is stored; its answer is not delivered, and then the connection breaks.
    const [stored] = await eventually(
      async () => (await client.page()).orders,
      (orders) => orders.length > 0,
    );
    cable.cut();
    expect(await submitted).toMatchObject({ orderId: stored?.orderId, created: false });
    expect((await client.page()).orders).toHaveLength(1);
    await cable.close();
  });
});

test.each(['nowhere', 'ws://127.0.0.1:3000', []])('a client for the address %j is refused', (url) => {
  expect(() => new FillstreamClient({ url })).toThrow('url: expected');
});

describe('a call to a server that fails', () => {
  interface Failing {
    readonly http: Server;
    readonly url: string;
    readonly received: IncomingMessage[];
  }
  /** What happens to the requests, in order. `cut`: the connection is closed without an answer; `hold`: there is none. */
  type Failure = number | 'cut' | 'hold' | 'half' | { readonly retryAfter: string };
  const servers: Failing[] = [];

  const links = { self: '/a', transitions: '/a/transitions', cancel: '/a/cancel' };
  const accepted = JSON.stringify({ orderId: UNKNOWN, status: 'pending', wsUrl: 'ws://x', links });

  async function failing(...failures: readonly Failure[]): Promise<Failing> {
    const left = [...failures];
    const received: IncomingMessage[] = [];
    const http = createServer((request, response) => {
      received.push(request);
      answer(request, response, left.shift() ?? 201);
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const server = { http, received, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
    servers.push(server);
    return server;
  }

  function answer(request: IncomingMessage, response: ServerResponse, failure: Failure): void {
    if (failure === 'cut') request.socket.destroy();
    else if (failure === 'half') {
      response.writeHead(201, { 'content-length': accepted.length });
      response.write(accepted.slice(0, 20), () => request.socket.destroy());
    } else if (typeof failure === 'object') {
      response.writeHead(429, { 'retry-after': failure.retryAfter }).end();
    } else if (failure !== 'hold') {
      response.writeHead(failure).end(failure === 201 ? accepted : 'no problem JSON');
    }
  }

  const keysOf = ({ received }: Failing) => received.map(({ headers }) => headers['idempotency-key']);

  afterEach(async () => {
    for (const { http } of servers.splice(0)) {
      await new Promise((resolve) => {
        http.close(resolve);
        http.closeAllConnections();
      });
    }
  });

  test('is repeated with the same key until it is accepted', async () => {
    const server = await failing('cut', 503, 429, 502, 'half');
    expect(await new FillstreamClient({ url: server.url }).submit(ORDER)).toMatchObject({
      orderId: UNKNOWN,
      created: true,
    });
    expect(keysOf(server)).toHaveLength(6);
    expect(new Set(keysOf(server)).size).toBe(1);
  });

  test('goes to the next address where one fails, and stays there', async () => {
    const [first, second] = [await failing('cut'), await failing(503)];
    const client = new FillstreamClient({ url: [first.url, second.url] });
    for (const turn of range(1, 3)) await client.submit({ ...ORDER, clientOrderId: `n${turn}` });
    expect([keysOf(first).length, keysOf(second).length]).toEqual([4, 1]);
  });

  test('waits as long as Retry-After says, at the same address', async () => {
    const server = await failing({ retryAfter: '1' });
    const other = await failing();
    const startedAt = performance.now();
    await new FillstreamClient({ url: [server.url, other.url] }).submit(ORDER);
    expect(performance.now() - startedAt).toBeGreaterThan(950);
    expect([keysOf(server).length, keysOf(other).length]).toEqual([2, 0]);
  });

  test('is given up where Retry-After is later than it may take', async () => {
    const server = await failing({ retryAfter: '60' });
    const client = new FillstreamClient({ url: server.url, retryForMs: 5_000 });
    await expect(client.submit(ORDER)).rejects.toMatchObject({
      status: 429,
      details: { retryAfterMs: 60_000 },
    });
  });

  test('is repeated where the answer takes too long', async () => {
    const server = await failing('hold');
    await new FillstreamClient({ url: server.url, timeoutMs: 200 }).submit(ORDER);
    expect(keysOf(server)).toHaveLength(2);
  });

  test('throws a ConnectionError when there is no answer', async () => {
    const server = await failing('cut');
    const read = new FillstreamClient({ url: server.url, retryForMs: 0 }).get(UNKNOWN);
    await expect(read).rejects.toBeInstanceOf(ConnectionError);
    await expect(read).rejects.toThrow(/no answer from .*other side closed/);
  });

  test('is not repeated when it is refused', async () => {
    const server = await failing(403);
    const refusal = new FillstreamClient({ url: server.url }).submit(ORDER);
    await expect(refusal).rejects.toMatchObject({ status: 403, code: null });
    expect(server.received).toHaveLength(1);
  });

  test('is given up after retryForMs, with the last failure', async () => {
    const server = await failing(503);
    const refusal = new FillstreamClient({ url: server.url }).submit(ORDER, { retryForMs: 0 });
    await expect(refusal).rejects.toMatchObject({ status: 503 });
    expect(server.received).toHaveLength(1);
  });

  test('ends with the reason of its signal, while it waits for an answer and between repetitions', async () => {
    for (const failures of [['hold'], [{ retryAfter: '20' }]] as const) {
      const server = await failing(...failures);
      const abort = new AbortController();
      const call = new FillstreamClient({ url: server.url }).submit(ORDER, { signal: abort.signal });
      await eventually(
        () => server.received,
        (received) => received.length === 1,
      );
      abort.abort(new Error('enough'));
      await expect(call).rejects.toThrow('enough');
    }
  });

  test('asks for quotes and dry runs where the API has them', async () => {
    const server = await failing();
    const client = new FillstreamClient({ url: server.url });
    await client.quote(ORDER);
    await client.dryRun(ORDER, { idempotencyKey: 'key' });
    expect(server.received.map(({ url, headers }) => [url, headers['idempotency-key']])).toEqual([
      ['/api/quotes', undefined],
      ['/api/orders/execute?dryRun=true', 'key'],
    ]);
  });

  test('sends the key of the API', async () => {
    const server = await failing();
    await new FillstreamClient({ url: `${server.url}/`, apiKey: 'fs_abc' }).submit(ORDER);
    expect(server.received[0]?.headers.authorization).toBe('Bearer fs_abc');
    expect(server.received[0]?.url).toBe('/api/orders/execute');
  });
});
