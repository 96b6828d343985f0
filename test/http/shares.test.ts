/** Share links over REST and the streams, and what they hide. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { openPage } from '../../src/http/page/open-page.ts';
import { startEdgeServer, type EdgeServer } from '../edge/edge-server.ts';
import { addKey, identityOf } from '../identity/identities.ts';
import { ask, post, WETH_TO_USDC } from '../support/http/rest-client.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.ts';

const HALTED = `0x${'1'.repeat(40)}`;
const FUNDS = { ether: '5000', tokens: [{ token: `0x${'2'.repeat(40)}`, amount: '7' }] };

const redis = new RedisServer();
let server: EdgeServer;
let keyId: string;
let alice: Record<string, string>;
let orderId: string;
beforeAll(() => redis.start());
afterAll(() => redis.remove());
beforeEach(async () => {
  server = await startEdgeServer(redis, {
    identity: identityOf(),
    shareHides: ['amounts', 'addresses'],
    frameAncestors: ['https://blog.example'],
    page: openPage(),
    accounts: [
      {
        accountId: `1:${HALTED}`,
        genesis: '0x',
        base: 7,
        open: [],
        halted: { code: 'x', message: 'why' },
      },
      { accountId: '1:chain', genesis: '0x', base: 0, open: [], halted: null },
    ],
    funds: new Map([[HALTED, FUNDS]]),
  });
  const made = await addKey(server.store.identity, 'alice', 'submit');
  keyId = made.id;
  alice = { authorization: `Bearer ${made.key}` };
  const recipient = `0x${'ab'.repeat(20)}`;
  const order = { ...WETH_TO_USDC, minBuyAmount: '777777', clientOrderId: 'payroll', recipient };
  const { json } = await post(server, '/api/orders/execute', order, alice);
  orderId = z.object({ orderId: z.string() }).parse(json).orderId;
});
afterEach(() => server.stop());

const shareSchema = z.object({
  shareId: z.string(),
  ticket: z.string(),
  expiresAt: z.string(),
  links: z.object({ order: z.string(), events: z.string(), embed: z.string() }),
});

async function share(body: object = {}): Promise<z.infer<typeof shareSchema>> {
  const { status, json } = await post(server, `/api/orders/${orderId}/shares`, body, alice);
  expect(status).toBe(201);
  return shareSchema.parse(json);
}

const HIDDEN = ['1000000000000000000', '777777', 'abababab', 'payroll'];

describe('a share link', () => {
  test('shows the order without amounts, addresses and the name that the client gave it', async () => {
    const { links } = await share();
    for (const path of [links.order, links.order.replace('?', '/transitions?')]) {
      const { status, json } = await ask(server, path);
      expect(status).toBe(200);
      const text = JSON.stringify(json);
      expect(HIDDEN.filter((hidden) => text.includes(hidden))).toEqual([]);
      expect(text).toContain('"status":"pending"');
    }
    expect((await ask(server, links.order)).json).toMatchObject({
      sellToken: 'WETH',
      sellAmount: null,
      quotes: [],
    });
  });

  test('streams the order without them, by WebSocket and by server-sent events', async () => {
    const { ticket, links } = await share();
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}/api/orders/status/${orderId}?ticket=${ticket}`);
    const received: string[] = [];
    ws.on('message', (data: Buffer) => void received.push(data.toString()));
    await eventually(
      () => received,
      ({ length }) => length >= 3,
    );
    ws.close();
    const stop = new AbortController();
    const response = await fetch(`${server.url}${links.events}`, { signal: stop.signal });
    const reader = response.body?.getReader();
    let text = '';
    while (reader !== undefined && !text.includes('"pending"}') && !text.includes('The order is pending"')) {
      const part = z.object({ value: z.instanceof(Uint8Array).optional() }).parse(await reader.read());
      text += new TextDecoder().decode(part.value);
    }
    stop.abort();
    for (const sent of [received.join(''), text]) {
      expect(HIDDEN.filter((hidden) => sent.includes(hidden))).toEqual([]);
      expect(sent).toContain('"seq":1');
    }
  });

  test('reads and does nothing else', async () => {
    const { ticket } = await share();
    const withTicket = (path: string) => `${path}?ticket=${ticket}`;
    expect((await ask(server, withTicket('/api/orders'))).status).toBe(403);
    expect((await post(server, withTicket(`/api/orders/${orderId}/cancel`))).status).toBe(403);
    expect((await post(server, withTicket(`/api/orders/${orderId}/shares`), {})).status).toBe(403);
    expect((await post(server, withTicket('/api/session'))).status).toBe(403);
  });

  test('that is revoked is refused, and ends the streams that it opened, within five seconds', async () => {
    const { shareId, ticket, links } = await share();
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}/api/orders/status/${orderId}?ticket=${ticket}`);
    const received: string[] = [];
    ws.on('message', (data: Buffer) => void received.push(data.toString()));
    const closed = new Promise<number>((resolve) => ws.once('close', resolve));
    await eventually(
      () => received,
      ({ length }) => length >= 3,
    );
    const revoked = await post(server, `/api/orders/${orderId}/shares/${shareId}/revoke`, undefined, alice);
    const at = performance.now();
    expect([revoked.status, typeof revoked.json['revokedAt']]).toEqual([200, 'string']);
    expect(await closed).toBe(4410);
    expect(performance.now() - at).toBeLessThan(5_000);
    expect(received.at(-1)).toContain('"code":"access_ended","lastSeq":1');
    expect((await ask(server, links.order)).status).toBe(401);
    const { json } = await ask(server, `/api/orders/${orderId}/shares`, { headers: alice });
    expect(json).toMatchObject({ shares: [{ shareId }] });
    expect(JSON.stringify(json)).not.toContain(ticket);
  });

  test('ends with the key that made it', async () => {
    const { links } = await share();
    await server.store.identity.keys.revoke(keyId, Date.now());
    await eventually(
      async () => (await ask(server, links.order)).status,
      (status) => status === 401,
    );
  });

  test('of an order of others is not made', async () => {
    const { key } = await addKey(server.store.identity, 'bob', 'submit');
    const bob = { authorization: `Bearer ${key}` };
    expect((await post(server, `/api/orders/${orderId}/shares`, {}, bob)).json).toMatchObject({
      code: 'order_not_found',
    });
  });

  test('leads to a page that the named sites may frame, and no other page may be framed', async () => {
    const { links } = await share();
    const embed = await fetch(`${server.url}${links.embed}`);
    expect(embed.headers.get('content-security-policy')).toContain('frame-ancestors https://blog.example');
    for (const path of ['/', `/orders/${orderId}`]) {
      const page = await fetch(`${server.url}${path}`);
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
  });
});

describe('a session of the page', () => {
  test('is a cookie that scripts cannot read and that holds no key', async () => {
    const signedIn = await post(server, '/api/session', undefined, alice);
    const cookie = signedIn.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(
      /^fillstream_session=[\w.-]+; Path=\/; Max-Age=43\d\d\d; HttpOnly; SameSite=Strict$/,
    );
    expect(cookie).not.toContain('fs_');
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect((await ask(server, '/api/session', { headers })).json).toMatchObject({
      owner: 'alice',
      role: 'submit',
    });
    expect((await ask(server, `/api/orders/${orderId}`, { headers })).status).toBe(200);
    const out = await post(server, '/api/session/end', undefined, headers);
    expect(out.headers.get('set-cookie')).toContain('fillstream_session=; Path=/; Max-Age=0');
  });

  test('ends with its key', async () => {
    const signedIn = await post(server, '/api/session', undefined, alice);
    const headers = { cookie: (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
    await server.store.identity.keys.revoke(keyId, Date.now());
    await eventually(
      async () => (await ask(server, '/api/session', { headers })).status,
      (status) => status === 401,
    );
  });

  test('is not made without credentials', async () => {
    const { status, headers } = await post(server, '/api/session');
    expect([status, headers.get('www-authenticate'), headers.get('set-cookie')]).toEqual([
      401,
      'Bearer',
      null,
    ]);
  });
});

describe('an operator', () => {
  test('acts on orders of every owner, and each action is in the audit log', async () => {
    const { id, key } = await addKey(server.store.identity, 'ops', 'operate');
    const ops = { authorization: `Bearer ${key}` };
    const base = `/api/operator/orders/${orderId}`;
    expect((await post(server, `${base}/cancel`, undefined, ops)).status).toBe(202);
    expect(server.store.commandsOf(orderId)).toEqual([{ type: 'CANCEL', commandId: 'cancel' }]);
    expect((await post(server, `${base}/lift-hold`, undefined, ops)).json).toEqual({
      orderId,
      wasHeld: false,
    });
    const address = HALTED;
    expect((await post(server, `/api/operator/signers/${address}/resume`, undefined, ops)).status).toBe(200);
    expect((await ask(server, '/api/operator/held', { headers: ops })).json).toEqual({
      total: 0,
      orders: [],
    });
    expect((await ask(server, '/api/operator/signers', { headers: ops })).json).toEqual({
      signers: [
        {
          chainId: 1,
          address,
          nextNonce: 7,
          openNonces: 0,
          halted: { code: 'x', message: 'why' },
          funds: FUNDS,
        },
      ],
    });
    const { json } = await ask(server, '/api/operator/audit', { headers: ops });
    const by = { owner: 'ops', role: 'operate', keyId: id };
    expect(json['records']).toHaveLength(3);
    expect(json['records']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...by, action: 'cancel', subject: orderId }),
        expect.objectContaining({ ...by, action: 'lift_hold', subject: orderId }),
        expect.objectContaining({ ...by, action: 'resume_signer', subject: address }),
      ]),
    );
  });

  test('opens an order of another owner, to read it alone, until its own key is revoked', async () => {
    const { id, key } = await addKey(server.store.identity, 'ops', 'operate');
    const ops = { authorization: `Bearer ${key}` };
    expect((await ask(server, `/api/orders/${orderId}`, { headers: ops })).status).toBe(404);
    const { json } = await post(server, `/api/operator/orders/${orderId}/open`, undefined, ops);
    const { links } = shareSchema
      .pick({})
      .extend({ links: z.record(z.string(), z.string()) })
      .parse(json);
    const order = links['order'] ?? '';
    // Not redacted, as it is for a share link.
    expect((await ask(server, order)).json).toMatchObject({ orderId, minBuyAmount: '777777' });
    expect((await post(server, order.replace('?', '/cancel?'))).json).toMatchObject({ code: 'forbidden' });
    expect(links['page']).toMatch(new RegExp(`^/orders/${orderId}\\?ticket=`));
    const audit = (await ask(server, '/api/operator/audit', { headers: ops })).json;
    expect(audit).toMatchObject({ records: [{ keyId: id, action: 'open_order', subject: orderId }] });
    await server.store.identity.keys.revoke(id, Date.now());
    await eventually(
      async () => (await ask(server, order)).status,
      (status) => status === 401,
    );
  });

  test('sees the workers, and opens no order that is not there', async () => {
    const { key } = await addKey(server.store.identity, 'ops', 'operate');
    const ops = { authorization: `Bearer ${key}` };
    const { json } = await ask(server, '/api/operator/workers', { headers: ops });
    expect(json).toEqual({ workers: [] });
    const { status } = await post(server, `/api/operator/orders/${'z'.repeat(32)}/open`, undefined, ops);
    expect(status).toBe(404);
  });

  test('needs the role', async () => {
    for (const path of [
      `/api/operator/orders/${orderId}/cancel`,
      `/api/operator/orders/${orderId}/lift-hold`,
    ]) {
      expect((await post(server, path, undefined, alice)).json).toMatchObject({ code: 'forbidden' });
    }
    expect(await server.store.identity.audit.list(10, null)).toEqual([]);
  });
});
