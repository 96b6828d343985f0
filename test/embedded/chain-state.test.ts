import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { findAnvil } from '../../src/embedded/anvil-binary.ts';
import { chainDumps } from '../../src/embedded/chain-dumps.ts';
import { checkDump } from '../../src/embedded/dump-check.ts';
import { writeRunFile } from '../../src/embedded/run-file.ts';
import { OperatorError } from '../../src/operator-error.ts';
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
  expect(folder.warnings).toEqual([
    expect.stringContaining('the last dump of the chain is not whole; one before it is used'),
  ]);
});

test('after any number of restarts it is the same chain', async () => {
  const first = await folder.open();
  await rpc(first.rpcUrl, 'anvil_mine', '0x2');
  const genesis = await genesisHash(first.rpcUrl);
  await first.close();
  for (let restart = 0; restart < 6; restart += 1) {
    const next = await folder.open();
    expect(await genesisHash(next.rpcUrl)).toBe(genesis);
    expect(await blockNumber(next.rpcUrl)).toBeGreaterThanOrEqual(2);
    await next.close();
  }
});

test('a chain that has forgotten its oldest transactions is gone on from', async () => {
  const before = await folder.open();
  const [from] = z.array(z.string()).parse(await rpc(before.rpcUrl, 'eth_accounts'));
  const hash = await rpc(before.rpcUrl, 'eth_sendTransaction', { from, to: from, value: '0x1' });
  await rpc(before.rpcUrl, 'anvil_mine', '0x1');
  expect(await rpc(before.rpcUrl, 'eth_getTransactionReceipt', hash)).not.toBeNull();
  await rpc(before.rpcUrl, 'anvil_mine', '0x400');
  expect(await rpc(before.rpcUrl, 'eth_getTransactionReceipt', hash)).toBeNull();
  await before.close();
  expect(checkDump(folder.stateFile)).toBe('whole');

  const next = await folder.open();
  expect(await rpc(next.rpcUrl, 'eth_getTransactionCount', from, 'latest')).toBe('0x1');
  expect(folder.warnings).toEqual([]);
}, 60_000);

test('where no state can be read a new chain begins, and that is said', async () => {
  const before = await folder.open();
  const { rpcUrl } = before;
  const genesis = await genesisHash(rpcUrl);
  await untilCopied();
  await before.close();
  for (const end of ['', '.1', '.2']) writeFileSync(`${folder.stateFile}${end}`, '{"block":');

  const next = await folder.open();
  expect(await genesisHash(next.rpcUrl)).not.toBe(genesis);
  expect(folder.warnings[0]).toContain('no dump of the chain can be read; a new chain begins');
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

test('of a dump whose accounts are a block ahead of its transactions, a copy is used', async () => {
  const before = await folder.open();
  const [from, to] = [`0x${'a1'.repeat(20)}`, `0x${'b2'.repeat(20)}`];
  await rpc(before.rpcUrl, 'anvil_setBalance', from, '0xde0b6b3a7640000');
  await rpc(before.rpcUrl, 'anvil_impersonateAccount', from);
  await rpc(before.rpcUrl, 'eth_sendTransaction', { from, to, value: '0x1' });
  await eventually(
    () => rpc(before.rpcUrl, 'eth_getTransactionCount', from, 'latest'),
    (count) => count === '0x1',
  );
  const block = await blockNumber(before.rpcUrl);
  await eventually(
    () =>
      checkDump(`${folder.stateFile}.2`) === 'whole' &&
      readFileSync(`${folder.stateFile}.2`, 'utf8').includes(to),
    (copied) => copied,
  );
  await before.close();
  const whole = readFileSync(folder.stateFile, 'utf8');
  expect(checkDump(folder.stateFile)).toBe('whole');
  // As anvil writes it when it reads the accounts one block later than the transactions.
  const ahead = whole.replaceAll(/("nonce":)1(?=,"balance":"0x[0-9a-f]+","code":"0x")/g, '$12');
  expect(ahead).not.toBe(whole);
  writeFileSync(folder.stateFile, ahead);
  expect(checkDump(folder.stateFile)).toBe('torn');

  const next = await folder.open();
  expect(await rpc(next.rpcUrl, 'eth_getTransactionCount', from, 'latest')).toBe('0x1');
  expect(await blockNumber(next.rpcUrl)).toBeGreaterThanOrEqual(block);
  expect(folder.warnings).toEqual([expect.stringContaining('one before it is used')]);
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
  await expect(folder.open()).rejects.toThrow(
    /anvil ended with 2 before it answered: error: invalid value.*or EXECUTION=simulated/,
  );
  rmSync(folder.stateFile);
});

test('where no anvil is built for the platform it says which package was looked for', () => {
  expect(() => findAnvil('sunos', 'sparc')).toThrow(OperatorError);
  expect(() => findAnvil('sunos', 'sparc')).toThrow(/@foundry-rs\/anvil-sunos-sparc is not installed/);
});
