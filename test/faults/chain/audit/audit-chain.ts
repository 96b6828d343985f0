/** Compares the store with the chain: with mined transactions, not with the submitter's record. */
import type { AuditedOrder } from './audited-orders.ts';
import type { Attempt, SignerAccount } from '../../../../src/store/ledger.ts';
import type { LocalToken } from '../../../../src/chain/local/local-chain.ts';
import { balanceKey, type Balances, type SignersTransaction } from './read-chain.ts';

export interface ChainRecord {
  readonly transactions: readonly SignersTransaction[];
  readonly before: Balances;
  readonly after: Balances;
  readonly tokens: readonly LocalToken[];
  /** One item for each signer. */
  readonly nonces: readonly {
    readonly signer: string;
    readonly first: number;
    readonly latest: number;
    readonly pending: number;
    readonly account: SignerAccount;
  }[];
}

/** The violations of each promise. Empty: it holds. */
export type Broken = Readonly<Record<string, readonly string[]>>;

export function auditChain(
  orders: readonly AuditedOrder[],
  attempts: ReadonlyMap<string, Attempt>,
  record: ChainRecord,
): Broken {
  const swaps = record.transactions.filter(({ doing }) => doing === 'swap');
  const executed = new Map<string, SignersTransaction[]>();
  const unknownSwaps: string[] = [];
  const unnamedSwaps: string[] = [];
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  for (const swap of swaps) {
    const order = byId.get(attempts.get(swap.hash)?.orderId ?? '');
    if (order === undefined) {
      unknownSwaps.push(which(swap));
      continue;
    }
    if (!order.named.has(swap.hash)) unnamedSwaps.push(`${order.orderId}: ${which(swap)}`);
    if (swap.succeeded) executed.set(order.orderId, [...(executed.get(order.orderId) ?? []), swap]);
  }
  const timesOf = ({ orderId }: AuditedOrder): number => executed.get(orderId)?.length ?? 0;
  const isConfirmed = ({ status }: AuditedOrder): boolean => status === 'confirmed';
  return {
    'each confirmed order has one successful swap': orders
      .filter((order) => isConfirmed(order) && timesOf(order) !== 1)
      .map((order) => `${order.orderId}: ${timesOf(order)}`),
    'no other order has one': orders
      .filter((order) => !isConfirmed(order) && timesOf(order) > 0)
      .map((order) => `${order.orderId}, ${order.status} (${order.reason ?? '?'}): ${timesOf(order)}`),
    'each swap on the chain is some order’s': unknownSwaps,
    'each swap on the chain is named by its order’s journal': unnamedSwaps,
    'all else grants an allowance or uses a nonce up': strangers(record, attempts),
    'no nonce is skipped, pending or open': nonceFaults(record),
    'executed amounts are those of the Transfer events': orders.flatMap((order) =>
      fillFaults(order, executed.get(order.orderId) ?? [], record.tokens),
    ),
    'balances changed by the sum of the journals, exactly': balanceFaults(orders, executed, record),
  };
}

function which({ hash, signer, nonce, block }: SignersTransaction): string {
  return `${hash} (nonce ${nonce} of ${signer}, block ${block})`;
}

/** An allowance's transaction has no order, and is not looked up in the ledger. So it is checked by what it does. */
function strangers({ transactions }: ChainRecord, attempts: ReadonlyMap<string, Attempt>): readonly string[] {
  const isStrange = ({ doing, hash }: SignersTransaction): boolean => {
    const kind = attempts.get(hash)?.kind;
    return doing === 'something else' || (kind !== undefined && KIND_OF[doing] !== kind);
  };
  return transactions.filter(isStrange).map((each) => `${each.doing}: ${which(each)}`);
}

const KIND_OF = { swap: 'swap', approve: 'approve', nothing: 'cancel' } as const;

function nonceFaults({ nonces, transactions }: ChainRecord): readonly string[] {
  return nonces.flatMap(({ signer, first, latest, pending, account }) => {
    const used = transactions
      .filter((each) => each.signer === signer.toLowerCase())
      .map(({ nonce }) => nonce)
      .sort((a, b) => a - b);
    const isWhole = used.length === latest - first && used.every((nonce, index) => nonce === first + index);
    const faults: string[] = [];
    if (!isWhole)
      faults.push(`${signer}: the chain holds nonces ${used.join(',')}: expected ${first} to ${latest - 1}`);
    if (pending !== latest) faults.push(`${signer}: ${pending - latest} wait`);
    if (account.base !== latest)
      faults.push(`${signer}: the ledger ends at ${account.base}, the chain at ${latest}`);
    if (account.open.length > 0) faults.push(`${signer}: ${account.open.length} reservations are open`);
    if (account.halted !== null) faults.push(`${signer}: halted, ${account.halted.message}`);
    return faults;
  });
}

function fillFaults(
  order: AuditedOrder,
  [swap]: readonly SignersTransaction[],
  tokens: readonly LocalToken[],
): readonly string[] {
  const { orderId, fill } = order;
  if (fill === null || swap === undefined) return [];
  const faults: string[] = [];
  if (fill.hash !== swap.hash) faults.push(`${orderId}: says ${fill.hash}, the chain ${swap.hash}`);
  if (BigInt(fill.block) !== swap.block)
    faults.push(`${orderId}: says block ${fill.block}, the chain ${swap.block}`);
  const sold = -netOf(swap, addressOf(tokens, order.sellToken), swap.signer);
  const bought = netOf(swap, addressOf(tokens, order.buyToken), order.recipient ?? swap.signer);
  if (fill.sold !== sold) faults.push(`${orderId}: says ${fill.sold} sold, the events ${sold}`);
  if (fill.bought !== bought) faults.push(`${orderId}: says ${fill.bought} bought, the events ${bought}`);
  return faults;
}

function balanceFaults(
  orders: readonly AuditedOrder[],
  executed: ReadonlyMap<string, readonly SignersTransaction[]>,
  { before, after, tokens }: ChainRecord,
): readonly string[] {
  const expected = new Map(before);
  const add = (account: string, token: string, amount: bigint): void => {
    const key = balanceKey(account, addressOf(tokens, token));
    expected.set(key, (expected.get(key) ?? 0n) + amount);
  };
  for (const { orderId, fill, sellToken, buyToken, recipient } of orders) {
    const signer = executed.get(orderId)?.[0]?.signer;
    if (fill === null || signer === undefined) continue;
    add(signer, sellToken, -fill.sold);
    add(recipient ?? signer, buyToken, fill.bought);
  }
  return [...expected].flatMap(([key, amount]) => {
    const found = after.get(key) ?? 0n;
    return found === amount ? [] : [`${key}: ${found}, expected ${amount}`];
  });
}

function netOf({ moved }: SignersTransaction, token: string, account: string): bigint {
  return moved.reduce((net, each) => {
    if (each.token !== token) return net;
    const received = each.to === account.toLowerCase() ? each.amount : 0n;
    const given = each.from === account.toLowerCase() ? each.amount : 0n;
    return net + received - given;
  }, 0n);
}

function addressOf(tokens: readonly LocalToken[], symbol: string): string {
  const token = tokens.find((each) => each.symbol === symbol);
  if (token === undefined) throw new Error(`the market has no token ${symbol}`);
  return token.address.toLowerCase();
}
