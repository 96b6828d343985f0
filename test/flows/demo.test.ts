/** Runs `npm run demo` and `npm run demo -- --simulated` as a user does, to the summary. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/stack-process/free-port.ts';
import { findProcessNaming } from '../../src/embedded/process-check.ts';
import { eventually } from '../support/eventually.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const DEMO = [...MAIN, 'demo'];
/** The printed line of a confirmed order. */
const CONFIRMED =
  /confirmed ██████████ Sold [\d.]+ \w+ for [\d.]+ \w+ on [\w-]+, [\d.]+ \w+ for a \w+, block \d+, 0x[0-9a-f]{64}$/m;

let dir: TempDir;
let running: ChildProcess | null;

beforeEach(() => {
  dir = tempDir();
  running = null;
});
afterEach(async () => {
  if (running !== null && running.exitCode === null && running.signalCode === null) {
    const exit = once(running, 'exit');
    running.kill('SIGTERM');
    await exit;
  }
  dir.remove();
});

async function environment(over: Record<string, string> = {}): Promise<NodeJS.ProcessEnv> {
  return {
    ...process.env,
    EXECUTION: '',
    RPC_URL: '',
    MONGODB_URL: '',
    REDIS_URL: '',
    DATA_DIR: dir.path,
    PORT: String(await freePort(0)),
    CONFIRMATIONS: '2',
    LOCAL_SIGNERS: '2',
    LOCAL_BLOCK_MS: '200',
    ...over,
  };
}

interface Demo {
  readonly output: () => string;
  readonly ended: Promise<number | null>;
  readonly interrupt: () => void;
}

async function demo(...args: string[]): Promise<Demo> {
  const child = spawn(process.execPath, [...DEMO, ...args], { env: await environment() });
  running = child;
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString()));
  const ended = once(child, 'close').then(() => child.exitCode);
  return { output: () => output, ended, interrupt: () => child.kill('SIGINT') };
}

function isNothingLeft(dataDir: string): boolean {
  const named = ['chain/state.json', 'redis.sock'].map((file) => findProcessNaming(join(dataDir, file)));
  return named.every((pid) => pid === null) && !existsSync(join(dataDir, 'run.json'));
}

test('the demo swaps on a private chain, ends by itself, and compares its orders with the chain', async () => {
  const { ended, output } = await demo('--orders', '12', '--rate', '10');
  const code = await ended;
  expect(output()).toContain('Starting Fillstream with a private chain (anvil)');
  expect(output()).toMatch(/^See it at http:\/\/127\.0\.0\.1:\d+\/$/m);
  expect(output()).toMatch(CONFIRMED);
  expect(output()).toMatch(/submitted █+░+ Sending 0x\w{8}…\w{4}, nonce \d+ of 0x\w{8}…\w{4}$/m);
  const confirmed = Number(/accepted: (\d+) confirmed/.exec(output())?.[1]);
  expect(confirmed).toBeGreaterThan(0);
  expect(output()).toContain(`on the chain      ${confirmed} swaps, blocks `);
  expect(output()).toContain(`${confirmed} of ${confirmed} confirmed orders were executed once`);
  expect(output()).toContain('every one 1..n, no gap, no repeat');
  expect(code).toBe(0);
  expect(isNothingLeft(dir.path)).toBe(true);
}, 120_000);

test('Ctrl-C ends the demo with its summary, and a second demo continues on the same chain', async () => {
  const first = await demo('--rate', '10');
  await eventually(first.output, (text) => text.includes('submitted'), 60_000);
  first.interrupt();
  expect(await first.ended).toBe(0);
  expect(first.output()).toMatch(/on the chain +\d+ swaps/);
  expect(isNothingLeft(dir.path)).toBe(true);

  const second = await demo('--orders', '3', '--rate', '10');
  expect(await second.ended).toBe(0);
  expect(second.output()).not.toContain('deploying anew');
}, 180_000);

test('the demo with --simulated uses no chain, and its own folder', async () => {
  const { ended, output } = await demo('--simulated', '--orders', '12', '--rate', '25');
  expect(await ended).toBe(0);
  expect(output()).toContain('nothing is really swapped');
  expect(output()).toMatch(CONFIRMED);
  expect(output()).toContain("executed twice    0, by the simulated chain's own ledger");
  expect(existsSync(join(dir.path, 'chain'))).toBe(false);
  expect(isNothingLeft(join(dir.path, 'simulated'))).toBe(true);
}, 120_000);

test('the demo refuses to run on the chain of RPC_URL', async () => {
  const { status, stderr } = spawnSync(process.execPath, DEMO, {
    env: await environment({ RPC_URL: 'http://127.0.0.1:1' }),
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(stderr).toContain('RPC_URL is set, and the demo would spend what its signers have there');
  expect(status).toBe(2);
}, 30_000);
