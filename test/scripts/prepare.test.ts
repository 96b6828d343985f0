/** The script runs in its own copy, whose packages count as installed: it must never install anything in a test. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const SCRIPTS = fileURLToPath(new URL('../../scripts', import.meta.url));
const PACKAGE = '{"name":"copy"}';

let root: TempDir;
/** A PATH with nothing but what a test puts there. */
let bin: string;

beforeEach(() => {
  root = tempDir();
  bin = join(root.path, 'bin');
  for (const folder of ['bin', 'scripts', 'node_modules']) mkdirSync(join(root.path, folder));
  for (const script of ['prepare.mjs', 'installation-progress.mjs'])
    copyFileSync(join(SCRIPTS, script), join(root.path, 'scripts', script));
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

test('without chromium, installs it before the tests where it may, and goes on where that fails', () => {
  addCommand('redis-server', 'exit 0');
  expect(prepare({ npm_lifecycle_event: 'pretest' })).toEqual({ status: 0, output: '' });
  if (process.getuid?.() !== 0) return;
  addCommand('apt-get', 'echo "apt-get $*"; exit 1');
  const { status, output } = prepare({ npm_lifecycle_event: 'pretest' });
  expect(status).toBe(0);
  expect(output).toContain('Installing chromium');
  expect(output).toContain('are skipped');
  addCommand('apt-get', 'echo "apt-get $*"; case "$*" in *headless*) exit 1; esac');
  expect(prepare({ npm_lifecycle_event: 'pretest' }).output).toContain('--no-install-recommends chromium\n');
  expect(prepare({ npm_lifecycle_event: 'prestart' })).toEqual({ status: 0, output: '' });
});

test('builds the page when its sources changed, prints so before, and not again', () => {
  addCommand('redis-server', 'exit 0');
  for (const folder of ['page', 'machines', 'src/charts', 'src/protocol', 'scripts/page']) {
    mkdirSync(join(root.path, folder), { recursive: true });
  }
  const scripts = fileURLToPath(new URL('../../scripts/page/', import.meta.url));
  cpSync(join(scripts, 'sources.mjs'), join(root.path, 'scripts/page/sources.mjs'));
  symlinkSync(
    fileURLToPath(new URL('../../node_modules/tsx', import.meta.url)),
    join(root.path, 'node_modules/tsx'),
  );
  // It stands for the build, and writes what the build writes of the sources.
  const build = `
    import { mkdirSync, writeFileSync } from 'node:fs';
    import { digestOfPageSources } from './sources.mjs';
    mkdirSync('page/dist', { recursive: true });
    const sources: string = digestOfPageSources(${JSON.stringify(root.path)});
    writeFileSync('page/dist/page.json', JSON.stringify({ sources }));`;
  writeFileSync(join(root.path, 'scripts/page/build.ts'), build);
  expect(prepare()).toEqual({ status: 0, output: 'Building the page (a few seconds) …\n' });
  expect(prepare()).toEqual({ status: 0, output: '' });
  writeFileSync(join(root.path, 'page', 'main.tsx'), 'changed');
  expect(prepare()).toEqual({ status: 0, output: 'Building the page (a few seconds) …\n' });
});

test('a page that cannot be built ends it, and is not taken for built', () => {
  addCommand('redis-server', 'exit 0');
  mkdirSync(join(root.path, 'page'));
  for (const folder of ['machines', 'src/charts', 'src/protocol', 'scripts/page']) {
    mkdirSync(join(root.path, folder), { recursive: true });
  }
  const scripts = fileURLToPath(new URL('../../scripts/page/', import.meta.url));
  cpSync(join(scripts, 'sources.mjs'), join(root.path, 'scripts/page/sources.mjs'));
  for (let time = 1; time <= 2; time += 1) {
    const { status, output } = prepare();
    expect(status).toBe(1);
    expect(output).toContain('The page could not be built');
  }
});

test('with a whole chromium, installs its headless shell before the tests where there is one, and tries it once', () => {
  if (process.getuid?.() !== 0) return;
  addCommand('redis-server', 'exit 0');
  addCommand('chromium', 'exit 0');
  addCommand('apt-get', 'echo "apt-get $*"; exit 1');
  addCommand('apt-cache', 'exit 100');
  const unchanged = { status: 0, output: '' };
  expect(prepare({ npm_lifecycle_event: 'pretest' })).toEqual(unchanged);
  addCommand('apt-cache', 'exit 0');
  const { status, output } = prepare({ npm_lifecycle_event: 'pretest' });
  expect(status).toBe(0);
  expect(output).toContain('Installing chromium-headless-shell');
  expect(output).toContain('take the browser that is there');
  expect(prepare({ npm_lifecycle_event: 'pretest' })).toEqual(unchanged);
});
