import { lessBasisPoints, parseAmount, printAmount } from '../../../machines/amount.ts';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { OrderTerms, Quote, Route } from '../../../machines/order/types.ts';

interface Candidate {
  readonly venue: string;
  readonly buyAmount: bigint;
  /**
   * What candidates are compared by, in base units of the buy token: what is left after gas (below 0 where gas costs more
   * than the swap yields), or the amount before gas where gas has no price.
   */
  readonly net: bigint;
}

/**
 * The quote that leaves most after gas, among those that yield `minBuyAmount`; of equal ones the first by name. Where one
 * of them has no price for gas, all are compared before gas: an unknown cost must not win. Pure.
 * @throws EffectError `retry`, `no_route` when no quote yields enough: prices move
 */
export function selectRoute(terms: OrderTerms, quotes: readonly Quote[]): Route {
  const gasPriced = quotes.every((quote) => quote.gasPriced);
  const candidates = quotes.map((quote) => candidateOf(quote, gasPriced)).sort(byNetThenName);
  const minBuyAmount = terms.minBuyAmount === null ? 0n : parseAmount(terms.minBuyAmount);
  const [best, runnerUp] = candidates.filter(({ buyAmount }) => buyAmount >= minBuyAmount);
  if (best === undefined) throw noRoute(terms, candidates);
  return {
    venue: best.venue,
    buyAmount: printAmount(best.buyAmount),
    minBuyAmount: terms.minBuyAmount ?? printAmount(lessBasisPoints(best.buyAmount, terms.slippageBps)),
    why: why(terms, best, runnerUp, { quotes: candidates.length, gasPriced }),
  };
}

function candidateOf({ venue, buyAmount, gasCost }: Quote, gasPriced: boolean): Candidate {
  const amount = parseAmount(buyAmount);
  return { venue, buyAmount: amount, net: gasPriced ? amount - parseAmount(gasCost) : amount };
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
