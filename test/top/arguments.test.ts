import { expect, test } from '@jest/globals';
import { OperatorError } from '../../src/operator-error.ts';
import { readTopArguments } from '../../src/top/arguments.ts';

const URL = 'http://127.0.0.1:3000';

test('without arguments, all orders are shown once a second', () => {
  expect(readTopArguments([], URL)).toEqual({ url: URL, orderId: null, everyMs: 1_000, once: false });
});

test('an order, a server, an interval and a single picture can be asked for', () => {
  expect(
    readTopArguments(['ord_1', '--url', 'https://shop.example/', '--every', '250', '--once'], URL),
  ).toEqual({
    url: 'https://shop.example',
    orderId: 'ord_1',
    everyMs: 250,
    once: true,
  });
});

test.each([
  [['--x'], "Unknown option '--x': expected npm run top [-- ORDER]"],
  [['--every'], "Option '--every <value>' argument missing: expected npm run top"],
  [['--every', '5'], '--every 5: expected a whole number of milliseconds, 100 or more'],
  [['--every', 'often'], '--every often: expected a whole number of milliseconds'],
  [['--url', 'shop'], '--url shop: expected a URL, as http://127.0.0.1:3000'],
  [['ord_1', 'ord_2'], 'ord_1 ord_2: expected one order at most'],
])('%j are refused, and the error says what was expected', (args, text) => {
  expect(() => readTopArguments(args, URL)).toThrow(OperatorError);
  expect(() => readTopArguments(args, URL)).toThrow(text);
});
