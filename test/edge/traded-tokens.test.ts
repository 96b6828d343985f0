/** Which token list an api takes, by its settings. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NATIVE_COIN } from '../../machines/native-coin.ts';
import { openLimits } from '../../src/app/adapters/open-limits.ts';
import { knownContracts } from '../../src/app/adapters/known-contracts.ts';
import { tradedTokens } from '../../src/app/adapters/traded-tokens.ts';
import { readConfig } from '../../src/settings/config.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const WETH = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2';
const OTHER = `0x${'77'.repeat(20)}`;
const RPC_URL = 'http://127.0.0.1:8545';

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

function namesOf(env: Record<string, string>): readonly (string | null)[] {
  const localChain = { rpcUrl: '', chainDir: dir.path };
  const { nameOf } = tradedTokens(readConfig(env), { localChain });
  return ['WETH', 'PEPE', OTHER].map((name) => nameOf(name)?.slice(0, 4) ?? null);
}

function chainFile(): string {
  const path = join(dir.path, 'chain.json');
  const tokens = [{ symbol: 'WETH', address: WETH, decimals: 18 }];
  writeFileSync(path, JSON.stringify({ chainId: 1, multicall3: WETH, tokens, exchanges: [] }));
  return path;
}

describe('an api knows', () => {
  test('the tokens of CHAIN_FILE', () => {
    expect(namesOf({ RPC_URL, CHAIN_FILE: chainFile() })).toEqual(['0xc0', null, null]);
  });

  test('those of the private chain in its data folder, before they are deployed', () => {
    expect(namesOf({})).toEqual([expect.stringMatching(/^0x/), null, null]);
  });

  test('on a shared database only the symbols: the workers may have another data folder', () => {
    const MONGODB_URL = 'mongodb://127.0.0.1/x';
    expect(namesOf({ MONGODB_URL })).toEqual([expect.stringMatching(/^0x/), null, '0x77']);
  });

  test('none in the simulation, nor without CHAIN_FILE, and accepts any', () => {
    expect(namesOf({ EXECUTION: 'simulated' })).toEqual(['WETH', 'PEPE', '0X77']);
    expect(namesOf({ RPC_URL })).toEqual(['WETH', 'PEPE', '0X77']);
  });
});

test('limits need the list: without CHAIN_FILE they stop the start', () => {
  expect(() => namesOf({ RPC_URL, LIMITS_FILE: 'limits.json' })).toThrow(/CHAIN_FILE/);
});

test("a limit on the wrapped token holds for the chain's own coin", () => {
  const tokens = tradedTokens(readConfig({ RPC_URL, CHAIN_FILE: chainFile() }), { localChain: null });
  const file = join(dir.path, 'limits.json');
  writeFileSync(file, JSON.stringify({ perOrder: { WETH: '5' }, allowedTokens: ['WETH'] }));
  const unused = () => Promise.reject(new Error('not used'));
  const limits = openLimits({ LIMITS_FILE: file }, tokens, { add: unused, total: unused, all: unused });
  const selling = (sellAmount: string) => ({
    sellToken: 'ETH',
    buyToken: NATIVE_COIN,
    sellAmount,
    slippageBps: 1,
  });
  expect(() => limits.check(selling('5'))).not.toThrow();
  expect(() => limits.check(selling('6'))).toThrow(expect.objectContaining({ code: 'limit_per_order' }));
});

describe('the contracts that orders must not pay are', () => {
  const contractsOf = (env: Record<string, string>): number =>
    knownContracts(readConfig(env), { localChain: { rpcUrl: '', chainDir: dir.path } }).size;

  test('those of CHAIN_FILE, those of the private chain, and none where neither is known', () => {
    expect(contractsOf({ RPC_URL, CHAIN_FILE: chainFile() })).toBe(1);
    expect(contractsOf({})).toBe(13);
    expect(contractsOf({ RPC_URL })).toBe(0);
    expect(contractsOf({ EXECUTION: 'simulated' })).toBe(0);
  });
});
