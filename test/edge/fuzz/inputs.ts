/**
 * What is drawn for the doors of a server. Drawn values name orders and credentials by their kind, because ids and keys differ from
 * server to server: `ORDERS` and `CREDENTIALS` are replaced when an input is sent.
 */
import fc from 'fast-check';
import { ROUTES } from '../../support/http/described-routes.ts';

/** In an address, an event or a frame: an order of the key's owner, and one of another owner. */
export const ORDERS = ['OWN-ORDER', 'FOREIGN-ORDER'] as const;
export const CREDENTIALS = ['OPERATOR', 'WATCHER', 'TOKEN'] as const;

/** Other values are sent as the Authorization header; null: none is sent. */
type Credentials = string | null;

export interface RestInput {
  readonly door: 'REST';
  readonly method: string;
  /** With its query. */
  readonly address: string;
  readonly credentials: Credentials;
  readonly headers: Readonly<Record<string, string>>;
  /** For POST and PUT. */
  readonly body: string;
}

/** Bytes on a connection that need not be HTTP. */
export interface BytesInput {
  readonly door: 'bytes';
  readonly bytes: Uint8Array;
}

export interface WebSocketInput {
  readonly door: 'WebSocket';
  readonly address: string;
  readonly credentials: Credentials;
  readonly frames: readonly (string | Uint8Array)[];
}

/** An event of Socket.IO's client, on a connection that several of them share. */
export interface EventInput {
  readonly door: 'Socket.IO';
  readonly event: string;
  readonly payloads: readonly unknown[];
}

/** Frames of a connection of their own that need not be packets of Engine.IO or Socket.IO. */
export interface PacketsInput {
  readonly door: 'packets';
  readonly credentials: Credentials;
  readonly packets: readonly (string | Uint8Array)[];
}

/** A request of a long-polling session, which the others do not poll. */
export interface PollingInput {
  readonly door: 'polling';
  readonly method: string;
  /** Of the address, after the name of the session. */
  readonly query: string;
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

export type Input = RestInput | BytesInput | WebSocketInput | EventInput | PacketsInput | PollingInput;

const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 30 }));
const order = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ORDERS) },
  { weight: 1, arbitrary: fc.constantFrom('a'.repeat(32), '1', '') },
  { weight: 1, arbitrary: text },
);
const value = fc.oneof(
  fc.constantFrom(
    'WETH',
    'USDC',
    'orders',
    '0',
    '1',
    '-1',
    '1e9',
    '0x',
    `0x${'f'.repeat(40)}`,
    '9'.repeat(90),
  ),
  fc.constantFrom('latest', 'confirmed', 'WETH/USDC', '2026-01-31T12:00:00Z', null, true, ...ORDERS),
  fc.integer(),
  fc.double(),
  text,
);
/** Headers are bytes; a client can send neither control characters nor line breaks in them. */
const header = text.map((drawn) => drawn.replace(/[^\x20-\x7e\xa0-\xff]/g, ''));

const NAMES = [
  'after',
  'limit',
  'cursor',
  'status',
  'ticket',
  'token',
  'sellToken',
  'buyToken',
  'format',
  'before',
];
const MORE_NAMES = [
  'q',
  'pair',
  'since',
  'until',
  'sort',
  'orders',
  'dryRun',
  'clientOrderId',
  'EIO',
  'transport',
  'sid',
];
const query = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc
      .dictionary(fc.constantFrom(...NAMES, ...MORE_NAMES), value.map(String), { maxKeys: 4 })
      .map((parts) => new URLSearchParams(parts).toString()),
  },
  { weight: 1, arbitrary: fc.webQueryParameters() },
);

const PATTERNS = [...new Set(ROUTES.map((route) => route.path))];
const SOCKET_IO = '/socket.io/?EIO=4&transport=polling';
const path = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...PATTERNS), order)
      .map(([pattern, drawn]) => pattern.replace(/:[A-Za-z]+/g, () => encoded(drawn))),
  },
  { weight: 1, arbitrary: fc.webPath() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '/',
      '/assets/x',
      '/orders/%',
      '/%2e%2e/%2e%2e/etc/passwd',
      '//api/orders',
      '*',
      SOCKET_IO,
      `${SOCKET_IO}&sid=x`,
    ),
  },
);

const credentials: fc.Arbitrary<Credentials> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...CREDENTIALS) },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: header.map((drawn) => `Bearer ${drawn}`) },
  { weight: 1, arbitrary: fc.tuple(header, header, header).map((parts) => `Bearer ${parts.join('.')}`) },
);

const VALID = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000', slippageBps: 50 };
const FIELDS = [...Object.keys(VALID), 'minBuyAmount', 'validTo', 'recipient', 'clientOrderId', '__proto__'];
const changed = fc.dictionary(fc.constantFrom(...FIELDS, 'key', 'expiresAt', 'reason'), value, {
  maxKeys: 3,
});
const body = fc.oneof(
  changed.map((fields) => JSON.stringify({ ...VALID, ...fields })),
  changed.map((fields) => JSON.stringify(fields)),
  fc.json({ maxDepth: 4 }),
  text,
);

