import { lessBasisPoints, parseAmount, printAmount } from '../../machines/amount.ts';
import { EffectError } from '../../machines/order/effect-error.ts';
import type { OrderTerms, Quote, Route } from '../../machines/order/types.ts';

interface Offer {
  readonly venue: string;
  readonly buyAmount: bigint;
  /** What is left after gas, in base units of the buy token; below 0 where gas costs more than the swap yields. */
  readonly net: bigint;
}

/**
 * The quote that leaves most after gas, among those that yield `minBuyAmount`; of equal ones the first by name. Pure.
 * @throws EffectError `retry`, `no_route` when no quote yields enough: prices move
 */
export function selectRoute(terms: OrderTerms, quotes: readonly Quote[]): Route {
  const offers = quotes.map(offerOf).sort(byNetThenName);
  const demanded = terms.minBuyAmount === null ? 0n : parseAmount(terms.minBuyAmount);
  const [best, runnerUp] = offers.filter(({ buyAmount }) => buyAmount >= demanded);
  if (best === undefined) throw noRoute(terms, offers);
  return {
    venue: best.venue,
    buyAmount: printAmount(best.buyAmount),
    minBuyAmount: terms.minBuyAmount ?? printAmount(lessBasisPoints(best.buyAmount, terms.slippageBps)),
    why: why(terms, best, runnerUp, offers.length),
  };
}

function offerOf({ venue, buyAmount, gasCost }: Quote): Offer {
  const amount = parseAmount(buyAmount);
  return { venue, buyAmount: amount, net: amount - parseAmount(gasCost) };
}

function byNetThenName(one: Offer, other: Offer): number {
  if (one.net !== other.net) return one.net > other.net ? -1 : 1;
  return one.venue < other.venue ? -1 : 1;
}

function why(terms: OrderTerms, best: Offer, runnerUp: Offer | undefined, quotes: number): string {
  const nets = `nets ${printAmount(best.net)} ${terms.buyToken} after gas`;
  if (runnerUp === undefined) {
    return quotes === 1
      ? `the only quote; it ${nets}`
      : `the only one of ${quotes} quotes that yields minBuyAmount; it ${nets}`;
  }
  const ahead = best.net - runnerUp.net;
  return ahead === 0n
    ? `it ${nets}, as ${runnerUp.venue} does, and comes first by name`
    : `it ${nets}, ${printAmount(ahead)} more than ${runnerUp.venue}`;
}

function noRoute(terms: OrderTerms, offers: readonly Offer[]): EffectError {
  if (offers.length === 0) return new EffectError('retry', 'no_route', 'There is no quote to choose from');
  const most = offers.reduce((one, other) => (other.buyAmount > one.buyAmount ? other : one));
  return new EffectError(
    'retry',
    'no_route',
    `The best offer is ${printAmount(most.buyAmount)} ${terms.buyToken} on ${most.venue}; the order demands at least ${terms.minBuyAmount ?? ''}`,
  );
}
