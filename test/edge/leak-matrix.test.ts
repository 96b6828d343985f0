/**
 * Every route of the table and every stream, against every identity that must not see an order: none, foreign, forged, expired and
 * revoked ones. Generated from the route table: a route that this test cannot fill in fails.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { SignJWT } from 'jose';
import { z } from 'zod';
import type { Identity } from '../../src/identity/identity.ts';
import type { Route } from '../../src/http/route.ts';
import { watchByWebSocket } from '../feed/clients.ts';
import { addKey, identityOf, principalFor, tokenFor, unsignedToken } from '../identity/identities.ts';
import { ROUTES } from '../support/http/described-routes.ts';
import { post, WETH_TO_USDC } from '../support/http/rest-client.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { soon } from '../support/soon.ts';
import { startEdgeServer, type EdgeServer } from './edge-server.ts';

/** What alice's order has and nobody else may see. */
const CANARY = 'canary-of-alice';
const UNKNOWN = 'a'.repeat(32);

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** What a Socket.IO client sends. */
  readonly auth?: Readonly<Record<string, string>>;
}

const redis = new RedisServer();
let server: EdgeServer;
let identity: Identity;
let order: string;
let ticketOfAlice: string;
const INVALID: Record<string, Sent> = {};
const FOREIGN: Record<string, Sent> = {};

const bearer = (text: string): Sent => ({
  headers: { authorization: `Bearer ${text}` },
  auth: { token: text },
});
const ticket = (text: string): Sent => ({ query: `ticket=${text}`, auth: { ticket: text } });

async function submitAs(key: string, clientOrderId: string): Promise<string> {
  const headers = { authorization: `Bearer ${key}` };
  const { json } = await post(server, '/api/orders/execute', { ...WETH_TO_USDC, clientOrderId }, headers);
  return z.object({ orderId: z.string() }).parse(json).orderId;
}

