/** What `POST /api/quotes` and a dry run answer. */

interface Explained {
  readonly code: string;
  readonly message: string;
}

/** What an order would get now. Amounts are base units. */
export interface Quotes {
  readonly sellToken: string;
  readonly buyToken: string;
  readonly sellAmount: string;
  /** The quote that an order would take; null: none, and `reason` says why. */
  readonly route: {
    readonly venue: string;
    readonly buyAmount: string;
    /** What an order would demand. */
    readonly minBuyAmount: string;
    readonly gasCost: string;
    readonly gasPriced: boolean;
    /** After gas; null: gas has no price in the buy token. Below 0 where gas costs more than the swap yields. */
    readonly netBuyAmount: string | null;
    readonly why: string;
  } | null;
  readonly reason: Explained | null;
  /** All that were considered, best first. */
  readonly quotes: readonly {
    readonly venue: string;
    readonly buyAmount: string;
    readonly gasCost: string;
    readonly gasPriced: boolean;
    readonly block: string | null;
  }[];
  readonly refusals: readonly (Explained & { readonly venue: string })[];
  readonly quotedAt: string;
  readonly goodUntil: string;
}

/** The order would be accepted now. Nothing was stored or counted. */
export interface DryRun {
  readonly dryRun: true;
  /** False: the key has an order already. */
  readonly wouldCreate: boolean;
  /** The order of the key; null: none was sent. */
  readonly orderId: string | null;
}
