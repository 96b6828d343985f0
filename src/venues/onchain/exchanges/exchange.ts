/** What is particular to one kind of exchange. `onchain-venue.ts` makes a venue of it: adding a kind is one file. */
import type { Address, Hex } from 'viem';
import type { Failure } from '../../../../machines/order/types.ts';

/** What a path through the exchange would pay now. */
export interface PathQuote {
  readonly buyAmount: bigint;
  /** Gas that the swap uses, roughly. */
  readonly gas: bigint;
  /** Gas that it may use on top when it is mined: what other transactions before it can change. */
  readonly gasReserve: bigint;
}

/** Why a path pays nothing: it does not exist, it cannot pay this much, or what is sold is worth less than one base unit. */
export type NoQuote = 'no_pool' | 'no_liquidity' | 'amount_too_small';

export interface SwapCall {
  readonly sellAmount: bigint;
  readonly minBuyAmount: bigint;
  readonly recipient: Address;
  /** Unix seconds. */
  readonly deadline: bigint;
  /** Which side is the chain's own coin, in place of the wrapped token that the path names; left out: none. */
  readonly coin?: 'sold' | 'bought' | undefined;
}

/** One way to trade a pair: its pools. */
export interface SwapPath {
  /** Reads the chain, in a call that can share a multicall. @throws what viem throws when the node does not answer */
  quote(sellAmount: bigint): Promise<PathQuote | NoQuote>;
  /** The pools at its ends, which exist where it has a quote. They are asked for once. @throws what viem throws */
  pools(): Promise<PathPools>;
  /** The call to the router. Where the coin is sold, it is sent with `sellAmount` of it. */
  encode(call: SwapCall): Hex;
  /** What the router says that the call pays, before the token keeps a part of it. @param returned by `encode(call)` */
  paidOf(returned: Hex, call: SwapCall): bigint;
  /** The call whose router compares what arrives, where it has one: for tokens that keep a part of each transfer. */
  encodeForKeptFees?(call: SwapCall): Hex;
}

export interface PathPools {
  /** Receives what is sold. */
  readonly takes: Address;
  /** Sends what is bought. */
  readonly pays: Address;
}

export interface Exchange {
  readonly name: string;
  /** Takes the call and what is sold. */
  readonly router: Address;
  /** Topic of the event that its pools emit on a swap. */
  readonly swapTopic: Hex;
  paths(sell: Address, buy: Address): readonly SwapPath[];
  /** The pools that its paths go through, and addresses of 0 for those that do not exist. @throws what viem throws */
  pools(sell: Address, buy: Address): Promise<readonly Address[]>;
  /** What each revert of its contracts means. */
  readonly reverts: Readonly<Record<string, Omit<Failure, 'message'> & { readonly says: string }>>;
}

export interface BestQuote extends PathQuote {
  readonly path: SwapPath;
}

/** The path that pays most, of equal ones the first; where none pays, the reason that is most likely to pass. */
export async function quoteBestPath(
  exchange: Exchange,
  sell: Address,
  buy: Address,
  sellAmount: bigint,
): Promise<BestQuote | NoQuote> {
  const paths = exchange.paths(sell, buy);
  const quotes = await Promise.all(
    paths.map((path) => path.quote(sellAmount).then((quote) => ({ path, quote }))),
  );
  let best: BestQuote | null = null;
  const none = new Set<NoQuote>();
  for (const { path, quote } of quotes) {
    if (typeof quote === 'string') none.add(quote);
    else if (best === null || quote.buyAmount > best.buyAmount) best = { ...quote, path };
  }
  if (best !== null) return best;
  return (['no_liquidity', 'amount_too_small'] as const).find((reason) => none.has(reason)) ?? 'no_pool';
}