beforeAll(async () => {
  await redis.start();
  server = await startEdgeServer(redis, {
    identity: (store, clock) => (identity = identityOf()(store, clock)),
  });
  const store = server.store.identity;
  const now = Date.now();
  const alice = await addKey(store, 'alice', 'submit');
  const revokedAlice = await addKey(store, 'alice', 'operate');
  const bob = await addKey(store, 'bob', 'submit');
  order = await submitAs(alice.key, CANARY);
  const orderOfBob = await submitAs(bob.key, 'bobs');
  const share = {
    id: 'bobs-share',
    orderId: orderOfBob,
    owner: 'bob',
    keyId: bob.id,
    createdAt: now,
    expiresAt: now + 600_000,
    revokedAt: null,
  };
  const revokedShare = { ...share, id: 'revoked', orderId: order, owner: 'alice', keyId: alice.id };
  await store.shares.add(share);
  await store.shares.add(revokedShare);
  await store.shares.revoke(order, revokedShare.id, now);
  ticketOfAlice = (await identity.ticketFor(principalFor('alice'), order)) ?? '';
  const ticketOfRevoked = await identity.ticketFor(principalFor('alice', { keyId: revokedAlice.id }), order);
  await store.keys.revoke(revokedAlice.id, now);
  const expiredTicket = await identity.ticketFor(principalFor('alice', { expiresAt: now - 5_000 }), order);
  const forgedTicket = await new SignJWT({ sub: 'alice', ord: order })
    .setProtectedHeader({ alg: 'HS256', typ: 'fillstream-ticket+jwt' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode('x'.repeat(32)));
  const { session } = await identity.sessionFor(principalFor('alice', { keyId: revokedAlice.id }));
  const { session: sessionOfBob } = await identity.sessionFor(principalFor('bob', { keyId: bob.id }));

  Object.assign(INVALID, {
    'no credentials': {},
    'an empty Authorization header': { headers: { authorization: '' } },
    'another scheme': { headers: { authorization: `Basic ${alice.key}` } },
    'a word': bearer('alice'),
    'an unknown key': bearer(`fs_${'0'.repeat(13)}_${'0'.repeat(43)}`),
    'a key with a wrong secret': bearer(`fs_${alice.id}_${'0'.repeat(43)}`),
    'an expired key': bearer((await addKey(store, 'alice', 'operate', { expiresAt: now - 1 })).key),
    'a revoked key': bearer(revokedAlice.key),
    'a key of an unknown role': bearer((await addKey(store, 'alice', 'watch', { role: 'king' })).key),
    'a forged token': bearer(await tokenFor('alice', { secret: 'y'.repeat(40) })),
    'an unsigned token': bearer(unsignedToken('alice')),
    'an expired token': bearer(await tokenFor('alice', { expiresIn: -60 })),
    'a token for others': bearer(await tokenFor('alice', { audience: 'another' })),
    'a token without a role': bearer(await tokenFor('alice', { role: null })),
    'a ticket as a bearer': bearer(ticketOfAlice),
    'a session as a bearer': bearer(session),
    'a forged ticket': ticket(forgedTicket),
    'an expired ticket': ticket(expiredTicket ?? ''),
    'a ticket of a revoked key': ticket(ticketOfRevoked ?? ''),
    'a revoked share link': ticket(await identity.shareTicket(revokedShare)),
    'a key as a ticket': ticket(alice.key),
    'a session of a revoked key': { headers: { cookie: `fillstream_session=${session}` } },
    'a ticket as a session': { headers: { cookie: `fillstream_session=${ticketOfAlice}` } },
    'a good ticket with a bad header': { ...ticket(ticketOfAlice), ...bearer('alice') },
  } satisfies Record<string, Sent>);
  Object.assign(FOREIGN, {
    'a key that watches': bearer((await addKey(store, 'bob', 'watch')).key),
    'a key that submits': bearer(bob.key),
    'a key that operates': bearer((await addKey(store, 'bob', 'operate')).key),
    'a token that operates': bearer(await tokenFor('bob', { role: 'operate' })),
    'a ticket of another order': ticket((await identity.ticketFor(principalFor('bob'), orderOfBob)) ?? ''),
    "a ticket of alice's order for bob": ticket((await identity.ticketFor(principalFor('bob'), order)) ?? ''),
    'a share link of another order': ticket(await identity.shareTicket(share)),
    'a session': { headers: { cookie: `fillstream_session=${sessionOfBob}` } },
    'a good header and a good ticket of alice': { ...ticket(ticketOfAlice), ...bearer(bob.key) },
  } satisfies Record<string, Sent>);
});
afterAll(async () => {
  await server.stop();
  await redis.remove();
});

/** Bodies of the routes that need one. */
const BODIES: Readonly<Record<string, object>> = { '/api/orders/execute': WETH_TO_USDC };
const SAMPLES: Readonly<Record<string, string>> = {
  shareId: 'bobs-share',
  address: `0x${'1'.repeat(40)}`,
  version: '1',
};

function filled(path: string, orderId: string): string {
  return path.replace(/:([A-Za-z]+)/g, (_whole, name: string) => {
    const value = name === 'orderId' ? orderId : SAMPLES[name];
    if (value === undefined) throw new Error(`${path}: this test has no sample for :${name}`);
    return value;
  });
}

interface Outcome {
  readonly status: number;
  readonly code: string | null;
  readonly text: string;
}

async function call(
  { method, path }: Route,
  orderId: string,
  sent: Sent,
  verb: string = method,
): Promise<Outcome> {
  const query = sent.query === undefined ? '' : `?${sent.query}`;
  const stop = new AbortController();
  const response = await fetch(`${server.url}${filled(path, orderId)}${query}`, {
    method: verb,
    signal: stop.signal,
    headers: { ...sent.headers, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) },
    ...(method === 'POST' ? { body: JSON.stringify(BODIES[path] ?? {}) } : {}),
  });
  const contentType = response.headers.get('content-type') ?? '';
  const isStream = contentType === 'text/event-stream';
  const text = isStream ? await firstPart(response) : await response.text();
  stop.abort();
  const parsed = z
    .object({ code: z.string() })
    .safeParse(text !== '' && contentType.includes('json') ? JSON.parse(text) : null);
  const code = parsed.success ? parsed.data.code : null;
  return { status: response.status, code, text: text.replaceAll(orderId, 'ID') };
}

