/** Endpoints that fail, limit, or answer what is no answer: real HTTP servers, one for each. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { RpcEndpoints, splitRpcUrls } from '../../src/rpc/endpoints.ts';
import { oneLine } from '../../src/rpc/one-line.ts';

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const BLOCK = { method: 'eth_blockNumber' };
const PAGE = `<!DOCTYPE html><html><head><title>502: Bad gateway</title></head><body>${'<p>gateway 10.0.3.17 origin error</p>'.repeat(5_600)}</body></html>`;

function result(value: string): Reply {
  return { body: JSON.stringify({ jsonrpc: '2.0', id: 1, result: value }) };
}

function error(code: number, message: string): Reply {
  return { body: JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message } }) };
}

class Provider {
  reply: Reply | 'hang' = result('0x1');
  requests = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((incoming, outgoing) => {
      incoming.resume().once('end', () => {
        this.requests += 1;
        if (this.reply === 'hang') return;
        outgoing.writeHead(this.reply.status ?? 200, this.reply.headers).end(this.reply.body);
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v2/key-that-is-secret`;
  }

  async stop(): Promise<void> {
    const stopped = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await stopped;
  }
}

let providers: Provider[];
let now: number;
let endpoints: RpcEndpoints;

beforeEach(async () => {
  providers = await Promise.all([1, 2, 3].map(() => new Provider().start()));
  now = 0;
  endpoints = of(3);
});
afterEach(() => Promise.all(providers.map((each) => each.stop())));

function of(count: number): RpcEndpoints {
  const urls = providers.slice(0, count).map(({ url }) => url);
  return new RpcEndpoints(urls, { timeoutMs: 300, now: () => now });
}

function at(index: number): Provider {
  const provider = providers[index];
  if (provider === undefined) throw new Error(`there is no provider ${index}`);
  return provider;
}

function counts(): readonly number[] {
  return providers.map(({ requests }) => requests);
}

test('requests go to the first endpoint for as long as it answers', async () => {
  for (let asked = 0; asked < 5; asked += 1) expect(await endpoints.request(BLOCK)).toBe('0x1');
  expect(counts()).toEqual([5, 0, 0]);
});

describe.each<[string, Reply | 'hang' | 'stopped']>([
  ['refuses connections', 'stopped'],
  ['gives no answer in time', 'hang'],
  ["answers with a gateway's page", { status: 502, headers: { 'Content-Type': 'text/html' }, body: PAGE }],
  ['answers with a page and status 200', { body: PAGE }],
  ['asks for fewer requests', { status: 429, headers: { 'Retry-After': '7' }, body: '{}' }],
  ['asks for fewer requests with status 200', error(-32005, 'daily request count exceeded')],
  ['has pruned what it is asked for, by its code', error(4444, 'history unavailable')],
  [
    'has pruned what is asked for',
    error(-32000, 'missing trie node 5f1c (path ) state 0x5f1c is not available'),
  ],
])('an endpoint that %s', (_, reply) => {
  test('is passed over: the next one answers', async () => {
    if (reply === 'stopped') await at(0).stop();
    else at(0).reply = reply;
    at(1).reply = result('0x2');
    expect(await endpoints.request(BLOCK)).toBe('0x2');
    expect(await endpoints.request(BLOCK)).toBe('0x2');
    if (reply === 'stopped') await at(0).start();
  });
});

test('one that failed is asked again after its rest, which doubles up to thirty seconds', async () => {
  at(0).reply = { status: 500, body: 'down' };
  const asked: number[] = [];
  for (let second = 0; second < 100; second += 1) {
    now = second * 1_000;
    const before = at(0).requests;
    await endpoints.request(BLOCK);
    if (at(0).requests > before) asked.push(second);
  }
  expect(asked).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
  at(0).reply = result('0x1');
  now = 200_000;
  await endpoints.request(BLOCK);
  const before = counts();
  await endpoints.request(BLOCK);
  expect(counts()).toEqual([(before[0] ?? 0) + 1, before[1], before[2]]);
});

test('Retry-After is obeyed, as seconds and as a date: the endpoint gets no request for that long', async () => {
  const alone = of(1);
  at(0).reply = { status: 429, headers: { 'Retry-After': '7' }, body: 'slow down' };
  const LIMITED = { name: 'HttpRequestError', status: 429 };
  await expect(alone.request(BLOCK)).rejects.toMatchObject({
    ...LIMITED,
    details: 'it asks for fewer requests, and gets none for 7 s',
  });
  now = 6_900;
  await expect(alone.request(BLOCK)).rejects.toMatchObject(LIMITED);
  expect(at(0).requests).toBe(1);
  now = 7_000;
  at(0).reply = {
    status: 429,
    headers: { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() },
    body: '',
  };
  await expect(alone.request(BLOCK)).rejects.toMatchObject(LIMITED);
  now += 50_000;
  await expect(alone.request(BLOCK)).rejects.toMatchObject(LIMITED);
  expect(at(0).requests).toBe(2);
  now += 11_000;
  at(0).reply = result('0x9');
  expect(await alone.request(BLOCK)).toBe('0x9');
});

test('an only endpoint that failed is asked at once again', async () => {
  const alone = of(1);
  at(0).reply = { status: 503, body: 'starting' };
  await expect(alone.request(BLOCK)).rejects.toMatchObject({
    status: 503,
    details: '503 Service Unavailable: starting',
  });
  at(0).reply = result('0x3');
  expect(await alone.request(BLOCK)).toBe('0x3');
});

test('what a node refuses is its answer: no other endpoint is asked, and it keeps code and data', async () => {
  at(0).reply = {
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      error: { code: 3, message: 'execution reverted', data: '0x08c379a0' },
    }),
  };
  await expect(endpoints.request(BLOCK)).rejects.toMatchObject({
    code: 3,
    details: 'execution reverted',
    data: '0x08c379a0',
  });
  expect(counts()).toEqual([1, 0, 0]);
});

test('errors are one line of at most 200 characters, and name no address and no key', async () => {
  const replies: readonly Reply[] = [
    { status: 502, body: PAGE },
    { status: 500, body: `upstream ${at(0).url} said: ${'x'.repeat(200_000)}` },
    error(-32000, `see https://dashboard.provider.example/v2/key-that-is-secret\n${'y'.repeat(5_000)}`),
    {
      status: 429,
      body: JSON.stringify({ error: { code: 429, message: `${at(0).url} ${'z'.repeat(5_000)}` } }),
    },
  ];
  for (const reply of replies) {
    const alone = of(1);
    at(0).reply = reply;
    const thrown: unknown = await alone.request(BLOCK).catch((error: unknown) => error);
    const { details, message } = thrown as { readonly details: string; readonly message: string };
    expect(details.length).toBeLessThanOrEqual(320);
    expect(message.length).toBeLessThan(1_000);
    for (const said of [details, message]) {
      expect(said).not.toMatch(/key-that-is-secret|127\.0\.0\.1|<html|10\.0\.3\.17/);
    }
    expect(details).not.toContain('\n');
  }
  const last = of(1);
  await at(0).stop();
  const away: unknown = await last.request(BLOCK).catch((error: unknown) => error);
  expect(away).toMatchObject({ details: 'ECONNREFUSED' });
  await at(0).start();
});

test('a provider that quotes the key of its address does not make the key known', async () => {
  const provider = at(0);
  const key = 'canary-0123456789abcdef';
  const address = provider.url
    .replace('//', '//canary-user:canary%2Dword@')
    .replace('key-that-is-secret', key);
  const asked = new RpcEndpoints([`${address}?token=canary-of-the-query`], { timeoutMs: 1_000 });
  const quoted = `the key ${key} of canary-user (canary-word, canary%2Dword, canary-of-the-query) is over its limit`;
  for (const reply of [
    error(-32000, quoted),
    error(-32005, quoted),
    { status: 401, body: quoted },
    { status: 429, headers: { 'Retry-After': '0' }, body: quoted },
  ]) {
    provider.reply = reply;
    const thrown: unknown = await asked.request(BLOCK).catch((reason: unknown) => reason);
    const said = inspect(thrown, { depth: 10 });
    expect(said).not.toMatch(/canary/);
  }
});

test('each endpoint is asked by itself, one that is away is left out, and no more are asked than are wanted', async () => {
  at(0).reply = { status: 500, body: 'down' };
  at(1).reply = result('0x2');
  at(2).reply = result('0x3');
  const ask = (request: (asked: typeof BLOCK) => Promise<unknown>) => request(BLOCK);
  expect(await endpoints.requestFromEach(ask, () => true)).toEqual(['0x2', '0x3']);
  at(0).reply = result('0x1');
  now = 60_000;
  expect(await endpoints.requestFromEach(ask, (answers) => answers.length < 2)).toEqual(['0x1', '0x2']);
});

test('a connection that the node closed while it was idle costs no request', async () => {
  const alone = of(1);
  await alone.request(BLOCK);
  const { url } = at(0);
  await at(0).stop();
  const again = createServer((incoming, outgoing) => {
    incoming.resume().once('end', () => outgoing.end(result('0x4').body));
  });
  await new Promise<void>((resolve) => again.listen(Number(new URL(url).port), '127.0.0.1', resolve));
  expect(await alone.request(BLOCK)).toBe('0x4');
  await new Promise((resolve) => {
    again.close(resolve);
    again.closeAllConnections();
  });
  await at(0).start();
});

test('RPC_URL lists addresses with commas or spaces', () => {
  expect(splitRpcUrls(' http://a/x, https://b/y  http://c,')).toEqual([
    'http://a/x',
    'https://b/y',
    'http://c',
  ]);
});

test.each([
  ['insufficient funds\n  for gas', 'insufficient funds for gas'],
  ['<html><body>503</body></html>', ''],
  ['failed at wss://node.example/key?x=1, again', 'failed at … again'],
  ['', ''],
])('"%s" is told as "%s"', (text, line) => {
  expect(oneLine(text)).toBe(line);
});
