/**
 * Which orders of an owner moved, for those who follow all of them. A store answers from what it holds anyway: following costs a
 * commit nothing but what decision 15 names.
 */

/** An order with entries that are, or may be, after a token. */
export interface ChangedOrder {
  readonly orderId: string;
  readonly owner: string;
  /** All of its entries after the token have a higher `seq`. Where the store does not know it exactly it is lower than need be. */
  readonly after: number;
  readonly lastSeq: number;
}

export type Changed =
  | {
      readonly outcome: 'read';
      /** May name orders that did not move since: a store without exact positions repeats the last seconds. */
      readonly orders: readonly ChangedOrder[];
      /** Covers `orders`, and is not before the token that was asked with. */
      readonly token: string;
    }
  /** More moved since than is worth reading. */
  | { readonly outcome: 'too_old' }
  /** Another store made the token, or none. */
  | { readonly outcome: 'unknown' };

export interface Changes {
  /** A position in everything that is committed, as an opaque text of at most 100 printable ASCII characters: now. */
  now(): Promise<string>;
  /** The orders of these owners with entries that were committed after the token. */
  since(token: string, owners: readonly string[]): Promise<Changed>;
  /** The last `seq` of each of the owner's open orders. */
  openOrders(owner: string): Promise<ReadonlyMap<string, number>>;
}
