/**
 * Drawn inputs at every door: REST, WebSocket and Socket.IO, with and without credentials. Nothing is answered with 5xx, nothing is
 * logged as a defect, nothing is left unhandled. `FUZZ=<runs>` sets how many REST requests are drawn, the other doors get a tenth of them;
 * `FUZZ_MINUTES` ends the drawing earlier, and says how far it came.
 */
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { addKey, identityOf } from '../identity/identities.ts';
import { ROUTES } from '../support/http/described-routes.ts';
import { submitted } from '../support/http/rest-client.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { startEdgeServer, type EdgeServer } from './edge-server.ts';

const RUNS = Number(process.env['FUZZ'] ?? 1_500);
const MINUTES = Number(process.env['FUZZ_MINUTES'] ?? 0);
const LIMIT_MS = Math.max(60_000, RUNS * 20);
/** REST has most of the doors. */
const SHARE = { rest: 0.8, webSocket: 0.1, socketIo: 0.1 } as const;
const seed = Math.floor(seededRandom('fuzz')() * 2 ** 31);

const redis = new RedisServer();
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const faults: string[] = [];
const note = (thrown: unknown): void => void faults.push(String(thrown));
let server: EdgeServer;
let key: string;
let orderId: string;
beforeAll(async () => {
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  await redis.start();
  server = await startEdgeServer(redis, { identity: identityOf(), limit: 10_000_000 });
  key = (await addKey(server.store.identity, 'local', 'operate')).key;
  orderId = 'a'.repeat(32);
});
afterAll(async () => {
  agent.destroy();
  await server.stop();
  await redis.remove();
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
});

const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 30 }));
const field = fc.oneof(
  fc.constantFrom(
    'WETH',
    'USDC',
    '0',
    '1',
    '-1',
    '1e9',
    '0x',
    `0x${'f'.repeat(40)}`,
    '9'.repeat(90),
    'latest',
    null,
    true,
  ),
  fc.integer(),
  fc.double(),
  text,
);
const submission = fc.dictionary(
  fc.constantFrom(
    'sellToken',
    'buyToken',
    'sellAmount',
    'minBuyAmount',
    'slippageBps',
    'validTo',
    'recipient',
    'clientOrderId',
    '__proto__',
  ),
  field,
);
const path = fc.oneof(
  fc
    .constantFrom(...ROUTES.map((route) => route.path))
    .chain((pattern) =>
      fc
        .oneof(fc.constant('a'.repeat(32)), fc.constant('1'), text)
        .map((value) => pattern.replace(/:[A-Za-z]+/g, () => encodeURIComponent(value).slice(0, 100))),
    ),
  fc.webPath(),
  fc.constantFrom(
    '/',
    '/assets/x',
    '/orders/%',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/socket.io/',
    '/socket.io/?EIO=4&transport=polling&sid=x',
  ),
);
const query = fc.oneof(
  fc.constant(''),
  fc
    .dictionary(
      fc.constantFrom(
        'after',
        'limit',
        'cursor',
        'status',
        'ticket',
        'token',
        'sellToken',
        'format',
        'before',
      ),
      fc.oneof(text, fc.nat().map(String)),
    )
    .map((parts) => new URLSearchParams(parts).toString()),
  fc.webQueryParameters(),
);
const header = text.map((value) => value.replace(/[^\x20-\x7e]/g, ''));
const credentials = fc.oneof(
  { weight: 4, arbitrary: fc.constant('key') },
  { weight: 1, arbitrary: fc.constant('none') },
  { weight: 1, arbitrary: header.map((value) => `Bearer ${value}`) },
  { weight: 1, arbitrary: fc.tuple(header, header, header).map((parts) => `Bearer ${parts.join('.')}`) },
);
const asked = fc.record({
  method: fc.constantFrom('GET', 'POST', 'POST', 'HEAD', 'OPTIONS', 'PUT'),
  path,
  query,
  credentials,
  cookie: fc.option(header, { nil: undefined }),
  idempotencyKey: fc.option(header, { nil: undefined }),
  contentType: fc.constantFrom(
    'application/json',
    'application/json',
    'text/plain',
    'application/json; charset=utf-16',
  ),
  body: fc.oneof(
    submission.map((value) => JSON.stringify(value)),
    fc.json(),
    text,
  ),
});

