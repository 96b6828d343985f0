import { lessBasisPoints, parseAmount, printAmount } from '../../../machines/amount.ts';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { OrderTerms, Quote, Route } from '../../../machines/order/types.ts';

/** What a swap must be worth: more than its gas, or anything. */
export type MinNetValue = 'positive' | 'any';

interface Candidate {
  readonly venue: string;
  readonly buyAmount: bigint;
  /** In base units of the buy token. Null: gas has no price. */
  readonly gasCost: bigint | null;
  /**
   * What candidates are compared by, in base units of the buy token: what is left after gas (below 0 where gas costs more
   * than the swap yields), or the amount before gas where gas has no price.
   */
  readonly net: bigint;
}

/**
 * The quote that leaves most after gas, among those that yield `minBuyAmount` and are worth more than their gas; of equal ones
 * the first by name. Where one of them has no price for gas, all are compared before gas: an unknown cost must not win. Pure.
 * @param minNetValue `any`: a swap may cost more gas than it yields
 * @throws EffectError `retry` when no quote qualifies, for prices move: `no_route` where none yields enough,
 *   `gas_exceeds_value` where gas costs all that those would yield, or more
 */
export function selectRoute(
  terms: OrderTerms,
  quotes: readonly Quote[],
  minNetValue: MinNetValue = 'positive',
): Route {
  const gasPriced = quotes.every((quote) => quote.gasPriced);
  const candidates = quotes.map((quote) => candidateOf(quote, gasPriced)).sort(byNetThenName);
  const minBuyAmount = terms.minBuyAmount === null ? 0n : parseAmount(terms.minBuyAmount);
  const enough = candidates.filter(({ buyAmount }) => buyAmount >= minBuyAmount);
  if (enough[0] === undefined) throw noRoute(terms, candidates);
  const [best, runnerUp] = enough.filter((each) => minNetValue === 'any' || isWorthItsGas(each));
  if (best === undefined) throw gasExceedsValue(terms, enough[0]);
  return {
    venue: best.venue,
    buyAmount: printAmount(best.buyAmount),
    minBuyAmount: terms.minBuyAmount ?? printAmount(lessBasisPoints(best.buyAmount, terms.slippageBps)),
    why: why(terms, best, runnerUp, { quotes: candidates.length, gasPriced }),
  };
}

function candidateOf(
  { venue, buyAmount, gasCost, gasPriced: isPriced }: Quote,
  gasPriced: boolean,
): Candidate {
  const amount = parseAmount(buyAmount);
  const cost = isPriced ? parseAmount(gasCost) : null;
  return { venue, buyAmount: amount, gasCost: cost, net: gasPriced ? amount - parseAmount(gasCost) : amount };
}

/** A cost that is unknown is not held against the quote. */
function isWorthItsGas({ buyAmount, gasCost }: Candidate): boolean {
  return gasCost === null || gasCost < buyAmount;
}

function byNetThenName(one: Candidate, other: Candidate): number {
  if (one.net !== other.net) return one.net > other.net ? -1 : 1;
  return one.venue < other.venue ? -1 : 1;
}

interface Compared {
  readonly quotes: number;
  readonly gasPriced: boolean;
}

function why(
  { buyToken }: OrderTerms,
  best: Candidate,
  runnerUp: Candidate | undefined,
  { quotes, gasPriced }: Compared,
): string {
  const amount = `${printAmount(best.net)} ${buyToken}`;
  const nets = gasPriced
    ? `nets ${amount} after gas`
    : `yields ${amount} before gas, which has no price in ${buyToken}`;
  if (runnerUp === undefined) {
    return quotes === 1
      ? `the only quote; it ${nets}`
      : `the only one of ${quotes} quotes that yields minBuyAmount; it ${nets}`;
  }
  const ahead = best.net - runnerUp.net;
  return ahead === 0n
    ? `it ${nets}, as ${runnerUp.venue} does, and comes first by name`
    : `it ${nets}, ${printAmount(ahead)} ${buyToken} more than ${runnerUp.venue}`;
}

function noRoute(terms: OrderTerms, offers: readonly Candidate[]): EffectError {
  if (offers.length === 0) return new EffectError('retry', 'no_route', 'There is no quote to choose from');
  const most = offers.reduce((one, other) => (other.buyAmount > one.buyAmount ? other : one));
  return new EffectError(
    'retry',
    'no_route',
    `The best quote is ${printAmount(most.buyAmount)} ${terms.buyToken} on ${most.venue}; the order demands at least ${printAmount(parseAmount(terms.minBuyAmount ?? '0'))} ${terms.buyToken}`,
  );
}

function gasExceedsValue({ buyToken }: OrderTerms, { venue, buyAmount, gasCost }: Candidate): EffectError {
  return new EffectError(
    'retry',
    'gas_exceeds_value',
    `The best quote is ${printAmount(buyAmount)} ${buyToken} on ${venue}, and its gas costs ${printAmount(gasCost ?? 0n)} ${buyToken}: expected less than it yields`,
  );
}
