import { expect, test } from '@jest/globals';
import { marketSchema } from '../../src/settings/chain-file.ts';

const MARKET = {
  chainId: 1,
  multicall3: '0xcA11bde05977b3631167028862bE2a173976CA11',
  tokens: [],
  exchanges: [],
};

test('the explorer is optional, and an address with {hash} in it', () => {
  expect(marketSchema.parse(MARKET).explorer).toBeUndefined();
  const explorer = 'https://etherscan.io/tx/{hash}';
  expect(marketSchema.parse({ ...MARKET, explorer }).explorer).toBe(explorer);
});

test.each([
  'https://etherscan.io/tx/',
  'javascript:alert("{hash}")',
  'https://{hash}/',
  'etherscan.io/tx/{hash}',
  '',
])('the explorer %j is refused', (explorer) => {
  expect(() => marketSchema.parse({ ...MARKET, explorer })).toThrow('expected an address with {hash} in it');
});
