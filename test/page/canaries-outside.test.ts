/**
 * Secrets of what a stack talks to: the addresses of its node, signer, Redis and MongoDB, and its signers' keys. All of it is used, and
 * made to fail with answers that quote the secrets; then all that leaves is searched for them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { findChromium, launchBrowser, openWatchedPage } from './browser.ts';
import { rpcProxy, type RpcProxy } from '../support/chain/rpc-proxy.ts';
import { SignerServer } from '../support/chain/signer-server.ts';
import { Closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { MAIN } from '../support/programs.ts';
import { freePorts, RedisProcess } from '../support/redis/redis-process.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Of addresses: the user, the password, a segment of the path, a value of the query. */
const OF_THE_NODE = [
  'canary-node-user',
  'canary-node-word',
  'canary-node-of-the-path',
  'canary-node-of-the-query',
];
const OF_THE_SIGNER = ['canary-signer-user', 'canary-signer-word', 'canary-signer-of-the-path'];
const REDIS_PASSWORD = 'canary-redis-word';
const WRONG_PASSWORD = 'canary-wrong-word';
const MONGO_PASSWORD = 'canary-mongo-word';
const JWT_SECRET = 'canary-jwt-secret-canary-jwt-secret';
const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };

const closing = new Closing();
const dir = tempDir();
const logFile = join(dir.path, 'stack.log');
/** What left, by where it was seen. */
const left = new Map<string, string[]>();
const keys: string[] = [];
let env: Record<string, string | undefined>;
let stack: StackProcess;
let node: RpcProxy;
let signer: SignerServer;
let apiKey: string;

function leave(where: string, text: string): void {
  left.set(where, [...(left.get(where) ?? []), text]);
}

/** A start that cannot use its Redis tries again and again: it is ended when it has logged the fault several times. */
const HAS_FAILED = /("level":[45]0[^]*){3}/;

/** A command of Fillstream, to its end. Not synchronous: the node and the signer are served by this process. */
async function run(args: readonly string[], over: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, [...MAIN, ...args], { env: { ...env, ...over } });
  let output = '';
  const print = (text: string): void => {
    output += text;
    if (args[0] === 'start' && HAS_FAILED.test(output)) child.kill('SIGTERM');
  };
  child.stdout.setEncoding('utf8').on('data', print);
  child.stderr.setEncoding('utf8').on('data', print);
  await once(child, 'close');
  return output;
}

