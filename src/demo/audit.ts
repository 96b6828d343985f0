/** Compares what the demo's clients received with another record of executions: the chain's events, or the simulated chain's. */
import { SIMULATED_MARKET, type DemoMarket } from './market.ts';

export interface ExecutedSwap {
  readonly hash: string;
  readonly block: number;
}

/** The demo's orders as its clients know them. */
export interface WatchedOrders {
  /** Undefined: the order has not ended, or is not one of the demo's. */
  endedAs(orderId: string): string | undefined;
  /** The orders that ended as `confirmed`. */
  confirmed(): readonly string[];
  /** The order whose messages name this transaction. */
  orderOf(hash: string): string | undefined;
  has(orderId: string): boolean;
}

export interface AuditResult {
  /** Rows of the summary. */
  readonly rows: readonly (readonly [label: string, text: string])[];
  /** Every violation of the promises. */
  readonly faults: readonly string[];
}

export interface DemoAudit {
  /** What the audited chain trades. */
  readonly market: DemoMarket;
  /** Names of tokens and exchanges, by address in lower case. */
  readonly names: ReadonlyMap<string, string>;
  run(orders: WatchedOrders): Promise<AuditResult>;
  close(): Promise<void>;
}

/** @param readExecutions returns the number of executions of each order, as the simulated chain recorded them */
export function simulatedAudit(
  readExecutions: () => readonly { readonly orderId: string; readonly count: number }[],
): DemoAudit {
  return {
    market: SIMULATED_MARKET,
    names: new Map(),
    close: () => Promise.resolve(),
    run() {
      const twice = readExecutions().filter(({ count }) => count > 1);
      return Promise.resolve({
        rows: [['executed twice', `${twice.length}, by the simulated chain's own ledger`]],
        faults: twice.map(({ orderId, count }) => `order ${orderId} was executed ${count} times`),
      });
    },
  };
}
