import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { hasEnded } from '../../src/embedded/process-check.ts';
import { readRunFile } from '../../src/embedded/run-file.ts';
import { eventually } from '../support/eventually.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

test('Ctrl-C while the stack starts leaves no private server behind', async () => {
  const { PATH } = process.env;
  const env = { PATH, DATA_DIR: dir.path, PORT: '0', LOG_LEVEL: 'warn' };
  const stack = spawn(process.execPath, [...MAIN, 'start'], { env, stdio: 'ignore' });
  const exit = once(stack, 'exit');
  const { redis, anvil } = await eventually(
    () => readRunFile(join(dir.path, 'run.json')) ?? {},
    (run) => run.redis !== undefined && run.anvil !== undefined,
  );
  stack.kill('SIGINT');
  expect(await exit).toEqual([0, null]);
  for (const server of [redis, anvil]) expect(hasEnded(server?.pid ?? 0)).toBe(true);
  expect(readRunFile(join(dir.path, 'run.json'))).toBeNull();
}, 60_000);