/** Of a stream: what comes at once. */
async function firstPart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  let text = '';
  while (reader !== undefined && !text.includes('"subscribed"')) {
    const part = z
      .object({ done: z.boolean(), value: z.instanceof(Uint8Array).optional() })
      .parse(await reader.read());
    if (part.done) break;
    text += new TextDecoder().decode(part.value);
  }
  return text;
}

const GUARDED = ROUTES.filter(({ access }) => access !== 'public');
const named = (routes: readonly Route[]) =>
  routes.map((route) => [`${route.method} ${route.path}`, route] as const);

describe.each(named(GUARDED))('%s', (_name, route) => {
  const verbs = route.method === 'GET' ? ['GET', 'HEAD'] : ['POST'];

  test.each(verbs)('%s answers 401 to every invalid identity, whatever order it names', async (verb) => {
    expect(Object.keys(INVALID).length).toBeGreaterThan(20);
    for (const [who, sent] of Object.entries(INVALID)) {
      const [mine, unknown] = [await call(route, order, sent, verb), await call(route, UNKNOWN, sent, verb)];
      expect([who, mine.status, mine.text]).toEqual([who, 401, unknown.text]);
      expect([who, mine.code]).toEqual([who, verb === 'HEAD' ? null : 'unauthorized']);
    }
  });

  test('shows nothing of an order to a foreign identity, and answers as for an unknown one', async () => {
    expect(Object.keys(FOREIGN).length).toBeGreaterThan(8);
    for (const [who, sent] of Object.entries(FOREIGN)) {
      // Operators act on orders of every owner, by routes of their own.
      if (route.access === 'operate' && who.endsWith('operates')) continue;
      const mine = await call(route, order, sent);
      expect([who, mine.text.includes(CANARY), mine.text.includes(order)]).toEqual([who, false, false]);
      if (!route.path.includes(':orderId')) continue;
      expect([who, mine]).toEqual([who, await call(route, UNKNOWN, sent)]);
      expect(['order_not_found', 'forbidden']).toContain(mine.code);
    }
  });
});

test('public routes ask for nothing, and know no order', () => {
  expect(ROUTES.filter(({ access, path }) => access === 'public' && path.includes('order'))).toEqual([]);
});

describe('a WebSocket', () => {
  async function outcomeOf(orderId: string, { query = '', headers = {} }: Sent): Promise<object> {
    const client = watchByWebSocket(server.port, `${orderId}${query === '' ? '' : `?${query}`}`, { headers });
    const closed = await client.closed;
    const messages = client.messages.map((message) => ({ ...message, timestamp: '' }));
    return { closed, text: JSON.stringify(messages).replaceAll(orderId, 'ID') };
  }

  test('closes with 4401 on every invalid identity, whatever order it names', async () => {
    for (const [who, sent] of Object.entries(INVALID)) {
      const mine = await outcomeOf(order, sent);
      expect([who, mine]).toEqual([who, { closed: 4401, text: expect.stringContaining('unauthorized') }]);
      expect([who, await outcomeOf(UNKNOWN, sent)]).toEqual([who, mine]);
    }
  });

  test('closes with 4404 on a foreign identity, as for an unknown order', async () => {
    for (const [who, sent] of Object.entries(FOREIGN)) {
      const mine = await outcomeOf(order, sent);
      expect([who, mine]).toEqual([who, { closed: 4404, text: expect.stringContaining('order_not_found') }]);
      expect([who, await outcomeOf(UNKNOWN, sent)]).toEqual([who, mine]);
    }
  });
});

