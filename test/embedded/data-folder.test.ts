import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { HOW_TO_GET_REDIS, pingRedis } from '../../src/embedded/redis-child.ts';
import { writeRunFile } from '../../src/embedded/run-file.ts';
import { DataFolder } from './supervisor.ts';

let folder: DataFolder;
afterEach(() => folder.end());

test('a note with the pid of a process that is not our server kills nobody', async () => {
  folder = new DataFolder();
  writeRunFile(folder.runFile, {
    redis: { pid: process.pid, socketPath: join(folder.path, 'redis.sock') },
  });
  const { socketPath } = await folder.open();
  expect(folder.pid()).not.toBe(process.pid);
  expect(await pingRedis(socketPath)).toBe(true);
});

test.each(['', '{"redis":{"pid":', '{"redis":{"pid":-1,"socketPath":"x"}}', '[]'])(
  'a note that cannot be read is survived: %j',
  async (text) => {
    folder = new DataFolder();
    writeFileSync(folder.runFile, text);
    const { socketPath } = await folder.open();
    expect(await pingRedis(socketPath)).toBe(true);
  },
);

test('a socket that a dead server left is no obstacle', async () => {
  folder = new DataFolder();
  writeFileSync(join(folder.path, 'redis.sock'), '');
  const { socketPath } = await folder.open();
  expect(await pingRedis(socketPath)).toBe(true);
});

test('a folder whose path is too long for a socket has its socket elsewhere, the same for everybody', async () => {
  folder = new DataFolder((path) => join(path, 'a'.repeat(60), 'é'.repeat(40)));
  mkdirSync(folder.path, { recursive: true });
  const first = await folder.open();
  const second = await folder.open();
  expect(dirname(first.socketPath)).not.toBe(folder.path);
  expect(second.socketPath).toBe(first.socketPath);
  expect(await pingRedis(first.socketPath)).toBe(true);
});

test('without a redis-server on the PATH it says how to get one, and leaves the folder free', async () => {
  folder = new DataFolder();
  const supervisor = folder.openElsewhere({ ...process.env, PATH: folder.path });
  expect(await supervisor.end()).toBe(1);
  expect(supervisor.stderr).toContain(`OperatorError: ${HOW_TO_GET_REDIS}`);
  expect((await folder.open()).isOwner()).toBe(true);
});
