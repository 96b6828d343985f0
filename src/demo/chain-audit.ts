import { listOrders } from '../client/orders.ts';
import type { AuditResult, DemoAudit, ExecutedSwap, WatchedOrders } from './audit.ts';
import { CHAIN_MARKET } from './market.ts';

/** What the audit reads from the chain, without Fillstream. */
export interface ObservedChain {
  /** Names of tokens and exchanges, by address in lower case. */
  readonly names: ReadonlyMap<string, string>;
  /** All swaps since it was opened, from the events of the exchanges. */
  swaps(): Promise<readonly ExecutedSwap[]>;
  close(): Promise<void>;
}

/** @param url of the stack's API */
export function chainAudit(chain: ObservedChain, url: string): DemoAudit {
  return {
    market: CHAIN_MARKET,
    names: chain.names,
    close: () => chain.close(),
    async run(orders) {
      const swaps = await chain.swaps();
      const unknown = swaps.map(({ hash }) => hash).filter((hash) => orders.orderOf(hash) === undefined);
      return auditSwaps(swaps, orders, await findOrders(url, new Set(unknown)));
    },
  };
}

/** The orders that name these transactions, by hash: those of earlier demos, and those whose messages did not arrive. */
async function findOrders(url: string, hashes: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let cursor: string | null | undefined;
  while (cursor !== null && found.size < hashes.size) {
    const page = await listOrders(url, { limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    for (const { orderId, transactions } of page.orders) {
      for (const { hash } of transactions) if (hashes.has(hash)) found.set(hash, orderId);
    }
    cursor = page.nextCursor;
  }
  return found;
}

/**
 * Compares the chain's swaps with what the orders' clients received. Pure.
 * @param otherOrders orders by transaction hash, for transactions that no received message names
 */
export function auditSwaps(
  swaps: readonly ExecutedSwap[],
  orders: WatchedOrders,
  otherOrders: ReadonlyMap<string, string>,
): AuditResult {
  const executed = new Map<string, number>();
  const unnamed: string[] = [];
  let others = 0;
  for (const { hash } of swaps) {
    const orderId = orders.orderOf(hash) ?? otherOrders.get(hash);
    if (orderId === undefined) unnamed.push(hash);
    else if (!orders.has(orderId)) others += 1;
    else executed.set(orderId, (executed.get(orderId) ?? 0) + 1);
  }
  const counts = [...executed];
  const twice = counts.filter(([, count]) => count > 1);
  const unfilled = counts.filter(([orderId]) => isUnfilled(orders.endedAs(orderId)));
  const open = counts.filter(([orderId]) => orders.endedAs(orderId) === undefined).length;
  const confirmed = orders.confirmed();
  const missing = confirmed.filter((orderId) => !executed.has(orderId));
  const once = confirmed.filter((orderId) => executed.get(orderId) === 1).length;
  return {
    rows: [
      ['on the chain', [`${swaps.length} swaps`, ...blocksOf(swaps)].join(', ')],
      ['', `${once} of ${confirmed.length} confirmed orders were executed once`],
      [
        '',
        `${twice.length} orders were executed twice; of those that failed or were cancelled, ${unfilled.length} were executed`,
      ],
      ...(open > 0 ? [['', `${open} orders are executed and wait for confirmations`] as const] : []),
      ...(others > 0 ? [['', `${others} swaps are of orders that are not this demo's`] as const] : []),
    ],
    faults: [
      ...twice.map(([orderId, count]) => `order ${orderId} was executed ${count} times on the chain`),
      ...missing.map((orderId) => `order ${orderId} is confirmed, but the chain has no swap of it`),
      ...unfilled.map(
        ([orderId]) =>
          `order ${orderId} ended as ${orders.endedAs(orderId) ?? ''}, but the chain has a swap of it`,
      ),
      ...unnamed.map((hash) => `the swap ${hash} is on the chain, but no order names it`),
    ],
  };
}

function isUnfilled(ending: string | undefined): boolean {
  return ending === 'failed' || ending === 'cancelled';
}

function blocksOf(swaps: readonly ExecutedSwap[]): readonly string[] {
  const [first, last] = [swaps[0], swaps.at(-1)];
  return first === undefined || last === undefined ? [] : [`blocks ${first.block} to ${last.block}`];
}