describe.each(['websocket', 'polling'])('Socket.IO by %s', (transport) => {
  async function connected({ headers = {}, auth = {} }: Sent) {
    const socket = io(server.url, {
      transports: [transport],
      reconnection: false,
      forceNew: true,
      extraHeaders: headers,
      auth,
    });
    const outcome = new Promise<unknown>((resolve) => {
      socket.once('connect', () => resolve('connected'));
      socket.once('connect_error', (error: Error & { readonly data?: unknown }) => resolve(error.data));
    });
    return { socket, outcome: await soon('the handshake', outcome, 10_000) };
  }

  test('refuses every invalid identity with the typed error', async () => {
    for (const [who, sent] of Object.entries(INVALID)) {
      const { socket, outcome } = await connected(sent);
      expect([who, outcome]).toEqual([who, expect.objectContaining({ type: 'error', code: 'unauthorized' })]);
      socket.disconnect();
    }
  });

  test('answers a foreign identity as for an unknown order, and sends it no entry of another owner', async () => {
    for (const [who, sent] of Object.entries(FOREIGN)) {
      const { socket, outcome } = await connected(sent);
      if (who.startsWith('a share link')) {
        expect([who, outcome]).toEqual([who, expect.objectContaining({ code: 'forbidden' })]);
        continue;
      }
      expect([who, outcome]).toEqual([who, 'connected']);
      const received: string[] = [];
      socket.on('status', (message: unknown) => void received.push(JSON.stringify(message)));
      const answers: string[] = [];
      for (const orderId of [order, UNKNOWN]) {
        const answer: unknown = await socket.timeout(10_000).emitWithAck('subscribe', { orderId });
        answers.push(JSON.stringify(answer).replaceAll(orderId, 'ID'));
      }
      expect([who, answers[0]]).toEqual([who, answers[1]]);
      expect(answers[0]).toContain('order_not_found');
      await socket.timeout(10_000).emitWithAck('subscribe', { scope: 'orders' });
      await post(server, '/api/orders/execute', { ...WETH_TO_USDC, clientOrderId: CANARY }, INSIDER);
      await socket.timeout(10_000).emitWithAck('unsubscribe', { scope: 'orders' });
      expect([who, received.some((text) => text.includes(CANARY))]).toEqual([who, false]);
      socket.disconnect();
    }
  });
});

/** Filled in with a key of alice's. */
const INSIDER: Record<string, string> = {};
beforeAll(async () => {
  INSIDER['authorization'] = `Bearer ${(await addKey(server.store.identity, 'alice', 'submit')).key}`;
});

test('the owner sees all of it: by key on every route, and by a ticket on every route that reads the order', async () => {
  for (const route of GUARDED.filter(({ access, path }) => access === 'watch' && path.includes(':orderId'))) {
    for (const sent of [{ headers: INSIDER }, ticket(ticketOfAlice)]) {
      const { status, text } = await call(route, order, sent);
      expect([route.path, status, text.includes(CANARY) || text.includes('"subscribed"')]).toEqual([
        route.path,
        200,
        true,
      ]);
    }
  }
  const client = watchByWebSocket(server.port, `${order}?ticket=${ticketOfAlice}`);
  expect((await client.first(3)).slice(0, 3).map(({ type }) => type)).toEqual([
    'connection',
    'subscribed',
    'pending',
  ]);
  const { socket, outcome } = await (async () => {
    const opened = io(server.url, {
      transports: ['websocket'],
      forceNew: true,
      auth: { ticket: ticketOfAlice },
    });
    return {
      socket: opened,
      outcome: await soon(
        'the connection',
        new Promise((resolve) => opened.once('connect', () => resolve('connected'))),
        10_000,
      ),
    };
  })();
  expect(outcome).toBe('connected');
  expect(await socket.timeout(10_000).emitWithAck('subscribe', { orderId: order })).toMatchObject({
    ok: true,
  });
  expect(await socket.timeout(10_000).emitWithAck('subscribe', { scope: 'orders' })).toMatchObject({
    error: { code: 'forbidden' },
  });
  socket.disconnect();
});