async function startChain(): Promise<number> {
  const port = await freePort(0);
  const child = spawn(process.execPath, [...MAIN, 'chain'], {
    env: {
      ...process.env,
      DATA_DIR: join(dir.path, 'chain'),
      PORT: String(port),
      LOG_LEVEL: 'warn',
      LOCAL_BLOCK_MS: '200',
      LOCAL_SIGNERS: '2',
    },
  });
  closing.add('the chain', async () => {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await eventually(
    () => output,
    (text) => text.includes('SIGNER_KEYS_FILE'),
    60_000,
  );
  return port;
}

async function ask(path: string, body?: object): Promise<string> {
  const response = await fetch(`${stack.url}${path}`, {
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return response.text();
}

async function submit(): Promise<{ readonly orderId: string; readonly ticket: string }> {
  const read = z.object({ orderId: z.string(), wsUrl: z.string() });
  const { orderId, wsUrl } = read.parse(JSON.parse(await ask('/api/orders/execute', ORDER)));
  return { orderId, ticket: new URL(wsUrl).searchParams.get('ticket') ?? '' };
}

const orderSchema = z.object({ status: z.string(), lastSeq: z.number() });

async function until(orderId: string, holds: (order: z.infer<typeof orderSchema>) => boolean): Promise<void> {
  await eventually(
    async () => orderSchema.parse(JSON.parse(await ask(`/api/orders/${orderId}`))),
    holds,
    40_000,
  );
}

const isConfirmed = ({ status }: { readonly status: string }): boolean => status === 'confirmed';

beforeAll(async () => {
  const chainPort = await startChain();
  const keysFile = join(dir.path, 'chain', 'keys', 'signer-keys');
  keys.push(...readFileSync(keysFile, 'utf8').split(/\s+/).filter(Boolean));
  const [remote = '', local = ''] = keys;
  const ownKeys = join(dir.path, 'own-keys');
  writeFileSync(ownKeys, local, { mode: 0o600 });
  node = await rpcProxy(`http://127.0.0.1:${chainPort}`);
  closing.add('the proxy', () => node.close());
  signer = await new SignerServer([`0x${remote.replace(/^0x/, '')}`]).start();
  closing.add('the signer', () => signer.stop());
  const [redisPort = 0] = await freePorts(1);
  const redis = new RedisProcess({
    port: redisPort,
    settings: [`requirepass ${REDIS_PASSWORD}`],
    access: { password: REDIS_PASSWORD },
  });
  closing.add('Redis', () => redis.remove());
  await redis.start();
  const monitor = connect(redisPort, '127.0.0.1');
  closing.add('the monitor', () => monitor.destroy());
  monitor.write(`AUTH ${REDIS_PASSWORD}\r\nMONITOR\r\n`);
  monitor.setEncoding('utf8').on('data', (text: string) => leave('Redis', text));
  await eventually(
    () => left.get('Redis') ?? [],
    (lines) => lines.join('').split('+OK').length === 3,
  );

  const [user = '', word = '', path = '', query = ''] = OF_THE_NODE;
  const [signerUser = '', signerWord = '', signerPath = ''] = OF_THE_SIGNER;
  env = {
    ...process.env,
    MONGODB_URL: '',
    EXECUTION: '',
    REDIS_URL: `redis://:${REDIS_PASSWORD}@127.0.0.1:${redisPort}`,
    RPC_URL: `${node.url.replace('//', `//${user}:${word}@`)}/v2/${path}?key=${query}`,
    REMOTE_SIGNER_URL: `${signer.url.replace('//', `//${signerUser}:${signerWord}@`)}${signerPath}`,
    CHAIN_FILE: join(dir.path, 'chain', 'market', 'chain-file.json'),
    SIGNER_KEYS_FILE: ownKeys,
    DATA_DIR: join(dir.path, 'data'),
    LOG_LEVEL: 'trace',
    CONFIRMATIONS: '1',
    BACKOFF_BASE_MS: '20',
    BACKOFF_CAP_MS: '200',
    JWT_SECRET,
  };
  apiKey =
    /^fs_\S+$/m.exec(await run(['keys', 'create', '--owner', 'alice', '--role', 'operate']))?.[0] ?? '';
  stack = startStack({ main: MAIN, env, port: await freePort(0), output: openSync(logFile, 'a') });
  closing.add('the stack', () => stack.end('SIGTERM'));
  await stack.ready(60_000);
}, 180_000);
afterAll(async () => {
  await closing.closeAll();
  dir.remove();
}, 60_000);

/** Each answer of the node and of the signer quotes all that they were asked with. */
function quoteSecrets(): void {
  const quoted = `the key ${OF_THE_NODE.join(', ')} at ${env['RPC_URL'] ?? ''} is over its limit`;
  let count = 0;
  node.answer = () => {
    count += 1;
    const error = { jsonrpc: '2.0', id: 1, error: { code: -32_000, message: quoted } };
    if (count % 3 === 0) return { status: 401, body: quoted };
    return count % 3 === 1
      ? { status: 200, body: JSON.stringify(error) }
      : { status: 429, body: JSON.stringify(error) };
  };
}

/** Follows the order on each transport, and all orders on two. */
function follow(orderId: string, ticket: string): void {
  const port = new URL(stack.url).port;
  const ws = new WebSocket(`ws://127.0.0.1:${port}/api/orders/status/${orderId}?ticket=${ticket}`);
  ws.on('message', (data: Buffer) => leave('streams', data.toString()));
  closing.add('a WebSocket', () => ws.terminate());
  const socket = io(stack.url, { transports: ['websocket'], forceNew: true, auth: { token: apiKey } });
  socket.on('status', (message: unknown) => leave('streams', JSON.stringify(message)));
  socket.emit('subscribe', { orderId });
  socket.emit('subscribe', { scope: 'orders' });
  closing.add('a socket', () => socket.disconnect());
  const abort = new AbortController();
  closing.add('an event stream', () => abort.abort());
  const headers = { authorization: `Bearer ${apiKey}` };
  void fetch(`${stack.url}/api/orders/${orderId}/events`, { headers, signal: abort.signal })
    .then(async ({ body }) => {
      for await (const chunk of body ?? []) leave('streams', Buffer.from(chunk).toString());
    })
    .catch(() => undefined);
}

/** Signs in, opens the order, and records what the page has, keeps and asks for. */
async function visit(chromium: string, orderId: string): Promise<void> {
  const browser = await launchBrowser(chromium);
  try {
    const { page, faults } = await openWatchedPage(browser, stack.url);
    page.on('request', (request) =>
      leave('requests of the page', `${request.url()} ${request.postData() ?? ''}`),
    );
    await page.goto(`${stack.url}/orders/${orderId}`);
    await page.getByLabel('API key or token').fill(apiKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('text=confirmed >> visible=true').first().waitFor();
    leave('the page', await page.content());
    leave(
      'the page',
      await page.evaluate(() =>
        JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]),
      ),
    );
    expect(faults).toEqual([]);
  } finally {
    await browser.close();
  }
}

test('no secret of the node, signer, Redis, MongoDB or a key leaves, also where their answers quote it', async () => {
  const first = await submit();
  follow(first.orderId, first.ticket);
  await until(first.orderId, isConfirmed);

  quoteSecrets();
  const second = await submit();
  follow(second.orderId, second.ticket);
  await until(second.orderId, ({ lastSeq }) => lastSeq > 15);
  node.answer = null;
  let refused = 0;
  signer.answer = (res) => {
    refused += 1;
    const message = `the signer refuses ${OF_THE_SIGNER.join(', ')} at ${env['REMOTE_SIGNER_URL'] ?? ''}`;
    res.end(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32_010, message } }));
  };
  // An order's signer follows from its id: one of them is the remote signer's.
  const waiting: Awaited<ReturnType<typeof submit>>[] = [];
  while (refused === 0) {
    const order = await submit();
    waiting.push(order);
    await until(order.orderId, ({ status }) => status === 'confirmed' || refused > 0);
  }
  for (const { orderId } of waiting)
    await until(orderId, ({ status, lastSeq }) => status === 'confirmed' || lastSeq > 8);
  signer.answer = null;
  for (const { orderId } of [second, ...waiting]) await until(orderId, isConfirmed);

  const documented = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
  const { paths } = documented.parse(JSON.parse(await ask('/openapi.json')));
  const asked = Object.entries(paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []));
  const streams = asked.filter((path) => path.endsWith('/events'));
  for (const path of ['/', '/docs', `/orders/${first.orderId}`, ...asked].filter(
    (each) => !streams.includes(each),
  )) {
    for (const { orderId } of [first, second, ...waiting.slice(-1)])
      leave('answers', await ask(path.replace('{orderId}', orderId).replace(/\{\w+\}/g, 'order')));
  }
  const chromium = findChromium();
  if (chromium !== null) await visit(chromium, second.orderId);

  const wrong = { REDIS_URL: (env['REDIS_URL'] ?? '').replace(REDIS_PASSWORD, WRONG_PASSWORD) };
  const unreachable = {
    REDIS_URL: (env['REDIS_URL'] ?? '').replace(/:\d+$/, ':1'),
    MONGODB_URL: `mongodb://me:${MONGO_PASSWORD}@127.0.0.1:1/orders`,
    RPC_URL: (env['RPC_URL'] ?? '').replace(/:\d+\//, ':1/'),
    REMOTE_SIGNER_URL: (env['REMOTE_SIGNER_URL'] ?? '').replace(/:\d+\//, ':1/'),
  };
  const soon = { MONGODB_TIMEOUT_MS: '200' };
  const ofAnotherScheme = Object.fromEntries(
    Object.entries(unreachable).map(([name, url]) => [name, url.replace(/^\w+:/, 'ftp:')] as const),
  );
  const checks = await Promise.all([
    run(['doctor']),
    run(['doctor'], wrong),
    run(['doctor'], { ...soon, ...unreachable }),
  ]);
  // A start ends at the first fault, unlike `doctor`, and unlike the settings when they are read.
  const starts = await Promise.all([
    run(['start'], { ...wrong, PORT: '0', DATA_DIR: join(dir.path, 'wrong') }),
    ...Object.entries(unreachable).map(([name, value]) =>
      run(['start'], { ...soon, [name]: value, PORT: '0', DATA_DIR: join(dir.path, `no ${name}`) }),
    ),
    run(['start'], ofAnotherScheme),
  ]);
  for (const name of Object.keys(unreachable)) expect(starts.at(-1)).toContain(name);
  for (const check of checks) leave('doctor', check);
  for (const start of starts) leave('starts that fail', start);
  leave('logs', readFileSync(logFile, 'utf8'));
  for (const name of readdirSync(join(dir.path, 'data')).filter((each) => each.includes('sqlite')))
    leave('store', readFileSync(join(dir.path, 'data', name), 'latin1'));

  // Links of an order carry its ticket.
  const shown = new Map(
    [...left].map(([where, texts]) => [where, texts.join('\n').replace(/"(events|wsUrl)":"[^"]*"/g, '')]),
  );
  const secrets = [
    ...[...OF_THE_NODE, ...OF_THE_SIGNER, REDIS_PASSWORD, WRONG_PASSWORD, MONGO_PASSWORD, JWT_SECRET],
    ...keys.map((key) => key.replace(/^0x/, '')),
    apiKey.slice(-43),
    ...[first, second].map(({ ticket }) => ticket.split('.')[2] ?? ''),
  ];
  expect(secrets.every((secret) => secret.length > 15)).toBe(true);
  const places = ['Redis', 'answers', 'doctor', 'logs', 'starts that fail', 'store', 'streams'];
  expect([...shown.keys()]).toEqual(expect.arrayContaining(places));
  for (const [where, text] of shown) {
    expect([where, text.length > 100]).toEqual([where, true]);
    for (const secret of secrets) {
      const at = text.toLowerCase().indexOf(secret.toLowerCase());
      expect([where, secret, at === -1 ? '' : text.slice(Math.max(0, at - 200), at + 100)]).toEqual([
        where,
        secret,
        '',
      ]);
    }
  }
}, 240_000);
