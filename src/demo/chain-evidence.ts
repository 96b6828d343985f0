import type { Evidence, ExecutedSwap, Verdict, WatchedOrders } from './evidence.ts';
import { label } from './label.ts';
import { CHAIN_MARKET } from './market.ts';

/** The chain as a bystander reads it. */
export interface ObservedChain {
  /** Tokens and exchanges, by address in lower case. */
  readonly names: ReadonlyMap<string, string>;
  /** Every swap of anybody since it was opened, by the exchanges' own events. */
  swaps(): Promise<readonly ExecutedSwap[]>;
  close(): Promise<void>;
}

/** Which order each transaction belongs to, where one of the server's orders names it. */
export type OwnersOf = (hashes: ReadonlySet<string>) => Promise<ReadonlyMap<string, string>>;

export function chainEvidence(chain: ObservedChain, ownersOf: OwnersOf): Evidence {
  return {
    market: CHAIN_MARKET,
    names: chain.names,
    close: () => chain.close(),
    async judge(orders) {
      const swaps = await chain.swaps();
      const untold = swaps.map(({ hash }) => hash).filter((hash) => orders.orderOf(hash) === undefined);
      const owners = untold.length === 0 ? new Map<string, string>() : await ownersOf(new Set(untold));
      return judgeSwaps(swaps, orders, owners);
    },
  };
}

/** Holds the chain's count against what the orders' clients were told. Pure. */
export function judgeSwaps(
  swaps: readonly ExecutedSwap[],
  orders: WatchedOrders,
  owners: ReadonlyMap<string, string>,
): Verdict {
  const executed = new Map<string, number>();
  const nobodys: string[] = [];
  let others = 0;
  for (const { hash } of swaps) {
    const orderId = orders.orderOf(hash) ?? owners.get(hash);
    if (orderId === undefined) nobodys.push(hash);
    else if (!orders.isOurs(orderId)) others += 1;
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
    lines: [
      label('on the chain', [`${swaps.length} swaps`, ...blocksOf(swaps)].join(', ')),
      label('', `${once} of ${confirmed.length} confirmed orders were executed once`),
      label(
        '',
        `${twice.length} orders were executed twice; of those that failed or were cancelled, ${unfilled.length} were executed`,
      ),
      ...(open > 0 ? [label('', `${open} orders are executed and wait for confirmations`)] : []),
      ...(others > 0 ? [label('', `${others} swaps are of orders that are not this demo's`)] : []),
    ],
    faults: [
      ...twice.map(([orderId, count]) => `order ${orderId} was executed ${count} times on the chain`),
      ...missing.map((orderId) => `order ${orderId} was confirmed; the chain has no swap of it`),
      ...unfilled.map(
        ([orderId]) => `order ${orderId} ${orders.endedAs(orderId) ?? ''}; the chain has a swap of it`,
      ),
      ...nobodys.map((hash) => `the swap ${hash} is on the chain; no order names it`),
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
