import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isProcessNaming } from '../../src/embedded/process-check.ts';
import { pingRedis } from '../../src/embedded/redis/redis-child.ts';
import { ENDS_WITHIN_MS } from '../../src/embedded/watchdog.ts';
import { sleep } from '../../src/runtime/time.ts';
import { eventually } from '../support/eventually.ts';
import { DataFolder } from './supervisor.ts';

let folder: DataFolder;
beforeEach(() => {
  folder = new DataFolder();
});
afterEach(() => folder.end());

test('a server answers, and closing leaves no process, no socket and no run file', async () => {
  const redis = await folder.open();
  const pid = folder.pid();
  expect(redis.isOwner()).toBe(true);
  expect(await pingRedis(redis.socketPath)).toBe(true);
  await redis.close();
  expect(isProcessNaming(pid, redis.socketPath)).toBe(false);
  expect(existsSync(redis.socketPath)).toBe(false);
  expect(existsSync(folder.runFile)).toBe(false);
});

test('a second user of the folder uses the server of the first, in the same process or another', async () => {
  const first = await folder.open();
  const pid = folder.pid();
  const second = await folder.open();
  const third = await folder.openElsewhere().opened();
  expect([first.isOwner(), second.isOwner(), third.isOwner]).toEqual([true, false, false]);
  expect(third.socketPath).toBe(first.socketPath);
  expect(folder.pid()).toBe(pid);
  await second.close();
  expect(await pingRedis(first.socketPath)).toBe(true);
});

test('when the owner closes, another process takes over and a server answers again', async () => {
  const owner = folder.openElsewhere();
  const { socketPath, isOwner } = await owner.opened();
  expect(isOwner).toBe(true);
  const pid = folder.pid();
  const other = await folder.open();
  await owner.end('SIGTERM');
  await folder.isReplaced(pid, socketPath);
  expect(other.isOwner()).toBe(true);
});

test('when the owner is killed, another process takes over its running server', async () => {
  const owner = folder.openElsewhere();
  const { socketPath } = await owner.opened();
  const pid = folder.pid();
  const other = await folder.open();
  await owner.end('SIGKILL');
  await eventually(
    () => other.isOwner(),
    (owns) => owns,
    2_000,
  );
  expect(await pingRedis(socketPath)).toBe(true);
  expect(folder.pid()).toBe(pid);
});

test('a server that outlives its owner is adopted by the next one, which stops it on closing', async () => {
  const owner = folder.openElsewhere();
  const { socketPath } = await owner.opened();
  const pid = folder.pid();
  await owner.end('SIGKILL');
  const next = await folder.open();
  expect(next.isOwner()).toBe(true);
  expect(folder.pid()).toBe(pid);
  await next.close();
  expect(isProcessNaming(pid, socketPath)).toBe(false);
});

test('when the server is killed, another one answers', async () => {
  const { socketPath } = await folder.open();
  const pid = folder.pid();
  process.kill(pid, 'SIGKILL');
  await folder.isReplaced(pid, socketPath);
});

test('a server that hangs is killed, and another one answers', async () => {
  const { socketPath } = await folder.open();
  const pid = folder.pid();
  process.kill(pid, 'SIGSTOP');
  await folder.isReplaced(pid, socketPath, 15_000);
  expect(isProcessNaming(pid, socketPath)).toBe(false);
});

test('when owner and server are killed together, another process starts a server', async () => {
  const owner = folder.openElsewhere();
  const { socketPath } = await owner.opened();
  await folder.open();
  const pid = folder.pid();
  await owner.end('SIGKILL');
  process.kill(pid, 'SIGKILL');
  await folder.isReplaced(pid, socketPath);
});

test('a server whose last owner was killed ends by itself, and leaves one that has an owner alone', async () => {
  const owner = folder.openElsewhere();
  const { socketPath } = await owner.opened();
  const other = folder.openElsewhere();
  await other.opened();
  const pid = folder.pid();
  await owner.end('SIGKILL');
  // Longer than the watchdog waits: that nothing happens can only be seen by waiting.
  await sleep(ENDS_WITHIN_MS);
  expect(isProcessNaming(pid, socketPath)).toBe(true);
  await other.end('SIGKILL');
  await eventually(
    () => isProcessNaming(pid, socketPath),
    (runs) => !runs,
    2 * ENDS_WITHIN_MS,
  );
});
