/** What was executed, by another record than the feeds': the chain's events, or the simulated chain's own ledger. */
import type { DemoMarket } from './market.ts';

export interface ExecutedSwap {
  readonly hash: string;
  readonly block: number;
}

/** The orders as their clients know them. */
export interface WatchedOrders {
  /** Undefined: not ended, or not an order of this demo. */
  endedAs(orderId: string): string | undefined;
  /** Those that ended as `confirmed`. */
  confirmed(): readonly string[];
  /** The order that was told to be sent by this transaction. */
  orderOf(hash: string): string | undefined;
  isOurs(orderId: string): boolean;
}

export interface Verdict {
  /** For the summary. */
  readonly lines: readonly string[];
  /** What must not be. */
  readonly faults: readonly string[];
}

export interface Evidence {
  readonly market: DemoMarket;
  /** What is called how, by address in lower case. */
  readonly names: ReadonlyMap<string, string>;
  judge(orders: WatchedOrders): Promise<Verdict>;
  close(): Promise<void>;
}
