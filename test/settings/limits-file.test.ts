import { describe, expect, test } from '@jest/globals';
import { InvalidLimits, readLimits } from '../../src/settings/limits-file.ts';

const WETH = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2';
const USDC = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48';
const NAMES = new Map([
  ['weth', WETH],
  [WETH, WETH],
  ['usdc', USDC],
  [USDC, USDC],
]);

function read(json: unknown) {
  return readLimits(json, (token) => NAMES.get(token.toLowerCase()) ?? null, ['WETH', 'USDC']);
}

function refusal(json: unknown): string {
  try {
    read(json);
  } catch (thrown) {
    if (thrown instanceof InvalidLimits) return thrown.message;
    throw thrown;
  }
  throw new Error('these limits were taken');
}

describe('limits', () => {
  test('may name their JSON Schema, for editors', () => {
    const $schema = '../docs/schemas/limits-file.json';
    expect(read({ $schema, perOrder: { WETH: '5' } }).perOrder).toEqual(new Map([[WETH, 5n]]));
    expect(refusal({ $schema: 1 })).toContain('$schema');
  });

  test('are read by whichever name a token has', () => {
    expect(
      read({
        perOrder: { weth: '5' },
        perOwnerAndDay: {
          [USDC.toUpperCase().replace('0X', '0x')]: '340282366920938463463374607431768211456',
        },
        allowedTokens: ['WETH', USDC],
        allowedRecipients: ['0xabcdEfaBCdEF0123456789abCdEfAbCdEF012345'],
      }),
    ).toEqual({
      perOrder: new Map([[WETH, 5n]]),
      perOwnerAndDay: new Map([[USDC, 2n ** 128n]]),
      allowedTokens: new Set([WETH, USDC]),
      allowedRecipients: new Set(['0xabcdefabcdef0123456789abcdefabcdef012345']),
    });
  });

  test('that are not set do not limit orders', () => {
    expect(read({})).toEqual({
      perOrder: new Map(),
      perOwnerAndDay: new Map(),
      allowedTokens: null,
      allowedRecipients: null,
    });
  });

  test.each([
    [
      'a symbol that is not traded',
      { perOrder: { WEHT: '5' } },
      /^perOrder\.WEHT: WEHT is not on the token list, expected one of WETH, USDC$/,
    ],
    [
      'an allowed token that is not traded',
      { allowedTokens: ['DAI'] },
      /^allowedTokens: DAI is not on the token list/,
    ],
    [
      'a JSON number',
      { perOwnerAndDay: { WETH: 5 } },
      /^perOwnerAndDay\.WETH: expected base units as a decimal string/,
    ],
    ['text', { perOrder: { WETH: '1.5' } }, /^perOrder\.WETH: expected base units as a decimal string/],
    ['a token under two names', { perOrder: { WETH: '5', [WETH]: '6' } }, /^perOrder\.0xc02.*expected once$/],
    ['no address', { allowedRecipients: ['bob'] }, /^allowedRecipients\.0: expected an address/],
    ['a misspelt field', { perorder: {} }, /^the file: Unrecognized key: "perorder"$/],
    ['no object', [], /^the file: /],
  ])('with %s are refused, with where it stands and what was expected', (_, json, message) => {
    expect(refusal(json)).toMatch(message);
  });
});
