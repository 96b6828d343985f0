import { expect, test } from '@jest/globals';
import { searchOf } from '../../../src/orders/reading/search-orders.ts';
import { ANY_TOKEN, listedTokens } from '../../../src/settings/token-names.ts';

const HASH = `0x${'aB'.repeat(32)}`;
const ADDRESS = `0x${'Cd'.repeat(20)}`;
const LISTED = listedTokens([{ symbol: 'WETH', address: ADDRESS }]);

test.each([
  [HASH, { terms: [`tx:${HASH.toLowerCase()}`], clientOrderId: HASH }],
  ['usdc', { terms: ['token:usdc', 'code:usdc'], idPrefix: 'usdc', clientOrderId: 'usdc' }],
  ['abc', { terms: ['token:abc', 'code:abc'], clientOrderId: 'abc' }],
  ['no_liquidity', { terms: ['token:no_liquidity', 'code:no_liquidity'], clientOrderId: 'no_liquidity' }],
  ['Bot-7', { terms: ['token:bot-7'], clientOrderId: 'Bot-7' }],
  ['WETH/usdc', { terms: ['token:weth/usdc', 'pair:weth/usdc'], clientOrderId: 'WETH/usdc' }],
])('"%s" is looked for as everything that it may be', (text, expected) => {
  expect(searchOf(text, ANY_TOKEN)).toEqual(expected);
});

test('a listed token is looked for by its symbol and by its address', () => {
  const terms = ['token:weth', `token:${ADDRESS.toLowerCase()}`];
  for (const text of ['WETH', 'weth', ADDRESS]) {
    expect(new Set(searchOf(text, LISTED).terms.filter((term) => term.startsWith('token:')))).toEqual(
      new Set(terms),
    );
  }
  expect(searchOf(`WETH/${ADDRESS}`, LISTED).terms.filter((term) => term.startsWith('pair:'))).toHaveLength(
    4,
  );
});
