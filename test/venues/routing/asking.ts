import type { Route } from '../../../machines/order/types.ts';
import type { Asked } from '../../../src/venues/port.ts';

/** The first time, by somebody who stays. */
export function ask(): Asked {
  return { asking: 1, signal: new AbortController().signal };
}

export function routeOf(venue: string, minBuyAmount: string): Route {
  return { venue, buyAmount: minBuyAmount, minBuyAmount, why: 'the only quote' };
}
