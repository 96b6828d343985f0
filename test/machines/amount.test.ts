import { describe, expect, test } from '@jest/globals';
import {
  lessBasisPoints,
  MAX_AMOUNT,
  parseAmount,
  parseTokens,
  printAmount,
  printTokens,
  printWholeTokens,
} from '../../machines/amount.ts';

describe('an amount', () => {
  test.each(['0', '1', '1000000000000000000', MAX_AMOUNT.toString()])(
    '%s is the same after parsing and printing',
    (text) => {
      expect(printAmount(parseAmount(text))).toBe(text);
    },
  );

  test.each([
    '',
    '-1',
    '+1',
    '01',
    '1.0',
    '1e18',
    ' 1',
    '0x10',
    'NaN',
    '١',
    (MAX_AMOUNT + 1n).toString(),
    '9'.repeat(500),
  ])('"%s" is refused', (text) => {
    expect(() => parseAmount(text)).toThrow(RangeError);
  });

  test('less basis points is rounded down, so that a minimum is never too high', () => {
    expect(lessBasisPoints(2_000n, 50)).toBe(1_990n);
    expect(lessBasisPoints(999n, 50)).toBe(994n);
    expect(lessBasisPoints(MAX_AMOUNT, 10_000)).toBe(0n);
  });

  test.each([
    [0n, 18, '0'],
    [1_780_000n, 6, '1.78'],
    [3_952_610_743n, 6, '3952.610743'],
    [653_185_539_254_075n, 18, '0.000653185'],
    [1n, 18, '0.000000000000000001'],
    [1_000_000_999_999_999_999n, 18, '1'],
    [42n, 0, '42'],
  ])('%s base units with %s decimals are printed as %s', (amount, decimals, text) => {
    expect(printWholeTokens(amount, decimals)).toBe(text);
  });
  test.each([
    ['0', 18, 0n],
    ['1.5', 6, 1_500_000n],
    ['1.500000', 6, 1_500_000n],
    ['1.50000000', 6, 1_500_000n],
    ['0.000000000000000001', 18, 1n],
    ['9007199254740993.000000000000000001', 18, 9_007_199_254_740_993_000_000_000_000_000_001n],
    ['007', 0, 7n],
  ])('%s tokens with %s decimals are %s base units, and are printed exactly', (text, decimals, amount) => {
    expect(parseTokens(text, decimals)).toBe(amount);
    expect(parseTokens(printTokens(amount, decimals), decimals)).toBe(amount);
  });

  test.each([
    ['0.0000001', 6],
    ['1e3', 6],
    ['-1', 6],
    ['1,000', 6],
    ['.5', 6],
    ['1.', 6],
    ['', 6],
    ['1.5', 0],
    ['9'.repeat(78), 18],
  ])('"%s" is not an amount of a token with %s decimals', (text, decimals) => {
    expect(() => parseTokens(text, decimals)).toThrow(RangeError);
  });

  test.each([
    [1_500_000n, 6, '1.5'],
    [1_000_000_999_999_999_999n, 18, '1.000000999999999999'],
    [42n, 0, '42'],
    [0n, 18, '0'],
  ])('%s base units with %s decimals are exactly %s', (amount, decimals, text) => {
    expect(printTokens(amount, decimals)).toBe(text);
  });
});
