import { describe, expect, test } from '@jest/globals';
import { boundedByRecent } from '../../../src/chain/evm/node/fee-market.ts';
import {
  expectedGasPrice,
  feesAtLimit,
  initialFees,
  replacementFees,
  type Fees,
} from '../../../src/chain/evm/node/fees.ts';

const GWEI = 1_000_000_000n;
const LIMIT = { maxFeePerGas: 500n * GWEI, maxPriorityFeePerGas: 30n * GWEI };
const market = (baseFeePerGas: bigint, tip: bigint) => ({ type: 'eip1559', baseFeePerGas, tip }) as const;
const fees = (max: bigint, tip: bigint, type: Fees['type'] = 'eip1559') => ({
  type,
  maxFeePerGas: max,
  maxPriorityFeePerGas: tip,
});
const sent = (max: bigint, tip: bigint) => ({ maxFeePerGas: `${max}`, maxPriorityFeePerGas: `${tip}` });

describe('fees', () => {
  test('what is offered first has room for a base fee that doubles, and is never above the limits', () => {
    expect(initialFees(market(10n * GWEI, GWEI), LIMIT)).toEqual(fees(21n * GWEI, GWEI));
    expect(initialFees(market(400n * GWEI, GWEI), LIMIT)).toEqual(fees(500n * GWEI, GWEI));
    expect(initialFees(market(GWEI, 490n * GWEI), LIMIT)).toEqual(fees(32n * GWEI, 30n * GWEI));
    expect(initialFees(market(0n, 20n), { ...LIMIT, maxFeePerGas: 10n })).toEqual(fees(10n, 10n));
  });

  test('a quote counts what the transaction will pay: the base fee and the tip that is offered', () => {
    expect(expectedGasPrice(market(10n * GWEI, GWEI), LIMIT)).toBe(11n * GWEI);
    expect(expectedGasPrice(market(10n * GWEI, 490n * GWEI), LIMIT)).toBe(40n * GWEI);
    expect(expectedGasPrice({ type: 'legacy', gasPrice: 5n * GWEI }, LIMIT)).toBe(5n * GWEI);
    expect(expectedGasPrice({ type: 'legacy', gasPrice: 900n * GWEI }, LIMIT)).toBe(500n * GWEI);
  });

  test('a chain without base fee gets one price, up to the limit, and an eighth more in a replacement', () => {
    const price = initialFees({ type: 'legacy', gasPrice: 40n * GWEI }, LIMIT);
    expect(price).toEqual(fees(40n * GWEI, 40n * GWEI, 'legacy'));
    const raised = replacementFees([sent(40n * GWEI, 40n * GWEI)], price, LIMIT);
    expect(raised).toEqual(fees(45n * GWEI + 1n, 45n * GWEI + 1n, 'legacy'));
    expect(feesAtLimit(price, LIMIT)).toEqual(fees(500n * GWEI, 500n * GWEI, 'legacy'));
  });

  test('a replacement offers more than an eighth more of both, than any before it', () => {
    const before = [sent(8n * GWEI, GWEI), sent(16n * GWEI, 2n * GWEI)];
    const raised = replacementFees(before, fees(GWEI, 1n), LIMIT);
    expect(raised).toEqual(fees(18n * GWEI + 1n, (2n * GWEI * 9n) / 8n + 1n));
  });

  test('a replacement offers not less than would be offered now', () => {
    expect(replacementFees([sent(8n, 1n)], fees(100n, 50n), LIMIT)).toEqual(fees(100n, 50n));
  });

  test('above the limit there is no replacement', () => {
    expect(replacementFees([sent(450n * GWEI, GWEI)], fees(GWEI, 1n), LIMIT)).toBeNull();
  });
});

describe('what a node recommends', () => {
  const paid = (...gwei: readonly number[]) => gwei.map((each) => BigInt(each) * GWEI);

  test('is believed up to what three quarters of the recent blocks paid at most', () => {
    expect(boundedByRecent(490n * GWEI, paid(2, 3, 2, 4))).toBe(3n * GWEI);
    expect(boundedByRecent(2n * GWEI, paid(5, 5, 5, 5))).toBe(2n * GWEI);
    expect(boundedByRecent(490n * GWEI, paid(2, 2, 2, 400))).toBe(2n * GWEI);
  });

  test('is believed up to 1 gwei where recent blocks paid less, or held nothing', () => {
    expect(boundedByRecent(490n * GWEI, [])).toBe(GWEI);
    expect(boundedByRecent(490n * GWEI, [1n, 1n])).toBe(GWEI);
    expect(boundedByRecent(5n, [])).toBe(5n);
  });

  test('is believed where the node has no record of recent blocks: the limits bound it then', () => {
    expect(boundedByRecent(490n * GWEI, null)).toBe(490n * GWEI);
  });
});
