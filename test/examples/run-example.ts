/** How a test runs an example: as its README says, with the address of the test's stack, and only where the tools that it needs are. */
import { test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { StackProcess } from '../../src/stack-process/start-stack.ts';
import { ownEnvironment, startOwnStack } from '../support/own-stack.ts';
import { MAIN } from '../support/programs.ts';
import type { TempDir } from '../support/temp-dir.ts';

/** Where `npm run examples` installs what the examples need. */
export const BIN = resolve('examples/node_modules/.bin');

export interface Ran {
  readonly exitCode: number | null;
  /** Of both streams. */
  readonly output: string;
}

/** @param url of the stack, given as FILLSTREAM_URL */
export function runExample(
  url: string,
  command: string,
  args: readonly string[],
  { cwd, apiKey }: { readonly cwd?: string; readonly apiKey?: string } = {},
): Promise<Ran> {
  const env = {
    ...process.env,
    FILLSTREAM_URL: url,
    FILLSTREAM_API_KEY: apiKey ?? '',
    PATH: `${BIN}:${process.env['PATH'] ?? ''}`,
    FORCE_COLOR: '1',
  };
  // wscat ends when its input does.
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 170_000,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((ended) => child.once('close', (exitCode) => ended({ exitCode, output })));
}

export const succeeds = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args).status === 0;

/** Fast, and without failures. */
export const EXAMPLE_STACK = { EXECUTION: 'simulated', SIMULATED_FAILURES: '0', SIMULATED_BLOCK_MS: '50' };

/** A stack that has an API key of the role `submit`. */
export async function startKeyedStack(dir: TempDir): Promise<{ stack: StackProcess; apiKey: string }> {
  const args = ['keys', 'create', '--owner', 'alice', '--role', 'submit'];
  const env = ownEnvironment(dir, EXAMPLE_STACK);
  const { stdout, stderr } = spawnSync(process.execPath, [...MAIN, ...args], { env, encoding: 'utf8' });
  const [apiKey] = /^fs_\w+$/m.exec(stdout) ?? [];
  if (apiKey === undefined) throw new Error(`keys create printed no key: ${stdout}${stderr}`);
  const stack = await startOwnStack(dir, EXAMPLE_STACK);
  await stack.ready(30_000);
  return { stack, apiKey };
}

const VENV = resolve('examples/.venv/bin/python');
/** With what the examples need where `npm run examples` made it. */
export const PYTHON = existsSync(VENV) ? VENV : 'python3';
/** The tools that examples need, and whether they are there. */
export const TOOLS = {
  curl: succeeds('curl', '--version'),
  wscat: existsSync(join(BIN, 'wscat')),
  newman: existsSync(join(BIN, 'newman')),
  'Python with httpx and httpx-sse': succeeds(PYTHON, '-c', 'import httpx, httpx_sse'),
  'Python with python-socketio and aiohttp': succeeds(PYTHON, '-c', 'import socketio, aiohttp'),
  Go: succeeds('go', 'version'),
} as const;

/** A test of an example that needs a tool: skipped with a line that says so where the tool is missing. */
export function testWith(tool: string, isThere: boolean, title: string, body: () => Promise<void>): void {
  if (!isThere) console.warn(`Skipped: "${title}" needs ${tool}. examples/README.md says where it is from.`);
  (isThere ? test : test.skip)(title, body, 180_000);
}
