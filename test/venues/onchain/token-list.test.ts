import { expect, test } from '@jest/globals';
import { tokenList } from '../../../src/venues/onchain/token-list.ts';

const WETH = { symbol: 'WETH', address: '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2', decimals: 18 };
const USDC = { symbol: 'USDC', address: '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48', decimals: 6 };
const tokens = tokenList([WETH, USDC]);

test.each([
  'WETH',
  'weth',
  WETH.address,
  WETH.address.toLowerCase(),
  `0x${WETH.address.slice(2).toUpperCase()}`,
])('%s is found, whatever its case', (name) => {
  expect(tokens(name)).toEqual(WETH);
});

test('addresses come out with their checksum', () => {
  expect(tokens('usdc').address).toBe('0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48');
});

test.each(['PEPE', `0x${'00'.repeat(20)}`, '', '__proto__'])('%j is unknown, and fails the order', (name) => {
  expect(() => tokens(name)).toThrow(
    expect.objectContaining({
      name: 'EffectError',
      kind: 'fail',
      code: 'unsupported_token',
      message: `${name} is not on the token list: expected one of WETH, USDC, or one of their addresses`,
    }),
  );
});

test('a list that names a token twice is refused', () => {
  expect(() => tokenList([WETH, { ...USDC, symbol: 'weth' }])).toThrow('the token list has weth twice');
});
