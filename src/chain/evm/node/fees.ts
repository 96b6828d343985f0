/** Fees that a transaction offers, in wei per gas. */
import type { Attempt } from '../../../store/ledger.ts';
import type { FeeMarket } from './fee-market.ts';

export interface Fees {
  /** The kind of transaction that offers them. */
  readonly type: FeeMarket['type'];
  readonly maxFeePerGas: bigint;
  /** Of a legacy transaction the same as `maxFeePerGas`: it pays its price in full. */
  readonly maxPriorityFeePerGas: bigint;
}

export interface FeeLimits {
  /** No transaction offers more. */
  readonly maxFeePerGas: bigint;
  /** No transaction offers a higher tip at first. A replacement has to, by an eighth each time. */
  readonly maxPriorityFeePerGas: bigint;
}

/** With a base fee: enough for five full blocks in a row, each of which raises it by an eighth. */
export function initialFees(market: FeeMarket, limits: FeeLimits): Fees {
  const cap = limits.maxFeePerGas;
  if (market.type === 'legacy') {
    const price = min(market.gasPrice, cap);
    return { type: 'legacy', maxFeePerGas: price, maxPriorityFeePerGas: price };
  }
  const tip = min(market.tip, limits.maxPriorityFeePerGas);
  const maxFeePerGas = min(2n * market.baseFeePerGas + tip, cap);
  return { type: 'eip1559', maxFeePerGas, maxPriorityFeePerGas: min(tip, maxFeePerGas) };
}

/** What a transaction that is mined in the next block pays for a unit of gas, by the same market and limits. */
export function expectedGasPrice(market: FeeMarket, limits: FeeLimits): bigint {
  const { maxPriorityFeePerGas } = initialFees(market, limits);
  return market.type === 'legacy' ? maxPriorityFeePerGas : market.baseFeePerGas + maxPriorityFeePerGas;
}

/**
 * The fees of a transaction that replaces these attempts: at least an eighth more on both, as nodes require (geth's
 * `txpool.pricebump` is 10 %, others up to 12.5 %), and not less than a new transaction offers now. Null: that is above the limit.
 */
export function replacementFees(
  attempts: readonly Pick<Attempt, 'maxFeePerGas' | 'maxPriorityFeePerGas'>[],
  now: Fees,
  { maxFeePerGas: most }: Pick<FeeLimits, 'maxFeePerGas'>,
): Fees | null {
  const raised = (wei: string): bigint => (BigInt(wei) * 9n) / 8n + 1n;
  const maxFeePerGas = attempts.reduce((fee, each) => max(fee, raised(each.maxFeePerGas)), now.maxFeePerGas);
  const tip = attempts.reduce(
    (fee, each) => max(fee, raised(each.maxPriorityFeePerGas)),
    now.maxPriorityFeePerGas,
  );
  if (maxFeePerGas > most) return null;
  return { type: now.type, maxFeePerGas, maxPriorityFeePerGas: min(tip, maxFeePerGas) };
}

/** The most that may be offered, even if it is not enough to replace another transaction. */
export function feesAtLimit(
  { type, maxPriorityFeePerGas: tip }: Fees,
  { maxFeePerGas: most }: Pick<FeeLimits, 'maxFeePerGas'>,
): Fees {
  return { type, maxFeePerGas: most, maxPriorityFeePerGas: type === 'legacy' ? most : min(tip, most) };
}

/** As a transaction of their kind names them. */
export function feeFields({ type, maxFeePerGas, maxPriorityFeePerGas }: Fees) {
  return type === 'legacy'
    ? ({ type, gasPrice: maxFeePerGas } as const)
    : ({ type, maxFeePerGas, maxPriorityFeePerGas } as const);
}

function min(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
