import { existsSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isProcessNaming } from '../../src/embedded/process-check.ts';
import { readRunFile } from '../../src/embedded/run-file.ts';
import { eventually } from '../support/eventually.ts';
import { blockNumber, ChainFolder, genesisHash, rpc } from './chain-folder.ts';

let folder: ChainFolder;
beforeEach(() => {
  folder = new ChainFolder();
});
afterEach(() => folder.end(), 30_000);

test('a second user of the folder uses the chain of the first, in the same process or another', async () => {
  const first = await folder.open();
  const pid = folder.pid();
  const second = await folder.open();
  const third = await folder.openedElsewhere();
  expect([first.isOwner(), second.isOwner(), third.isOwner]).toEqual([true, false, false]);
  expect([second.rpcUrl, third.rpcUrl]).toEqual([first.rpcUrl, first.rpcUrl]);
  expect(folder.pid()).toBe(pid);
  await second.close();
  expect(await blockNumber(first.rpcUrl)).toBeGreaterThanOrEqual(0);
});

test('closing leaves no process and no note, and the next owner has the same chain at the same address', async () => {
  const first = await folder.open();
  const pid = folder.pid();
  const genesis = await genesisHash(first.rpcUrl);
  await rpc(first.rpcUrl, 'anvil_setBalance', `0x${'ab'.repeat(20)}`, '0x1234');
  await rpc(first.rpcUrl, 'anvil_mine', '0x5');
  await first.close();
  expect(isProcessNaming(pid, folder.stateFile)).toBe(false);
  expect(existsSync(folder.runFile)).toBe(false);

  const next = await folder.open();
  expect(next.rpcUrl).toBe(first.rpcUrl);
  expect(await genesisHash(next.rpcUrl)).toBe(genesis);
  expect(await blockNumber(next.rpcUrl)).toBeGreaterThanOrEqual(5);
  expect(await rpc(next.rpcUrl, 'eth_getBalance', `0x${'ab'.repeat(20)}`, 'latest')).toBe('0x1234');
});

test('when the owner closes, another process takes over and the chain continues', async () => {
  const { supervisor, rpcUrl, isOwner } = await folder.openedElsewhere();
  expect(isOwner).toBe(true);
  const genesis = await genesisHash(rpcUrl);
  const pid = folder.pid();
  const other = await folder.open();
  await supervisor.end('SIGTERM');
  await folder.isReplaced(pid, rpcUrl);
  expect(other.isOwner()).toBe(true);
  expect(await genesisHash(other.rpcUrl)).toBe(genesis);
});

test('when the owner is killed, another process takes over its running anvil', async () => {
  const { supervisor } = await folder.openedElsewhere();
  const pid = folder.pid();
  const other = await folder.open();
  await supervisor.end('SIGKILL');
  await eventually(
    () => other.isOwner(),
    (owns) => owns,
  );
  expect(folder.pid()).toBe(pid);
  expect(await blockNumber(other.rpcUrl)).toBeGreaterThanOrEqual(0);
});

test('an anvil that outlives its owner is adopted by the next one, which stops it on closing', async () => {
  const { supervisor } = await folder.openedElsewhere();
  const pid = folder.pid();
  await supervisor.end('SIGKILL');
  const next = await folder.open();
  expect(next.isOwner()).toBe(true);
  expect(folder.pid()).toBe(pid);
  await next.close();
  expect(isProcessNaming(pid, folder.stateFile)).toBe(false);
});

test('an anvil without a note is found by the path of its state', async () => {
  const { supervisor, rpcUrl } = await folder.openedElsewhere();
  const pid = folder.pid();
  await supervisor.end('SIGKILL');
  rmSync(folder.runFile);
  const next = await folder.open();
  expect(folder.pid()).toBe(pid);
  expect(next.rpcUrl).toBe(rpcUrl);
});

test('a lost note is written again', async () => {
  await folder.open();
  const pid = folder.pid();
  rmSync(folder.runFile);
  await eventually(
    () => readRunFile(folder.runFile)?.anvil?.pid,
    (noted) => noted === pid,
  );
});

test('when anvil is killed, another one continues from the last dump, at the same address', async () => {
  const { rpcUrl } = await folder.open();
  const genesis = await genesisHash(rpcUrl);
  await rpc(rpcUrl, 'anvil_mine', '0x64');
  await eventually(
    () => blockNumber(rpcUrl),
    (block) => block >= 103,
  );
  const before = await blockNumber(rpcUrl);
  const pid = folder.pid();
  process.kill(pid, 'SIGKILL');
  await folder.isReplaced(pid, rpcUrl);
  expect(await genesisHash(rpcUrl)).toBe(genesis);
  expect(await blockNumber(rpcUrl)).toBeGreaterThanOrEqual(before - 2);
});

test('when owner and anvil are killed together, another process starts one', async () => {
  const { supervisor, rpcUrl } = await folder.openedElsewhere();
  await folder.open();
  const pid = folder.pid();
  await supervisor.end('SIGKILL');
  process.kill(pid, 'SIGKILL');
  await folder.isReplaced(pid, rpcUrl);
});

test('an anvil that hangs is killed, and another one answers', async () => {
  const { rpcUrl } = await folder.open();
  const pid = folder.pid();
  process.kill(pid, 'SIGSTOP');
  await folder.isReplaced(pid, rpcUrl, 25_000);
  expect(isProcessNaming(pid, folder.stateFile)).toBe(false);
});
