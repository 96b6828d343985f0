import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findAnvil } from '../../src/embedded/anvil-binary.ts';
import { chainDumps } from '../../src/embedded/chain-dumps.ts';
import { writeRunFile } from '../../src/embedded/run-file.ts';
import { UserFault } from '../../src/user-fault.ts';
import { eventually } from '../support/eventually.ts';
import { tempDir } from '../support/temp-dir.ts';
import { blockNumber, ChainFolder, genesisHash, rpc } from './chain-folder.ts';

let folder: ChainFolder;
beforeEach(() => {
  folder = new ChainFolder();
});
afterEach(() => folder.end(), 30_000);

async function untilCopied(): Promise<void> {
  await eventually(
    () => [1, 2].every((generation) => existsSync(`${folder.stateFile}.${generation}`)),
    (copied) => copied,
  );
}

test('of a state that was half written, the copy of the one before is used', async () => {
  const before = await folder.open();
  const { rpcUrl } = before;
  await rpc(rpcUrl, 'anvil_mine', '0x64');
  const genesis = await genesisHash(rpcUrl);
  await untilCopied();
  await eventually(
    () => readFileSync(`${folder.stateFile}.2`).byteLength,
    (bytes) => bytes > 100_000,
  );
  await before.close();
  truncateSync(folder.stateFile, 50_000);

  const next = await folder.open();
  expect(await genesisHash(next.rpcUrl)).toBe(genesis);
  expect(await blockNumber(next.rpcUrl)).toBeGreaterThanOrEqual(100);
  expect(folder.warnings).toEqual(['the last state of the chain is half written; the one before is used']);
});

test('where no state can be read a new chain begins, and that is said', async () => {
  const before = await folder.open();
  const { rpcUrl } = before;
  const genesis = await genesisHash(rpcUrl);
  await untilCopied();
  await before.close();
  for (const end of ['', '.1', '.2']) writeFileSync(`${folder.stateFile}${end}`, '{"block":');

  const next = await folder.open();
  expect(await genesisHash(next.rpcUrl)).not.toBe(genesis);
  expect(folder.warnings[0]).toContain('no state of the chain can be read; a new chain begins');
  expect(existsSync(`${folder.stateFile}.unreadable`)).toBe(true);
});

test('a copy is made of a dump that two looks found the same and whole, never of half a one', async () => {
  const dir = tempDir();
  const file = join(dir.path, 'state.json');
  const dumps = chainDumps(file);
  const looks = async (): Promise<string> => {
    for (let look = 0; look < 3; look += 1) await dumps.keep();
    return existsSync(`${file}.1`) ? readFileSync(`${file}.1`, 'utf8') : 'none';
  };
  expect(await looks()).toBe('none');
  writeFileSync(file, '{"whole":1}');
  await dumps.keep();
  expect(existsSync(`${file}.1`)).toBe(false);
  expect(await looks()).toBe('{"whole":1}');
  writeFileSync(file, '{"half":{"a":1},"b');
  expect(await looks()).toBe('{"whole":1}');
  // It looks whole from its end, and is not: that is what the older copy is for.
  writeFileSync(file, '{"half":{"a":1}');
  expect(await looks()).toBe('{"half":{"a":1}');
  expect(dumps.restore()).toBe('from a copy');
  expect(readFileSync(file, 'utf8')).toBe('{"whole":1}');
  dir.remove();
});

test('a port that somebody else listens on is given up for another', async () => {
  const first = await folder.open();
  await first.close();
  const squatter = createServer().listen(Number(new URL(first.rpcUrl).port), '127.0.0.1');
  const next = await folder.open();
  expect(next.rpcUrl).not.toBe(first.rpcUrl);
  expect(await blockNumber(next.rpcUrl)).toBeGreaterThanOrEqual(0);
  await new Promise((resolve) => squatter.close(resolve));
});

test('the chain of another folder is not taken for ours, whatever port and pid are noted', async () => {
  const other = new ChainFolder();
  const theirs = await other.open();
  const port = Number(new URL(theirs.rpcUrl).port);
  writeFileSync(join(folder.chainDir, 'port'), `${port}\n`);
  writeRunFile(folder.runFile, { anvil: { pid: other.pid(), port } });
  const ours = await folder.open();
  expect(ours.rpcUrl).not.toBe(theirs.rpcUrl);
  expect(await blockNumber(theirs.rpcUrl)).toBeGreaterThanOrEqual(0);
  await other.end();
});

test.each(['', 'no port', '0', '99999'])('a file of the port that says %j is survived', async (text) => {
  writeFileSync(join(folder.chainDir, 'port'), text);
  const { rpcUrl } = await folder.open();
  expect(await blockNumber(rpcUrl)).toBeGreaterThanOrEqual(0);
});

test('a state that anvil refuses is quoted', async () => {
  writeFileSync(folder.stateFile, '{"not":"a state"}');
  await expect(folder.open()).rejects.toThrow(/anvil ended with 2 before it answered: error: invalid value/);
  rmSync(folder.stateFile);
});

test('where no anvil is built for the platform it says which package was looked for', () => {
  expect(() => findAnvil('sunos', 'sparc')).toThrow(UserFault);
  expect(() => findAnvil('sunos', 'sparc')).toThrow(/@foundry-rs\/anvil-sunos-sparc is not installed/);
});
