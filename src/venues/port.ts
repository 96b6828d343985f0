/** A venue quotes and builds swaps. It never signs and never sends. */
import type { Failure, OrderTerms, Quote, Route, UnsignedSwap } from '../../machines/order/types.ts';

export interface VenueRequest {
  /** How often the order has asked this, this time included. */
  readonly asking: number;
  /** Aborts when the answer is no longer needed. */
  readonly signal: AbortSignal;
}

export interface BuildRequest extends VenueRequest {
  /** The address that will send the call, and receives what is bought where the order names no recipient. */
  readonly signer: string;
}

export interface Venue {
  readonly name: string;
  /** What the venue would pay now. @throws EffectError */
  quote(terms: OrderTerms, asked: VenueRequest): Promise<Quote>;
  /**
   * The call that swaps at this route. It was simulated and succeeds now if the signer sends it and has granted the allowance
   * that it `spends`. @throws EffectError
   */
  build(terms: OrderTerms, route: Route, building: BuildRequest): Promise<UnsignedSwap>;
  /** What a revert of the venue's call means for the order. */
  classifyRevert(revert: { readonly reason: string }): Failure;
}