/** @returns the status; 0: the server closed the connection */
function send(drawn: typeof asked extends fc.Arbitrary<infer Drawn> ? Drawn : never): Promise<number> {
  const {
    method,
    path: where,
    query: rest,
    credentials: who,
    cookie,
    idempotencyKey,
    contentType,
    body,
  } = drawn;
  return new Promise((resolve) => {
    const authorization = who === 'key' ? `Bearer ${key}` : who;
    const sent = request(
      {
        port: server.port,
        host: '127.0.0.1',
        agent,
        method,
        path: `${where.replace(/[^\x21-\x7e]/g, '')}${rest === '' ? '' : `?${rest.replace(/[^\x21-\x7e]/g, '')}`}`,
        headers: {
          ...(who === 'none' ? {} : { authorization }),
          ...(cookie === undefined ? {} : { cookie }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
          ...(method === 'POST' || method === 'PUT'
            ? { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }
            : {}),
        },
      },
      (response) => {
        const { statusCode = 0 } = response;
        if (response.headers['content-type'] === 'text/event-stream') response.destroy();
        else response.resume();
        response.once('close', () => resolve(statusCode));
      },
    );
    sent.on('error', () => resolve(0));
    sent.end(method === 'POST' || method === 'PUT' ? body : undefined);
  });
}

const bounds = (door: keyof typeof SHARE, numRuns: number) => ({
  seed,
  numRuns,
  ...(MINUTES === 0 ? {} : { interruptAfterTimeLimit: MINUTES * 60_000 * SHARE[door] }),
});

const defects = () => [
  ...faults,
  ...server.logged
    .filter(({ level }) => level === 'error')
    .map(({ text: said, fields }) => `${said} ${JSON.stringify(fields, Object.getOwnPropertyNames(fields))}`),
];

test(
  `${RUNS} drawn requests are answered without 5xx and without a defect, and memory stays flat`,
  async () => {
    await submitted(server).catch(() => undefined);
    const rss: number[] = [];
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(asked, async (drawn) => {
        if (runs % Math.ceil(RUNS / 100) === 0) rss.push(process.memoryUsage().rss);
        runs += 1;
        const status = await send(drawn);
        expect(status).toBeLessThan(500);
        expect(defects()).toEqual([]);
      }),
      bounds('rest', RUNS),
    );
    const at = (share: number): number => rss[Math.floor((rss.length - 1) * share)] ?? 0;
    const megabytes = [0, 0.25, 1].map((share) => Math.round(at(share) / 2 ** 20)).join(', ');
    process.stderr.write(`${runs} requests; RSS at the beginning, quarter and end, MB: ${megabytes}\n`);
    if (runs >= 100_000) expect(at(1) / at(0.25)).toBeLessThan(1.5);
  },
  LIMIT_MS,
);

test(
  'drawn addresses and frames of WebSockets end with a close code, and without a defect',
  async () => {
    let runs = 0;
    const drawn = fc.record({
      id: fc.oneof(
        fc.constant(orderId),
        fc.constant('b'.repeat(32)),
        text.map((value) => encodeURIComponent(value)),
      ),
      query,
      withKey: fc.boolean(),
      frames: fc.array(fc.oneof(text, fc.uint8Array({ maxLength: 2_000 })), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ id, query: rest, withKey, frames }) => {
        const where = `ws://127.0.0.1:${server.port}/api/orders/status/${id}?${rest.replace(/[^\x21-\x7e]|#/g, '')}`;
        const ws = new WebSocket(where, withKey ? { headers: { authorization: `Bearer ${key}` } } : {});
        const closed = new Promise<void>((resolve) => {
          ws.once('close', () => resolve());
          ws.once('error', () => resolve());
        });
        ws.once('open', () => {
          for (const frame of frames) ws.send(frame);
          ws.close();
        });
        await closed;
        runs += 1;
        expect(defects()).toEqual([]);
      }),
      bounds('webSocket', Math.ceil(RUNS / 10)),
    );
    process.stderr.write(`${runs} WebSockets\n`);
  },
  LIMIT_MS,
);

test(
  'drawn events of Socket.IO are answered, and without a defect',
  async () => {
    let runs = 0;
    let socket: Socket | null = null;
    const connected = async (): Promise<Socket> => {
      if (socket?.connected === true) return socket;
      socket?.disconnect();
      const opened = io(server.url, {
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
        auth: { token: key },
      });
      await new Promise<void>((resolve) => opened.once('connect', () => resolve()));
      socket = opened;
      return opened;
    };
    const payload = fc.oneof(
      fc.record({ orderId: fc.oneof(fc.constant(orderId), text), after: field }, { requiredKeys: [] }),
      fc.record(
        { scope: fc.oneof(fc.constant('orders'), field), filter: fc.jsonValue(), token: field },
        { requiredKeys: [] },
      ),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const event = fc.oneof(
      fc.constantFrom('subscribe', 'unsubscribe'),
      text.filter(
        (name) =>
          ![
            'connect',
            'connect_error',
            'disconnect',
            'disconnecting',
            'newListener',
            'removeListener',
          ].includes(name),
      ),
    );
    await fc.assert(
      fc.asyncProperty(event, fc.array(payload, { maxLength: 2 }), async (name, payloads) => {
        const open = await connected();
        await open
          .timeout(5_000)
          .emitWithAck(name, ...payloads)
          .catch(() => undefined);
        runs += 1;
        expect(defects()).toEqual([]);
      }),
      bounds('socketIo', Math.ceil(RUNS / 10)),
    );
    process.stderr.write(`${runs} events of Socket.IO\n`);
    (await connected()).disconnect();
  },
  LIMIT_MS,
);