const JSON_TYPE = 'application/json';
const HEADERS = {
  'content-type': fc.constantFrom(JSON_TYPE, 'text/plain', `${JSON_TYPE}; charset=utf-16`, ''),
  'content-encoding': fc.constantFrom('gzip', 'br', 'identity'),
  'idempotency-key': header,
  'last-event-id': header,
  cookie: fc.oneof(
    header,
    header.map((drawn) => `fillstream_session=${drawn}`),
  ),
  origin: fc.oneof(fc.constantFrom('null', 'https://other.example'), header),
  host: header,
  accept: header,
  'x-forwarded-host': header,
};
/** At most two: one that is refused for a header goes no further. */
const headers = fc
  .array(fc.oneof(...Object.entries(HEADERS).map(([name, drawn]) => fc.tuple(fc.constant(name), drawn))), {
    maxLength: 2,
  })
  .map((drawn) => Object.fromEntries(drawn));

const rest: fc.Arbitrary<RestInput> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'),
    path,
    query,
    credentials,
    headers,
    body,
  })
  .map(({ path: where, query: drawn, ...others }) => ({
    door: 'REST',
    address: address(where, drawn),
    ...others,
  }));

/** Few of the others are accepted. */
const submission: fc.Arbitrary<RestInput> = fc
  .record({ credentials, fields: changed, query: fc.constantFrom('', '', 'dryRun=true') })
  .map(({ credentials: who, fields, query: drawn }) => ({
    door: 'REST',
    method: 'POST',
    address: address('/api/orders/execute', drawn),
    credentials: who,
    headers: {},
    body: JSON.stringify({ ...VALID, ...fields }),
  }));

const bytes: fc.Arbitrary<BytesInput> = fc
  .tuple(
    fc.constantFrom(
      '',
      'GET / HTTP/1.1\r\n',
      'POST /api/orders/execute HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ),
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      text.map((drawn) => Buffer.from(`${drawn}\r\n\r\n`)),
    ),
  )
  .map(([start, end]) => ({ door: 'bytes', bytes: Buffer.concat([Buffer.from(start), end]) }));

const frame = fc.oneof(text, fc.uint8Array({ maxLength: 2_000 }), fc.json({ maxDepth: 2 }));
const webSocket: fc.Arbitrary<WebSocketInput> = fc
  .record({
    path: fc.oneof(
      { weight: 8, arbitrary: order.map((drawn) => `/api/orders/status/${encoded(drawn)}`) },
      { weight: 1, arbitrary: fc.webPath() },
    ),
    query,
    credentials,
    frames: fc.array(frame, { maxLength: 3 }),
  })
  .map(({ path: where, query: drawn, ...others }) => ({
    door: 'WebSocket',
    address: address(where, drawn).replaceAll('#', ''),
    ...others,
  }));

/** Socket.IO's client keeps these names for itself. */
const RESERVED = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'];
const payload = fc.oneof(
  fc.record({ orderId: order, after: value }, { requiredKeys: [] }),
  fc.record(
    {
      scope: fc.oneof(fc.constant('orders'), value),
      filter: fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.dictionary(fc.constantFrom('status', 'sellToken', 'buyToken'), fc.oneof(value, fc.array(value))),
      ),
      token: value,
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);
const event: fc.Arbitrary<EventInput> = fc
  .record({
    event: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('subscribe', 'unsubscribe') },
      { weight: 1, arbitrary: text.filter((name) => !RESERVED.includes(name)) },
    ),
    payloads: fc.oneof(
      { weight: 4, arbitrary: fc.tuple(payload) },
      { weight: 1, arbitrary: fc.array(payload, { maxLength: 3 }) },
    ),
  })
  .map((drawn) => ({ door: 'Socket.IO', ...drawn }));

const packet = fc.oneof(
  fc.constantFrom(
    '40',
    '41',
    '2',
    '3',
    '1',
    '6',
    '42["subscribe",{"orderId":"OWN-ORDER"}]',
    '42["subscribe"]',
  ),
  fc
    .tuple(fc.constantFrom('40', '420', '42', '43', '451-', '452-', '46', '4'), fc.oneof(text, fc.json()))
    .map(([type, drawn]) => type + drawn),
  frame,
);
const packets: fc.Arbitrary<PacketsInput> = fc
  .record({ credentials, packets: fc.array(packet, { maxLength: 5 }) })
  .map((drawn) => ({ door: 'packets', ...drawn }));

const polling: fc.Arbitrary<PollingInput> = fc
  .record({
    // A GET waits for as long as there is nothing to send.
    method: fc.constantFrom('POST', 'POST', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE'),
    query: query.map((drawn) => drawn.replace(/[^\x21-\x7e]/g, '')),
    contentType: fc.constantFrom('text/plain;charset=UTF-8', 'application/octet-stream', ''),
    body: fc.oneof(
      packet,
      fc.array(text, { maxLength: 3 }).map((parts) => parts.join('\u001e')),
    ),
  })
  .map((drawn) => ({ door: 'polling', ...drawn }));

/** Of 100 inputs 80 go to REST, with its event streams, 10 to plain WebSockets, and 10 to Socket.IO. */
export const anyInput: fc.Arbitrary<Input> = fc.oneof(
  { weight: 74, arbitrary: rest },
  { weight: 4, arbitrary: submission },
  { weight: 2, arbitrary: bytes },
  { weight: 10, arbitrary: webSocket },
  { weight: 8, arbitrary: event },
  { weight: 1, arbitrary: packets },
  { weight: 1, arbitrary: polling },
);

/** A client cannot send other characters in an address. */
function address(where: string, drawn: string): string {
  const joined = drawn === '' ? where : `${where}${where.includes('?') ? '&' : '?'}${drawn}`;
  return joined.replace(/[^\x21-\x7e]/g, '');
}

/** As one part of a path; the names of orders stay as they are. */
function encoded(drawn: string): string {
  return ORDERS.some((each) => each === drawn) ? drawn : encodeURIComponent(drawn).slice(0, 100);
}
