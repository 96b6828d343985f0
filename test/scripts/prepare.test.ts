/** The script runs in its own copy, whose packages count as installed: it must never install anything in a test. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/prepare.mjs', import.meta.url));
const PACKAGE = '{"name":"copy"}';

let root: TempDir;
/** A PATH with nothing but what a test puts there. */
let bin: string;

beforeEach(() => {
  root = tempDir();
  bin = join(root.path, 'bin');
  for (const folder of ['bin', 'scripts', 'node_modules']) mkdirSync(join(root.path, folder));
  copyFileSync(SCRIPT, join(root.path, 'scripts', 'prepare.mjs'));
  for (const file of ['package.json', 'package-lock.json']) writeFileSync(join(root.path, file), PACKAGE);
  const stamp = createHash('sha256').update(PACKAGE).update(PACKAGE).update(process.versions.modules);
  writeFileSync(join(root.path, 'node_modules', '.fillstream-packages'), stamp.digest('hex'));
  symlinkSync(process.execPath, join(bin, 'node'));
});
afterEach(() => root.remove());

function prepare(env: Record<string, string> = {}): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('node', [join(root.path, 'scripts', 'prepare.mjs')], {
    env: { PATH: bin, ...env },
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

function addCommand(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

test('prints nothing when nothing is missing', () => {
  addCommand('redis-server', 'exit 0');
  expect(prepare()).toEqual({ status: 0, output: '' });
});

test('needs no redis-server where REDIS_URL names one', () => {
  expect(prepare({ REDIS_URL: 'redis://127.0.0.1:6379' })).toEqual({ status: 0, output: '' });
});

test('without a redis-server and a way to install it, explains how to get it and fails', () => {
  const { status, output } = prepare();
  expect(status).toBe(1);
  expect(output).toContain('redis-server is not on the PATH');
  expect(output).toContain('sudo apt-get install redis-server');
  expect(output).toContain('brew install redis');
  expect(output).toContain('REDIS_URL');
});

test('installs the packages when they changed, and prints so before', () => {
  addCommand('redis-server', 'exit 0');
  addCommand('npm', 'echo "npm $*"; exit 1');
  writeFileSync(join(root.path, 'package.json'), '{"name":"changed"}');
  const { status, output } = prepare();
  expect(status).toBe(1);
  expect(output).toContain('Installing the packages');
  expect(output).toContain('npm install --no-audit --no-fund');
});
