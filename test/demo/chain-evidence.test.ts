/** The chain's count of swaps, held against what the orders' clients were told. */
import { describe, expect, test } from '@jest/globals';
import { judgeSwaps } from '../../src/demo/chain-evidence.ts';
import type { Verdict, WatchedOrders } from '../../src/demo/evidence.ts';

interface Told {
  /** How each order ended; undefined: it is open. */
  readonly endings: Readonly<Record<string, string | undefined>>;
  /** Transactions by order, as their feeds named them. */
  readonly transactions: Readonly<Record<string, string>>;
}

function judged({ endings, transactions }: Told, hashes: readonly string[], owners = {}): Verdict {
  const orders: WatchedOrders = {
    endedAs: (orderId) => endings[orderId],
    confirmed: () => Object.keys(endings).filter((orderId) => endings[orderId] === 'confirmed'),
    orderOf: (hash) => transactions[hash],
    isOurs: (orderId) => orderId in endings,
  };
  const swaps = hashes.map((hash, index) => ({ hash, block: 10 + index }));
  return judgeSwaps(swaps, orders, new Map(Object.entries(owners)));
}

describe('the verdict on the swaps of the chain', () => {
  test('one swap of each confirmed order and none of the others is as it must be', () => {
    const told = {
      endings: { a: 'confirmed', b: 'confirmed', c: 'failed' },
      transactions: { '0x1': 'a', '0x2': 'b', '0x3': 'c' },
    };
    const { lines, faults } = judged(told, ['0x1', '0x2']);
    expect(faults).toEqual([]);
    expect(lines[0]).toContain('2 swaps, blocks 10 to 11');
    expect(lines[1]).toContain('2 of 2 confirmed orders were executed once');
  });

  test('two swaps of one order are a fault, whatever hashes they have', () => {
    const told = { endings: { a: 'confirmed' }, transactions: { '0x1': 'a', '0x2': 'a' } };
    expect(judged(told, ['0x1', '0x2']).faults).toEqual(['order a was executed 2 times on the chain']);
  });

  test('a confirmed order without a swap, and a failed one with one, are faults', () => {
    const told = { endings: { a: 'confirmed', b: 'failed' }, transactions: { '0x2': 'b' } };
    expect(judged(told, ['0x2']).faults).toEqual([
      'order a was confirmed; the chain has no swap of it',
      'order b failed; the chain has a swap of it',
    ]);
  });

  test('an order that is executed and not confirmed yet is told, and no fault', () => {
    const { lines, faults } = judged({ endings: { a: undefined }, transactions: { '0x1': 'a' } }, ['0x1']);
    expect(faults).toEqual([]);
    expect(lines.at(-1)).toContain('1 orders are executed and wait for confirmations');
  });

  test('a swap that only the server knows the order of is that order’s, or of somebody else’s', () => {
    const told = { endings: { a: 'confirmed' }, transactions: {} };
    const { lines, faults } = judged(told, ['0x1', '0x9'], { '0x1': 'a', '0x9': 'earlier' });
    expect(faults).toEqual([]);
    expect(lines[1]).toContain('1 of 1 confirmed orders');
    expect(lines.at(-1)).toContain("1 swaps are of orders that are not this demo's");
  });

  test('a swap that no order names is a fault', () => {
    expect(judged({ endings: {}, transactions: {} }, ['0x1']).faults).toEqual([
      'the swap 0x1 is on the chain; no order names it',
    ]);
  });
});
