import { describe, expect, test } from '@jest/globals';
import {
  lessBasisPoints,
  MAX_AMOUNT,
  parseAmount,
  printAmount,
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
});
