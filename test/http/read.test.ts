import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import {
  orderCountsViewSchema,
  orderPageViewSchema,
  orderViewSchema,
  transitionsViewSchema,
} from '../../src/protocol/views.ts';
import { ask, submitted } from '../support/http/rest-client.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

let server: RestServer;
beforeEach(async () => {
  server = await startRestServer();
});
afterEach(async () => {
  await server.stop();
});

/** Gives an order this many more journal entries. */
async function grow(orderId: string, entries: number): Promise<void> {
  const [first] = await server.store.journal.read(orderId, 0, 1);
  for (let i = 0; i < entries; i++) {
    const order = await server.store.orders.load(orderId);
    if (order === null || first === undefined) throw new Error(`no order ${orderId}`);
    const seq = order.lastSeq + 1;
    await server.store.orders.commit({
      orderId,
      expectedVersion: order.version,
      commitId: String(seq),
      status: order.status,
      state: order.state,
      entries: [{ ...first, seq, message: { ...first.message, seq } }],
      inboxDone: 0,
    });
  }
}

describe('an order', () => {
  test('is read with its terms', async () => {
    const orderId = await submitted(server, { clientOrderId: 'mine', slippageBps: 7 });
    const { status, json } = await ask(server, `/api/orders/${orderId}`);
    expect(status).toBe(200);
    expect(orderViewSchema.strict().parse(json)).toMatchObject({
      orderId,
      status: 'pending',
      state: 'pending',
      progress: 0,
      clientOrderId: 'mine',
      slippageBps: 7,
      lastSeq: 1,
      held: null,
    });
  });

  test('is read when it is held, and says why', async () => {
    const orderId = await submitted(server);
    const held = { code: 'unreadable', message: 'No machine of version 0' };
    const state = { machineVersion: 0, value: 'asleep', context: { past: true }, status: 'active' } as const;
    server.store.tamper(orderId, { held, state });
    const { status, json } = await ask(server, `/api/orders/${orderId}`);
    expect([status, json['held'], json['status'], json['state']]).toEqual([200, held, 'pending', 'asleep']);
    expect((await ask(server, '/api/orders')).status).toBe(200);
  });

  test('of another owner does not exist', async () => {
    const orderId = await submitted(server);
    server.store.tamper(orderId, { owner: 'another' });
    expect((await ask(server, `/api/orders/${orderId}`)).status).toBe(404);
    expect((await ask(server, `/api/orders/${orderId}/transitions`)).status).toBe(404);
    expect((await ask(server, `/api/orders/${orderId}/cancel`, { method: 'POST' })).status).toBe(404);
    expect(server.store.commandsOf(orderId)).toEqual([]);
    expect((await ask(server, '/api/orders')).json).toMatchObject({ orders: [], nextCursor: null });
  });
});

