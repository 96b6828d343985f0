import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { findAnvil } from '../../src/embedded/anvil/anvil-binary.ts';
import { chainDumps } from '../../src/embedded/anvil/chain-dumps.ts';
import { checkDump } from '../../src/embedded/anvil/check-dump.ts';
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

/** Another process may have the port for a moment, of a connection of its own. */
async function listenAt(port: number): Promise<Server> {
  const server = createServer();
  await eventually(
    async () => {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening').catch(() => undefined);
      return server.listening;
    },
    (listening) => listening,
  );
  return server;
}

test('after a half-written dump, a copy of an older one is used', async () => {
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
    expect.stringContaining('the last dump of the chain is not whole: using an older one'),
  ]);
});

test('the chain stays the same after many restarts', async () => {
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

test('a chain that has dropped its oldest transactions continues', async () => {
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

test('a new chain starts when no dump can be read, with a warning', async () => {
  const before = await folder.open();
  const { rpcUrl } = before;
  const genesis = await genesisHash(rpcUrl);
  await untilCopied();
  await before.close();
  for (const end of ['', '.1', '.2']) writeFileSync(`${folder.stateFile}${end}`, '{"block":');

  const next = await folder.open();
  expect(await genesisHash(next.rpcUrl)).not.toBe(genesis);
  expect(folder.warnings[0]).toContain('no dump of the chain can be read: starting a new chain');
  expect(existsSync(`${folder.stateFile}.unreadable`)).toBe(true);
});

test('a dump is copied when two checks found it unchanged and whole, and not when it is half-written', async () => {
  const dir = tempDir();
  const file = join(dir.path, 'state.json');
  const dumps = chainDumps(file);
  const backUps = async (): Promise<string> => {
    for (let call = 0; call < 3; call += 1) await dumps.backUp();
    return existsSync(`${file}.1`) ? readFileSync(`${file}.1`, 'utf8') : 'none';
  };
  expect(await backUps()).toBe('none');
  writeFileSync(file, '{"whole":1}');
  await dumps.backUp();
  expect(existsSync(`${file}.1`)).toBe(false);
  expect(await backUps()).toBe('{"whole":1}');
  writeFileSync(file, '{"half":{"a":1},"b');
  expect(await backUps()).toBe('{"whole":1}');
  // It is not whole, but it ends like a whole one. Then the older copy is used.
  writeFileSync(file, '{"half":{"a":1}');
  expect(await backUps()).toBe('{"half":{"a":1}');
  expect(dumps.restore()).toBe('from a copy');
  expect(readFileSync(file, 'utf8')).toBe('{"whole":1}');
  dir.remove();
});

test('a copy is used when the accounts of a dump are a block ahead of its transactions', async () => {
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
  // The dump that anvil writes when it reads the accounts one block after the transactions.
  const ahead = whole.replaceAll(/("nonce":)1(?=,"balance":"0x[0-9a-f]+","code":"0x")/g, '$12');
  expect(ahead).not.toBe(whole);
  writeFileSync(folder.stateFile, ahead);
  expect(checkDump(folder.stateFile)).toBe('torn');

  const next = await folder.open();
  expect(await rpc(next.rpcUrl, 'eth_getTransactionCount', from, 'latest')).toBe('0x1');
  expect(await blockNumber(next.rpcUrl)).toBeGreaterThanOrEqual(block);
  expect(folder.warnings).toEqual([expect.stringContaining('using an older one')]);
});

test('another port is chosen when the port is in use', async () => {
  const first = await folder.open();
  await first.close();
  const squatter = await listenAt(Number(new URL(first.rpcUrl).port));
  const next = await folder.open();
  expect(next.rpcUrl).not.toBe(first.rpcUrl);
  expect(await blockNumber(next.rpcUrl)).toBeGreaterThanOrEqual(0);
  await new Promise((resolve) => squatter.close(resolve));
});

test('the chain of another folder is not used, even if its port and pid are noted', async () => {
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

test.each(['', 'no port', '0', '99999'])('an unreadable port file (%j) is replaced', async (text) => {
  writeFileSync(join(folder.chainDir, 'port'), text);
  const { rpcUrl } = await folder.open();
  expect(await blockNumber(rpcUrl)).toBeGreaterThanOrEqual(0);
});

test('the error quotes anvil when it refuses its state', async () => {
  writeFileSync(folder.stateFile, '{"not":"a state"}');
  await expect(folder.open()).rejects.toThrow(
    /anvil ended with 2 before it answered: error: invalid value.*or EXECUTION=simulated/,
  );
  rmSync(folder.stateFile);
});

test('the error names the missing package on a platform without anvil', () => {
  expect(() => findAnvil('sunos', 'sparc')).toThrow(OperatorError);
  expect(() => findAnvil('sunos', 'sparc')).toThrow(/@foundry-rs\/anvil-sunos-sparc is not installed/);
});
