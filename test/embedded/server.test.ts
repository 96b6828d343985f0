import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isProcessNaming } from '../../src/embedded/process-check.ts';
import { pidOfRedis } from '../../src/embedded/redis/redis-child.ts';
import { readRunFile } from '../../src/embedded/run-file.ts';
import { makeSocketFolder, socketPathOf } from '../../src/embedded/redis/socket-path.ts';
import { openEmbeddedRedis } from '../../src/embedded/redis/embedded-redis.ts';
import { OperatorError } from '../../src/operator-error.ts';
import { eventually } from '../support/eventually.ts';
import { tempDir } from '../support/temp-dir.ts';
import { DataFolder } from './supervisor.ts';

const silent = { info: () => undefined, warn: () => undefined };

let folder: DataFolder;
beforeEach(() => {
  folder = new DataFolder();
});
afterEach(() => folder.end());

test('the pid is that of the server', async () => {
  const redis = await folder.open();
  expect(redis.pid()).toBe(await pidOfRedis(redis.socketPath));
});

test('a lost note is written again, and closing still stops the server', async () => {
  const redis = await folder.open();
  const pid = folder.pid();
  rmSync(folder.runFile);
  await eventually(
    () => readRunFile(folder.runFile)?.redis?.pid,
    (noted) => noted === pid,
  );
  await redis.close();
  expect(isProcessNaming(pid, redis.socketPath)).toBe(false);
});

test('a server that hangs is replaced', async () => {
  const { socketPath } = await folder.open();
  const pid = folder.pid();
  process.kill(pid, 'SIGSTOP');
  await folder.isReplaced(pid, socketPath, 15_000);
  expect(isProcessNaming(pid, socketPath)).toBe(false);
});

test('a folder that is opened through a link has the same server', async () => {
  const first = await folder.open();
  const other = tempDir();
  symlinkSync(folder.path, join(other.path, 'link'));
  const second = await openEmbeddedRedis({ dataDir: join(other.path, 'link'), log: silent });
  expect(second.socketPath).toBe(first.socketPath);
  expect(second.isOwner()).toBe(false);
  await second.close();
  other.remove();
});

test('a socket folder that other users can read, or that is a link, is refused', () => {
  const dataDir = join(folder.path, 'd'.repeat(120));
  const socketPath = socketPathOf(dataDir);
  const socketFolder = dirname(socketPath);
  expect(socketFolder.startsWith(dataDir)).toBe(false);
  mkdirSync(socketFolder, { mode: 0o700 });
  makeSocketFolder(socketPath, dataDir);
  chmodSync(socketFolder, 0o755);
  expect(() => makeSocketFolder(socketPath, dataDir)).toThrow(OperatorError);
  rmSync(socketFolder, { recursive: true });
  symlinkSync(folder.path, socketFolder);
  expect(() => makeSocketFolder(socketPath, dataDir)).toThrow(OperatorError);
  rmSync(socketFolder);
});

test('the error quotes a server that does not start', async () => {
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'redis-server'), '#!/bin/sh\necho "out of luck"\nexit 3\n', { mode: 0o755 });
  const supervisor = folder.openElsewhere({ ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` });
  expect(await supervisor.end()).toBe(1);
  expect(supervisor.stderr).toContain('redis-server ended with 3 before it answered: out of luck');
});
