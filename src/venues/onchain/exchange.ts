/** What is particular to one kind of exchange. `chain-venue.ts` makes a venue of it: adding a kind is one file. */
import type { Address, Hex } from 'viem';
import type { Failure } from '../../../machines/order/types.ts';

/** What a way through the exchange would pay now. */
export interface Offer {
  readonly buyAmount: bigint;
  /** What the swap burns, roughly. */
  readonly gas: bigint;
  /** What it may burn on top when it is mined: what a block before or beside it can change. */
  readonly gasReserve: bigint;
}

/** Why a way pays nothing: it does not exist, it cannot pay this much, or what is sold is worth less than one base unit. */
export type NoOffer = 'no_pool' | 'no_liquidity' | 'amount_too_small';

export interface SwapCall {
  readonly sellAmount: bigint;
  readonly minBuyAmount: bigint;
  readonly recipient: Address;
  /** Unix seconds. */
  readonly deadline: bigint;
}

/** One way to trade a pair. */
export interface Way {
  /** Reads the chain, in a call that can share a multicall. @throws what viem throws when the node does not answer */
  offer(sellAmount: bigint): Promise<Offer | NoOffer>;
  encode(call: SwapCall): Hex;
}

export interface Exchange {
  readonly name: string;
  /** Takes the call and what is sold. */
  readonly router: Address;
  /** Topic of the event that its pools emit on a swap. */
  readonly swapTopic: Hex;
  ways(sell: Address, buy: Address): readonly Way[];
  /** What each revert of its contracts means. */
  readonly reverts: Readonly<Record<string, Omit<Failure, 'message'> & { readonly says: string }>>;
}

export interface BestOffer extends Offer {
  readonly way: Way;
}

/** The way that pays most; where none pays, the most hopeful reason why. Of equal ones the first. */
export async function bestOffer(
  exchange: Exchange,
  sell: Address,
  buy: Address,
  sellAmount: bigint,
): Promise<BestOffer | NoOffer> {
  const ways = exchange.ways(sell, buy);
  const answers = await Promise.all(
    ways.map((way) => way.offer(sellAmount).then((offer) => ({ way, offer }))),
  );
  let best: BestOffer | null = null;
  const none = new Set<NoOffer>();
  for (const { way, offer } of answers) {
    if (typeof offer === 'string') none.add(offer);
    else if (best === null || offer.buyAmount > best.buyAmount) best = { ...offer, way };
  }
  if (best !== null) return best;
  return (['no_liquidity', 'amount_too_small'] as const).find((reason) => none.has(reason)) ?? 'no_pool';
}
