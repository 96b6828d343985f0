/** Secrets are planted, everything is used and made to fail, and all that leaves is searched for them. */
import { spawnSync } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { tokenFor } from '../identity/identities.ts';
import { eventually } from '../support/eventually.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir } from '../support/temp-dir.ts';

const CANARY_SECRET = 'canary-jwt-secret-canary-jwt-secret';
const dir = tempDir();
const log = join(dir.path, 'stack.log');
const left: string[] = [];
let stack: StackProcess;
let key: string;
let token: string;
let ticket: string;
let session: string;

const env = {
  ...process.env,
  MONGODB_URL: '',
  EXECUTION: 'simulated',
  DATA_DIR: join(dir.path, 'data'),
  LOG_LEVEL: 'trace',
  SIMULATED_FAILURES: '0',
  JWT_SECRET: CANARY_SECRET,
};

async function ask(path: string, headers: Record<string, string>, body?: object): Promise<string> {
  const response = await fetch(`${stack.url}${path}`, {
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  const text = await response.text();
  left.push(text);
  return text;
}

beforeAll(async () => {
  const made = spawnSync(process.execPath, [...MAIN, 'keys', 'create', '--owner', 'alice'], {
    env,
    encoding: 'utf8',
  });
  key = /^fs_\S+$/m.exec(made.stdout)?.[0] ?? '';
  token = await tokenFor('alice', { secret: CANARY_SECRET });
  stack = startStack({ main: MAIN, env, port: await freePort(0), output: openSync(log, 'a') });
  await stack.ready(20_000);
});
afterAll(async () => {
  await stack.end('SIGTERM');
  dir.remove();
});

test('no key, token, ticket, session or setting is in what leaves: logs, answers, messages, the store', async () => {
  expect(key).not.toBe('');
  const alice = { authorization: `Bearer ${key}` };
  const order = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };
  const submitted = z
    .object({ orderId: z.string(), wsUrl: z.string() })
    .parse(JSON.parse(await ask('/api/orders/execute', alice, order)));
  // The answer to the submission is where a ticket belongs.
  left.pop();
  ticket = new URL(submitted.wsUrl).searchParams.get('ticket') ?? '';
  const signedIn = await fetch(`${stack.url}/api/session`, { method: 'POST', headers: alice });
  session = /fillstream_session=([^;]+)/.exec(signedIn.headers.get('set-cookie') ?? '')?.[1] ?? '';
  left.push(await signedIn.text());
  const { orderId } = submitted;

  for (const headers of [
    alice,
    { authorization: `Bearer ${token}` },
    { cookie: `fillstream_session=${session}` },
    { authorization: `Bearer ${key}x` },
    { authorization: `Bearer ${token}x` },
    { cookie: `fillstream_session=${session}x` },
  ]) {
    await ask(`/api/orders/${orderId}/transitions`, headers);
    await ask('/api/orders/nothing', headers);
    await ask('/api/orders/execute', headers, { ...order, sellAmount: 'x' });
  }
  for (const path of [
    `/api/orders/${orderId}/transitions`,
    `/api/orders/${'a'.repeat(32)}`,
    '/nothing',
    '/api/orders',
  ]) {
    for (const sent of [ticket, `${ticket}x`, `${ticket}&ticket=${ticket}`])
      await ask(`${path}?ticket=${sent}`, {});
  }
  for (const sent of [ticket, `${ticket}x`, `${ticket}&after=x`]) {
    const ws = new WebSocket(
      `ws://127.0.0.1:${new URL(stack.url).port}/api/orders/status/${orderId}?ticket=${sent}`,
    );
    ws.on('message', (data: Buffer) => left.push(data.toString()));
    await new Promise((closed) => ws.once('close', closed));
  }
  for (const auth of [{ token: key }, { token: `${key}x` }, { ticket }, { token }]) {
    const socket = io(stack.url, { transports: ['websocket'], reconnection: false, forceNew: true, auth });
    socket.on('status', (message: unknown) => left.push(JSON.stringify(message)));
    await new Promise<void>((resolve) => {
      socket.once('connect', () => resolve());
      socket.once('connect_error', (error: Error) => {
        left.push(`${error.message} ${JSON.stringify('data' in error ? error.data : null)}`);
        resolve();
      });
    });
    left.push(
      JSON.stringify(await socket.timeout(5_000).emitWithAck('subscribe', { orderId }).catch(String)),
    );
    socket.disconnect();
  }
  await ask('/health', {});
  await ask('/problems/unauthorized', {});
  await eventually(
    () => ask(`/api/orders/${orderId}/transitions`, alice),
    (text) => text.includes('"status":"confirmed"'),
  );
  // Links of an order carry its ticket.
  const shown = left.map((text) => text.replace(/"events":"[^"]*"/g, ''));
  const stored = readdirSync(env.DATA_DIR)
    .filter((name) => name.includes('sqlite'))
    .map((name) => readFileSync(join(env.DATA_DIR, name), 'latin1'));
  const secrets = {
    'the secret of the key': key.slice(-43),
    'the token': token.split('.')[2] ?? '',
    'the ticket': ticket.split('.')[2] ?? '',
    'the session': session.split('.')[2] ?? '',
    'the secret of tokens': CANARY_SECRET,
  };
  const places = { logs: [readFileSync(log, 'utf8')], answers: shown, store: stored };
  expect(places.logs[0]).not.toBe('');
  for (const [which, secret] of Object.entries(secrets)) {
    expect(secret.length).toBeGreaterThan(30);
    for (const [where, texts] of Object.entries(places)) {
      expect([which, where, texts.some((text) => text.includes(secret))]).toEqual([which, where, false]);
    }
  }
});
