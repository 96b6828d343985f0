import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { OperatorError } from '../../src/operator-error.ts';
import { contractsOf, nativeCoinOf, readMarket, tradedTokensOf } from '../../src/settings/chain-file.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const at = (digits: string): string => `0x${digits.repeat(20)}`;
const WETH = { symbol: 'WETH', address: at('11'), decimals: 18 };
const V2 = { kind: 'uniswap-v2', name: 'v2', factory: at('21'), router: at('22') };
const V3 = {
  kind: 'uniswap-v3',
  name: 'v3',
  factory: at('31'),
  router: at('32'),
  quoter: at('33'),
  positionManager: at('34'),
  fees: [100, 2_500],
};
const MARKET = { chainId: 56, multicall3: at('01'), tokens: [WETH], exchanges: [V2, V3] };

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

function read(market: object) {
  const file = join(dir.path, 'chain.json');
  writeFileSync(file, JSON.stringify(market));
  return readMarket(file);
}

test('a file of before is read as it was, and one may name a router of the second kind and an oracle', () => {
  expect(read(MARKET)).toEqual(MARKET);
  const more = { ...MARKET, exchanges: [{ ...V3, routerVersion: 2 }], l1FeeOracle: at('42') };
  expect(read(more)).toEqual(more);
  expect(() => read({ ...MARKET, exchanges: [{ ...V3, routerVersion: 3 }] })).toThrow(OperatorError);
});

test.each([
  [
    'a symbol in another case',
    { tokens: [WETH, { ...WETH, symbol: 'weth', address: at('12') }] },
    'tokens: weth',
  ],
  ['a token by two symbols', { tokens: [WETH, { ...WETH, symbol: 'ETHER' }] }, `tokens: ${at('11')}`],
  ['a venue', { exchanges: [V2, { ...V3, name: 'V2' }] }, 'exchanges: V2'],
])('a file that names %s twice is refused', (_what, over, found) => {
  expect(() => read({ ...MARKET, ...over })).toThrow(`${found} is named twice: expected each once`);
});

test.each([
  ['the first token without its W', {}, 'ETH'],
  ['what the file says', { nativeSymbol: 'ether' }, 'ether'],
  ['nothing where the file says null', { nativeSymbol: null }, null],
  ['nothing where the first token is not named so', { tokens: [{ ...WETH, symbol: 'USDC' }] }, null],
  [
    'nothing where a token of the list has that symbol',
    { tokens: [WETH, { ...WETH, symbol: 'eth', address: at('12') }] },
    null,
  ],
])("the chain's own coin is called %s", (_what, over, symbol) => {
  const market = read({ ...MARKET, ...over });
  expect(nativeCoinOf(market)?.symbol ?? null).toBe(symbol);
  expect(tradedTokensOf(market)).toHaveLength(market.tokens.length + (symbol === null ? 0 : 1));
});

test('a coin with the symbol of a token is refused', () => {
  expect(() => read({ ...MARKET, nativeSymbol: 'weth' })).toThrow('tokens: weth is named twice');
});

test('the contracts of a market are all addresses that its file names', () => {
  const named = contractsOf(read({ ...MARKET, l1FeeOracle: at('42') }));
  const digits = ['01', '42', '11', '21', '22', '31', '32', '33', '34'];
  expect([...named].sort()).toEqual(digits.map(at).sort());
});

test('the explorer is optional, and an address with {hash} in it', () => {
  expect(read(MARKET).explorer).toBeUndefined();
  const explorer = 'https://etherscan.io/tx/{hash}';
  expect(read({ ...MARKET, explorer }).explorer).toBe(explorer);
});

test.each([
  'https://etherscan.io/tx/',
  'javascript:alert("{hash}")',
  'https://{hash}/',
  'etherscan.io/tx/{hash}',
  '',
])('the explorer %j is refused', (explorer) => {
  expect(() => read({ ...MARKET, explorer })).toThrow('expected an address with {hash} in it');
});

test('a file may name its JSON Schema, and an address with a wrong checksum is still refused', () => {
  expect(read({ ...MARKET, $schema: './chain-file.json' }).tokens).toEqual([WETH]);
  const wrong = '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc3';
  for (const multicall3 of [wrong, '0x12', 7]) {
    expect(() => read({ ...MARKET, multicall3 })).toThrow(/multicall3: expected an address/);
  }
});
