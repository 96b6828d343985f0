import { describe, expect, test } from '@jest/globals';
import { NATIVE_COIN } from '../../machines/native-coin.ts';
import { ANY_TOKEN, listedTokens, orAnyAddress } from '../../src/settings/token-names.ts';

const WETH = '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2';
const OTHER = `0x${'77'.repeat(20)}`;
const listed = listedTokens([{ symbol: 'WETH', address: WETH }]);

describe('a token', () => {
  test.each(['WETH', 'weth', WETH, WETH.toLowerCase()])('of a list has one name under %s', (name) => {
    expect(listed.nameOf(name)).toBe(WETH.toLowerCase());
  });

  test('that is not on the list has none', () => {
    expect([listed.nameOf('PEPE'), listed.nameOf(OTHER)]).toEqual([null, null]);
  });

  test('of another data folder is accepted by its address, not by an unknown symbol', () => {
    const { nameOf, symbols } = orAnyAddress(listed);
    expect([nameOf('weth'), nameOf(OTHER), nameOf('PEPE')]).toEqual([WETH.toLowerCase(), OTHER, null]);
    expect(symbols).toEqual(['WETH']);
  });

  test("of the list that is the chain's own coin has a name of its own, and is one asset with the first token", () => {
    const { nameOf, assetOf } = orAnyAddress(
      listedTokens([
        { symbol: 'WETH', address: WETH },
        { symbol: 'ETH', address: NATIVE_COIN },
      ]),
    );
    for (const name of ['eth', NATIVE_COIN, NATIVE_COIN.toLowerCase()]) {
      expect([nameOf(name), assetOf(name)]).toEqual([NATIVE_COIN.toLowerCase(), WETH.toLowerCase()]);
    }
    expect([assetOf('WETH'), assetOf(OTHER), assetOf('PEPE')]).toEqual([WETH.toLowerCase(), OTHER, null]);
  });

  test('of the simulation has the name that is sent, in capitals', () => {
    expect([ANY_TOKEN.nameOf('pepe'), ANY_TOKEN.nameOf('PEPE')]).toEqual(['PEPE', 'PEPE']);
  });
});
