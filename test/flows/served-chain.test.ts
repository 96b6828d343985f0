/** `chain`: a private chain for processes that share no data folder with it, as the containers of docker-compose.yml do. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { getOrder, submitOrder } from '../../src/client/orders.ts';
import { quotesViewSchema } from '../../src/protocol/views.ts';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { eventually } from '../support/eventually.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };
let chainDir: TempDir;
let stackDir: TempDir;
let chain: ChildProcess | null;
let stack: StackProcess | null;

beforeEach(() => {
  [chainDir, stackDir] = [tempDir(), tempDir()];
  [chain, stack] = [null, null];
});
afterEach(async () => {
  await stack?.end('SIGTERM');
  await endChain();
  chainDir.remove();
  stackDir.remove();
});

async function endChain(): Promise<void> {
  if (chain?.exitCode !== null) return;
  const exit = once(chain, 'exit');
  chain.kill('SIGTERM');
  await exit;
}

async function startChain(port: number): Promise<string> {
  const child = spawn(process.execPath, [...MAIN, 'chain'], {
    env: {
      ...process.env,
      DATA_DIR: chainDir.path,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      LOCAL_BLOCK_MS: '200',
      LOCAL_SIGNERS: '2',
    },
  });
  chain = child;
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return eventually(
    () => output,
    (text) => text.includes('SIGNER_KEYS_FILE'),
    60_000,
  );
}

test('processes on another folder swap on it, also after it was stopped and started again, and do not start without it', async () => {
  const port = await freePort(0);
  const output = await startChain(port);
  const chainFile = join(chainDir.path, 'market', 'chain-file.json');
  const keysFile = join(chainDir.path, 'keys', 'signer-keys');
  expect(output).toContain(chainFile);
  expect(output).toContain(keysFile);
  expect(statSync(keysFile).mode & 0o077).toBe(0);

  const env = {
    ...process.env,
    MONGODB_URL: '',
    REDIS_URL: '',
    EXECUTION: '',
    RPC_URL: `http://127.0.0.1:${port}`,
    CHAIN_FILE: chainFile,
    SIGNER_KEYS_FILE: keysFile,
    DATA_DIR: stackDir.path,
    LOG_LEVEL: 'warn',
    CONFIRMATIONS: '1',
  };
  const started = startStack({
    main: MAIN,
    env,
    port: await freePort(0),
    output: openSync(join(stackDir.path, 'stack.log'), 'a'),
  });
  stack = started;
  await started.ready(60_000);
  const swap = async (): Promise<void> => {
    const { orderId } = await submitOrder(started.url, ORDER);
    const order = await eventually(
      () => getOrder(started.url, orderId),
      ({ status }) => status === 'confirmed',
      40_000,
    );
    expect(BigInt(order.executedBuyAmount ?? 0)).toBeGreaterThan(0n);
  };
  await swap();
  await endChain();
  await startChain(port);
  await swap();
  const answer = await fetch(`${started.url}/api/quotes`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(ORDER),
  });
  expect(quotesViewSchema.parse(await answer.json()).quotes).toHaveLength(3);

  await started.end('SIGTERM');
  await endChain();
  const restart = promisify(execFile)(process.execPath, [...MAIN, 'start'], { env: { ...env, PORT: '0' } });
  await expect(restart).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^the chain's node gave the check of CHAIN_FILE no answer: ECONNREFUSED\n$/,
    ),
  });
}, 180_000);
