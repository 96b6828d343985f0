import { describe, expect, test } from '@jest/globals';
import { readDemoArguments } from '../../src/demo/arguments.ts';
import { OperatorError } from '../../src/operator-error.ts';

describe('the arguments of the demo', () => {
  test('are four real swaps a second, without an end, by default', () => {
    expect(readDemoArguments([])).toEqual({ orders: null, perSecond: 4, simulated: false });
  });

  test.each([
    [['--orders', '50', '--rate', '25'], { orders: 50, perSecond: 25, simulated: false }],
    [['--rate=0.5'], { orders: null, perSecond: 0.5, simulated: false }],
    [['--simulated', '--orders', '1'], { orders: 1, perSecond: 4, simulated: true }],
  ])('%j are read', (args, expected) => {
    expect(readDemoArguments(args)).toEqual(expected);
  });

  test.each([
    [['--orders', 'many'], '--orders many: expected a whole number, 1 to 100000'],
    [['--orders', '0'], '--orders 0: expected a whole number'],
    [['--rate', '0'], '--rate 0: expected orders a second, more than 0 and at most 1000'],
    [['--rate', 'fast'], '--rate fast: expected orders a second'],
    [['--simulated=yes'], "'--simulated' does not take an argument"],
    [['--speed', '9'], "Unknown option '--speed': expected demo [--orders N] [--rate N] [--simulated]"],
    [['--order', '5'], "Unknown option '--order': expected demo [--orders N]"],
    [['--orders'], "Option '--orders <value>' argument missing: expected demo [--orders N]"],
    [['50'], "Unexpected argument '50'"],
  ])('%j are refused, and the error says what was expected', (args, text) => {
    expect(() => readDemoArguments(args)).toThrow(OperatorError);
    expect(() => readDemoArguments(args)).toThrow(text);
  });
});
