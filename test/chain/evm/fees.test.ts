import { describe, expect, test } from '@jest/globals';
import { initialFees, replacementFees } from '../../../src/chain/evm/node/fees.ts';

const GWEI = 1_000_000_000n;
const LIMIT = { maxFeePerGas: 500n * GWEI };
const fees = (max: bigint, tip: bigint) => ({ maxFeePerGas: max, maxPriorityFeePerGas: tip });
const sent = (max: bigint, tip: bigint) => ({ maxFeePerGas: `${max}`, maxPriorityFeePerGas: `${tip}` });

describe('fees', () => {
  test('what is offered first has room for a base fee that doubles, and is never above the limit', () => {
    expect(initialFees(10n * GWEI, GWEI, LIMIT)).toEqual(fees(21n * GWEI, GWEI));
    expect(initialFees(400n * GWEI, GWEI, LIMIT)).toEqual(fees(500n * GWEI, GWEI));
    expect(initialFees(0n, 900n * GWEI, LIMIT)).toEqual(fees(500n * GWEI, 500n * GWEI));
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
