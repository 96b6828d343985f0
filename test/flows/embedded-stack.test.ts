import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { getOrder, submitOrder } from '../../src/client/orders.ts';
import { messageSchema, type Message } from '../../src/protocol/messages.ts';
import { eventually } from '../support/eventually.ts';
import { MAIN } from '../support/programs.ts';
import { mulberry } from '../support/seeded-random.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { OrderFlow } from '../faults/order-flow.ts';

const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };
const ORDERS = 20;

let dir: TempDir;
let port: number;
let stack: StackProcess | null;

beforeEach(async () => {
  dir = tempDir();
  port = await freePort(0);
  stack = null;
});
afterEach(async () => {
  await stack?.end('SIGTERM');
  dir.remove();
});

function environment(over: Record<string, string> = {}): Record<string, string | undefined> {
  return {
    ...process.env,
    MONGODB_URL: '',
    EXECUTION: 'simulated',
    DATA_DIR: dir.path,
    LOG_LEVEL: 'warn',
    SIMULATED_FAILURES: '0',
    ...over,
  };
}

async function start(over: Record<string, string> = {}): Promise<StackProcess> {
  stack = startStack({
    main: MAIN,
    env: environment(over),
    port,
    output: openSync(join(dir.path, 'stack.log'), 'a'),
  });
  await stack.ready(20_000);
  return stack;
}

test('an order goes from POST to confirmed, and Socket.IO and WebSocket deliver the same entries', async () => {
  const { url } = await start();
  const { orderId } = await submitOrder(url, ORDER);
  const overSocketIo: Message[] = [];
  const overWebSocket: Message[] = [];
  const socket = io(url, { transports: ['websocket'] });
  socket.on('status', (message: unknown) => overSocketIo.push(messageSchema.parse(message)));
  socket.emit('subscribe', { orderId });
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}/api/orders/status/${orderId}`);
  webSocket.on('message', (data: Buffer) =>
    overWebSocket.push(messageSchema.parse(JSON.parse(data.toString()))),
  );
  const closed = new Promise<number>((resolve) => webSocket.once('close', resolve));

  expect(await closed).toBe(1000);
  await eventually(
    () => overSocketIo.at(-1)?.type,
    (type) => type === 'confirmed',
  );
  socket.close();
  const entries = overWebSocket.filter((message) => 'seq' in message);
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(overSocketIo.filter((message) => 'seq' in message)).toEqual(entries);
  expect(overWebSocket.slice(0, 2).map(({ type }) => type)).toEqual(['connection', 'subscribed']);
  expect(overSocketIo.slice(0, 2).map(({ type }) => type)).toEqual(['connection', 'subscribed']);
}, 60_000);

test('SIGTERM releases the orders within ten seconds, and they continue after a restart', async () => {
  const slow = { SIMULATED_LATENCY_MS: '800', SIMULATED_BLOCK_MS: '200' };
  const first = await start(slow);
  const flow = new OrderFlow({ urls: [first.url], cancelShare: 0, cancelWithinMs: 0, random: mulberry(1) });
  await flow.post(ORDERS);
  const stoppedAt = performance.now();
  await first.end('SIGTERM');
  expect(performance.now() - stoppedAt).toBeLessThan(10_000);
  expect(first.child.exitCode).toBe(0);
  expect(flow.open).toBe(ORDERS);
  await start(slow);
  expect(await flow.ended(30_000)).toBe(0);
  flow.watchers.close();
  expect(flow.watchers.faults()).toEqual([]);
}, 90_000);

test('a second process on the same port refuses to start, and the first one continues', async () => {
  const { url } = await start();
  const second = spawnSync(process.execPath, [...MAIN, 'start'], {
    env: { ...environment(), PORT: String(port) },
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(second.status).toBe(2);
  expect(second.stderr.split('\n')[0]).toContain(
    `cannot listen at 127.0.0.1:${port}: another process listens there`,
  );
  const { orderId } = await submitOrder(url, ORDER);
  await eventually(
    () => getOrder(url, orderId),
    ({ status }) => status === 'confirmed',
  );
}, 60_000);

/** One of each kind; every setting's and argument's own errors are in test/settings and test/demo. */
test.each([
  [['fly'], {}, 'There is no command "fly"'],
  [['start', 'now'], {}, 'start takes no arguments: got now'],
  [['demo', '--orders', 'many'], {}, '--orders many: expected a whole number'],
  [['start'], { PORT: 'http' }, 'PORT is "http": expected a whole number, 0 to 65535'],
  [['start'], { DATA_DIR: '/dev/null' }, 'DATA_DIR is "/dev/null": expected a folder'],
  [
    ['start'],
    { DATA_DIR: '/proc/fillstream/data' },
    'DATA_DIR is "/proc/fillstream/data": expected a folder',
  ],
  [['start'], { REDIS_URL: 'localhost' }, 'REDIS_URL is "localhost": its scheme is unknown'],
])(
  'main %j with %j prints what is wrong, without a stack trace',
  (args, env, text) => {
    const { status, stderr } = spawnSync(process.execPath, [...MAIN, ...args], {
      env: environment(env),
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(stderr).toContain(text);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(2);
  },
  30_000,
);
