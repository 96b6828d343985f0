import type { Route } from '../../../machines/order/types.ts';
import type { VenueRequest } from '../../../src/venues/port.ts';

/** The first request, with a signal that never aborts. */
export function ask(): VenueRequest {
  return { asking: 1, signal: new AbortController().signal };
}

export function routeOf(venue: string, minBuyAmount: string): Route {
  return { venue, buyAmount: minBuyAmount, minBuyAmount, why: 'the only quote' };
}
