/** How a test runs an example: as its README says, with the address of the test's stack, and only where the tools that it needs are. */
import { test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

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
  options: { cwd?: string } = {},
): Promise<Ran> {
  const env = {
    ...process.env,
    FILLSTREAM_URL: url,
    PATH: `${BIN}:${process.env['PATH'] ?? ''}`,
    FORCE_COLOR: '1',
  };
  // wscat ends when its input does.
  const child = spawn(command, args, { ...options, env, stdio: ['pipe', 'pipe', 'pipe'], timeout: 170_000 });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((ended) => child.once('close', (exitCode) => ended({ exitCode, output })));
}

export const succeeds = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args).status === 0;

/** A test of an example that needs a tool: skipped with a line that says so where the tool is missing. */
export function testWith(tool: string, isThere: boolean, title: string, body: () => Promise<void>): void {
  if (!isThere) console.warn(`Skipped: "${title}" needs ${tool}. examples/README.md says where it is from.`);
  (isThere ? test : test.skip)(title, body, 180_000);
}
