import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { submitOrder } from '../../src/client/orders.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };
const SHUTTING_DOWN = 1001;

let dir: TempDir;
let stack: StackProcess;

beforeEach(async () => {
  dir = tempDir();
  stack = startStack({
    main: MAIN,
    env: {
      ...process.env,
      MONGODB_URL: '',
      EXECUTION: 'simulated',
      DATA_DIR: dir.path,
      LOG_LEVEL: 'warn',
      SIMULATED_LATENCY_MS: '5000',
    },
    port: await freePort(0),
    output: openSync(join(dir.path, 'stack.log'), 'a'),
  });
  await stack.ready(20_000);
});
afterEach(async () => {
  await stack.end('SIGTERM');
  dir.remove();
});

/** A client that has received a message. */
async function watch(): Promise<WebSocket> {
  const { orderId } = await submitOrder(stack.url, ORDER);
  const socket = new WebSocket(`${stack.url.replace('http', 'ws')}/api/orders/status/${orderId}`);
  await new Promise((resolve) => socket.once('message', resolve));
  return socket;
}

test('one Ctrl-C that arrives twice, from the terminal and from `tsx watch`, stops the process gracefully', async () => {
  const socket = await watch();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const gone = new Promise((resolve) => stack.child.once('exit', resolve));
  stack.child.kill('SIGINT');
  stack.child.kill('SIGINT');
  expect([await closed, await gone]).toEqual([SHUTTING_DOWN, 0]);
}, 60_000);

test('a second Ctrl-C ends the process at once', async () => {
  const socket = await watch();
  // A client that does not read keeps the server from closing at once.
  socket.pause();
  const gone = new Promise((resolve) => stack.child.once('exit', resolve));
  stack.child.kill('SIGINT');
  const again = setInterval(() => stack.child.kill('SIGINT'), 50);
  expect(await gone).toBe(130);
  clearInterval(again);
}, 60_000);
