/** EIP-1559 fees, in wei per gas. */
import type { Attempt } from '../../../store/ledger.ts';

export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface FeeLimits {
  /** No transaction offers more. */
  readonly maxFeePerGas: bigint;
}

/** Enough for five full blocks in a row, each of which raises the base fee by an eighth. */
export function initialFees(baseFeePerGas: bigint, tip: bigint, { maxFeePerGas: cap }: FeeLimits): Fees {
  const maxFeePerGas = min(2n * baseFeePerGas + tip, cap);
  return { maxFeePerGas, maxPriorityFeePerGas: min(tip, maxFeePerGas) };
}

/**
 * The fees of a transaction that replaces these attempts: at least an eighth more on both, as nodes require (geth's
 * `txpool.pricebump` is 10 %, others up to 12.5 %), and not less than a new transaction offers now. Null: that is above the limit.
 */
export function replacementFees(
  attempts: readonly Pick<Attempt, 'maxFeePerGas' | 'maxPriorityFeePerGas'>[],
  now: Fees,
  { maxFeePerGas: most }: FeeLimits,
): Fees | null {
  const raised = (wei: string): bigint => (BigInt(wei) * 9n) / 8n + 1n;
  const maxFeePerGas = attempts.reduce((fee, each) => max(fee, raised(each.maxFeePerGas)), now.maxFeePerGas);
  const tip = attempts.reduce(
    (fee, each) => max(fee, raised(each.maxPriorityFeePerGas)),
    now.maxPriorityFeePerGas,
  );
  return maxFeePerGas > most ? null : { maxFeePerGas, maxPriorityFeePerGas: min(tip, maxFeePerGas) };
}

/** The most that may be offered, even if it is not enough to replace another transaction. */
export function feesAtLimit({ maxPriorityFeePerGas: tip }: Fees, { maxFeePerGas: most }: FeeLimits): Fees {
  return { maxFeePerGas: most, maxPriorityFeePerGas: min(tip, most) };
}

function min(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