describe('a list of orders', () => {
  const idsOf = (json: unknown) => orderPageViewSchema.parse(json).orders.map(({ orderId }) => orderId);

  test('is read page by page, newest first, each order once, while new ones come', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) {
      ids.unshift(await submitted(server));
      server.ahead += 1;
    }
    const seen: string[] = [];
    let next: string | null = '/api/orders?limit=3';
    let pages = 0;
    while (next !== null) {
      const { status, json } = await ask(server, next);
      expect(status).toBe(200);
      seen.push(...idsOf(json));
      next = orderPageViewSchema.parse(json).links.next;
      pages += 1;
      await submitted(server);
    }
    expect(seen).toEqual(ids);
    expect(pages).toBe(3);
  });

  test('is narrowed by status and by clientOrderId, on each of its pages', async () => {
    const a = await submitted(server, { clientOrderId: 'a' });
    const b = await submitted(server, { clientOrderId: 'b' });
    const b2 = await submitted(server, { clientOrderId: 'b' });
    server.store.tamper(a, { status: 'failed' });
    expect(idsOf((await ask(server, '/api/orders?status=failed')).json)).toEqual([a]);
    const first = orderPageViewSchema.parse((await ask(server, '/api/orders?clientOrderId=b&limit=1')).json);
    const second = await ask(server, first.links.next ?? '');
    expect([...idsOf(first), ...idsOf(second.json)].sort()).toEqual([b, b2].sort());
    expect(orderPageViewSchema.parse(second.json).nextCursor).toBeNull();
    expect(idsOf((await ask(server, '/api/orders?clientOrderId=c')).json)).toEqual([]);
  });

  test('is searched, bounded in time and sorted, on each of its pages', async () => {
    const made: string[] = [];
    for (const clientOrderId of ['a', 'b', 'c']) {
      made.push(await submitted(server, { clientOrderId, sellToken: 'DAI' }));
      server.ahead += 1_000;
    }
    const other = await submitted(server, { sellToken: 'WBTC' });
    const read = async (path: string): Promise<readonly string[]> => {
      const page = orderPageViewSchema.parse((await ask(server, path)).json);
      const { next } = page.links;
      return [...idsOf(page), ...(next === null ? [] : await read(next))];
    };
    const createdAt = async (orderId: string) => (await server.store.orders.load(orderId))?.createdAt ?? 0;
    const [a = '', b = '', c = ''] = made;
    const path = '/api/orders?limit=1';
    expect(await read(`${path}&q=dai`)).toEqual([c, b, a]);
    expect(await read(`${path}&q=dai&sort=oldest`)).toEqual([a, b, c]);
    expect(await read(`${path}&q=${b.slice(0, 6)}`)).toEqual([b]);
    expect(await read(`${path}&q=wbtc`)).toEqual([other]);
    expect(await read(`${path}&q=${encodeURIComponent('DAI/USDC')}&status=pending`)).toEqual([c, b, a]);
    expect(await read(`${path}&pair=dai/usdc`)).toEqual([c, b, a]);
    expect(await read(`${path}&pair=usdc/dai`)).toEqual([]);
    const since = new Date(await createdAt(b)).toISOString();
    expect(await read(`${path}&since=${since}&until=${await createdAt(other)}`)).toEqual([c, b]);
    expect(await read(`${path}&sort=oldest&since=${since}&q=dai`)).toEqual([b, c]);
  });

  test('has counts by status and by reason', async () => {
    await submitted(server);
    const orderId = await submitted(server);
    const order = await server.store.orders.load(orderId);
    const context = { reason: { code: 'expired', message: 'too late' } };
    const [entry] = await server.store.journal.read(orderId, 0, 1);
    if (order === null || entry === undefined) throw new Error(`no order ${orderId}`);
    await server.store.orders.commit({
      orderId,
      expectedVersion: order.version,
      commitId: 'end',
      status: 'failed',
      state: { ...order.state, context },
      entries: [{ ...entry, seq: 2 }],
      inboxDone: 0,
    });
    const { status, json } = await ask(server, '/api/orders/counts');
    expect(status).toBe(200);
    expect(orderCountsViewSchema.strict().parse(json)).toMatchObject({
      total: 2,
      byStatus: { pending: 1, failed: 1, confirmed: 0, routing: 0 },
      reasons: [{ status: 'failed', code: 'expired', orders: 1 }],
    });
  });
});

describe('the transitions of an order', () => {
  test('are its journal', async () => {
    const orderId = await submitted(server);
    const { json } = await ask(server, `/api/orders/${orderId}/transitions`);
    const view = transitionsViewSchema.strict().parse(json);
    expect(view).toMatchObject({
      orderId,
      status: 'pending',
      lastSeq: 1,
      nextAfter: 1,
      links: { next: null },
    });
    expect(view.transitions).toMatchObject([
      { seq: 1, state: 'pending', machineVersion: 1, event: { type: 'xstate.init', draw: 0 }, edges: [] },
    ]);
  });

  test('are read page by page from any seq, each once', async () => {
    const orderId = await submitted(server);
    await grow(orderId, 9);
    const seen: number[] = [];
    let next: string | null = `/api/orders/${orderId}/transitions?after=2&limit=3`;
    while (next !== null) {
      const view: z.infer<typeof transitionsViewSchema> = transitionsViewSchema.parse(
        (await ask(server, next)).json,
      );
      seen.push(...view.transitions.map(({ seq }) => seq));
      next = view.links.next;
    }
    expect(seen).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('after the last one there are none yet, and after=latest gives the number of the last one', async () => {
    const orderId = await submitted(server);
    await grow(orderId, 2);
    for (const after of ['3', 'latest']) {
      const { json } = await ask(server, `/api/orders/${orderId}/transitions?after=${after}`);
      expect(json).toMatchObject({ transitions: [], nextAfter: 3, lastSeq: 3 });
    }
  });

  test('cannot be read from beyond the journal: the error names its last entry', async () => {
    const orderId = await submitted(server);
    const answer = await ask(server, `/api/orders/${orderId}/transitions?after=2`);
    expect(answer).toMatchObject({ status: 409, json: { code: 'after_ahead', lastSeq: 1 } });
  });
});
