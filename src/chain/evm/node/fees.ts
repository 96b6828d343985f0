/** What is offered for inclusion, in wei a unit of gas. */
import type { Attempt } from '../../../store/ledger.ts';

export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface FeeLimits {
  /** Nothing is ever offered above it. */
  readonly maxFeePerGas: bigint;
}

/** Room for six full blocks in a row, each of which raises the base fee by an eighth. */
export function openingFees(baseFeePerGas: bigint, tip: bigint, { maxFeePerGas: most }: FeeLimits): Fees {
  const maxFeePerGas = least(2n * baseFeePerGas + tip, most);
  return { maxFeePerGas, maxPriorityFeePerGas: least(tip, maxFeePerGas) };
}

/**
 * What replaces these on their nonce: at least an eighth more on both, which nodes ask for (geth's `txpool.pricebump` asks
 * 10 %, others up to 12.5 %), and not less than what would be offered now. Null: that is above the limit.
 */
export function replacementFees(
  attempts: readonly Pick<Attempt, 'maxFeePerGas' | 'maxPriorityFeePerGas'>[],
  now: Fees,
  { maxFeePerGas: most }: FeeLimits,
): Fees | null {
  const raised = (wei: string): bigint => (BigInt(wei) * 9n) / 8n + 1n;
  const maxFeePerGas = attempts.reduce(
    (fee, each) => greatest(fee, raised(each.maxFeePerGas)),
    now.maxFeePerGas,
  );
  const tip = attempts.reduce(
    (fee, each) => greatest(fee, raised(each.maxPriorityFeePerGas)),
    now.maxPriorityFeePerGas,
  );
  return maxFeePerGas > most ? null : { maxFeePerGas, maxPriorityFeePerGas: least(tip, maxFeePerGas) };
}

/** The most that may be offered: where nothing stands in the way of it, it need not be more than what was offered before. */
export function feesAtLimit({ maxPriorityFeePerGas: tip }: Fees, { maxFeePerGas: most }: FeeLimits): Fees {
  return { maxFeePerGas: most, maxPriorityFeePerGas: least(tip, most) };
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function greatest(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
