import { describe, expect, test } from '@jest/globals';
import { auditSwaps } from '../../src/demo/chain-audit.ts';
import type { AuditResult, WatchedOrders } from '../../src/demo/audit.ts';

interface Received {
  /** How each order ended. Undefined: it is open. */
  readonly endings: Readonly<Record<string, string | undefined>>;
  /** The order of each transaction, as messages named it. */
  readonly transactions: Readonly<Record<string, string>>;
}

function audited(
  { endings, transactions }: Received,
  hashes: readonly string[],
  otherOrders = {},
): AuditResult {
  const orders: WatchedOrders = {
    endedAs: (orderId) => endings[orderId],
    confirmed: () => Object.keys(endings).filter((orderId) => endings[orderId] === 'confirmed'),
    orderOf: (hash) => transactions[hash],
    has: (orderId) => orderId in endings,
  };
  const swaps = hashes.map((hash, index) => ({ hash, block: 10 + index }));
  return auditSwaps(swaps, orders, new Map(Object.entries(otherOrders)));
}

describe('the audit of the swaps on the chain', () => {
  test('finds no fault when each confirmed order has one swap and the others have none', () => {
    const received = {
      endings: { a: 'confirmed', b: 'confirmed', c: 'failed' },
      transactions: { '0x1': 'a', '0x2': 'b', '0x3': 'c' },
    };
    const { rows, faults } = audited(received, ['0x1', '0x2']);
    expect(faults).toEqual([]);
    expect(rows[0]?.[1]).toContain('2 swaps, blocks 10 to 11');
    expect(rows[1]?.[1]).toContain('2 of 2 confirmed orders were executed once');
  });

  test('finds two swaps of one order', () => {
    const received = { endings: { a: 'confirmed' }, transactions: { '0x1': 'a', '0x2': 'a' } };
    expect(audited(received, ['0x1', '0x2']).faults).toEqual(['order a was executed 2 times on the chain']);
  });

  test('finds a confirmed order without a swap, and a failed order with one', () => {
    const received = { endings: { a: 'confirmed', b: 'failed' }, transactions: { '0x2': 'b' } };
    expect(audited(received, ['0x2']).faults).toEqual([
      'order a is confirmed, but the chain has no swap of it',
      'order b ended as failed, but the chain has a swap of it',
    ]);
  });

  test('reports an order that is executed but not confirmed yet, without a fault', () => {
    const { rows, faults } = audited({ endings: { a: undefined }, transactions: { '0x1': 'a' } }, ['0x1']);
    expect(faults).toEqual([]);
    expect(rows.at(-1)?.[1]).toContain('1 orders are executed and wait for confirmations');
  });

  test('finds the orders of swaps that no message names, including orders of others', () => {
    const received = { endings: { a: 'confirmed' }, transactions: {} };
    const { rows, faults } = audited(received, ['0x1', '0x9'], { '0x1': 'a', '0x9': 'earlier' });
    expect(faults).toEqual([]);
    expect(rows[1]?.[1]).toContain('1 of 1 confirmed orders');
    expect(rows.at(-1)?.[1]).toContain("1 swaps are of orders that are not this demo's");
  });

  test('finds a swap that no order names', () => {
    expect(audited({ endings: {}, transactions: {} }, ['0x1']).faults).toEqual([
      'the swap 0x1 is on the chain, but no order names it',
    ]);
  });
});
