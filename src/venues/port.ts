/** A venue quotes and builds swaps. It never signs and never sends. */
import type { Failure, OrderTerms, Quote, Route, UnsignedSwap } from '../../machines/order/types.ts';

export interface Asked {
  /** Which time the order asks this, from 1. */
  readonly asking: number;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export interface Building extends Asked {
  /** Will send the call; receives what it yields where the order names no recipient. */
  readonly signer: string;
}

export interface Venue {
  readonly name: string;
  /** What the venue would pay now. @throws EffectError */
  quote(terms: OrderTerms, asked: Asked): Promise<Quote>;
  /**
   * The call that swaps at this route, simulated to succeed now if it is sent by the signer and the allowance that it
   * `spends` is given. @throws EffectError
   */
  build(terms: OrderTerms, route: Route, building: Building): Promise<UnsignedSwap>;
  /** What a revert of the venue's call means for the order. */
  classifyRevert(revert: { readonly reason: string }): Failure;
}
