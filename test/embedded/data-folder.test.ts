import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { HOW_TO_GET_REDIS, pingRedis } from '../../src/embedded/redis/redis-child.ts';
import { writeRunFile } from '../../src/embedded/run-file.ts';
import { DataFolder } from './supervisor.ts';

let folder: DataFolder;
afterEach(() => folder.end());

test('a noted pid of another process is not killed', async () => {
  folder = new DataFolder();
  writeRunFile(folder.runFile, {
    redis: { pid: process.pid, socketPath: join(folder.path, 'redis.sock') },
  });
  const { socketPath } = await folder.open();
  expect(folder.pid()).not.toBe(process.pid);
  expect(await pingRedis(socketPath)).toBe(true);
});

test.each(['', '{"redis":{"pid":', '{"redis":{"pid":-1,"socketPath":"x"}}', '[]'])(
  'an unreadable note (%j) is replaced',
  async (text) => {
    folder = new DataFolder();
    writeFileSync(folder.runFile, text);
    const { socketPath } = await folder.open();
    expect(await pingRedis(socketPath)).toBe(true);
  },
);

test('the socket of a dead server is replaced', async () => {
  folder = new DataFolder();
  writeFileSync(join(folder.path, 'redis.sock'), '');
  const { socketPath } = await folder.open();
  expect(await pingRedis(socketPath)).toBe(true);
});

test('a folder with a path too long for a socket has it elsewhere, and all processes find it', async () => {
  folder = new DataFolder((path) => join(path, 'a'.repeat(60), 'é'.repeat(40)));
  mkdirSync(folder.path, { recursive: true });
  const first = await folder.open();
  const second = await folder.open();
  expect(dirname(first.socketPath)).not.toBe(folder.path);
  expect(second.socketPath).toBe(first.socketPath);
  expect(await pingRedis(first.socketPath)).toBe(true);
});

test('the error says how to get redis-server when it is missing, and the folder is released', async () => {
  folder = new DataFolder();
  const supervisor = folder.openElsewhere({ ...process.env, PATH: folder.path });
  expect(await supervisor.end()).toBe(1);
  expect(supervisor.stderr).toContain(HOW_TO_GET_REDIS);
  expect((await folder.open()).isOwner()).toBe(true);
});
