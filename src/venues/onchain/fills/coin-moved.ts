/**
 * What a swap moved of the chain's own coin, which emits no events. The router wraps what is sold, and unwraps what is bought: the
 * wrapped token tells of that. The balances of the block before and after say the same, less the gas, where no other transaction of the
 * block touches the account.
 */
import { isAddressEqual, parseEventLogs, zeroAddress, type Address, type Hash } from 'viem';
import { WETH9_EVENTS } from '../../../abis/weth9.ts';
import { paidFor } from '../../../rpc/receipt-charges.ts';
import type { VenueClient } from '../venue-client.ts';
import type { SwapReceipt } from './decode-fill.ts';
import { transferred } from './transfers.ts';

type Logs = Pick<SwapReceipt, 'logs'>;

/** By the events of the wrapped token; some say it by `Deposit`, some as a transfer from 0, some by both. */
export function wrappedBy({ logs }: Logs, token: Address, router: Address): bigint {
  const ofToken = logs.filter(({ address }) => isAddressEqual(address, token));
  const deposits = parseEventLogs({ abi: WETH9_EVENTS, eventName: 'Deposit', logs: ofToken }).flatMap(
    ({ args }) => (isAddressEqual(args.dst, router) ? [args.wad] : []),
  );
  return most(sum(deposits), transferred(logs, token, zeroAddress, router));
}

/** By the events of the wrapped token, as above. */
export function unwrappedBy({ logs }: Logs, token: Address, router: Address): bigint {
  const ofToken = logs.filter(({ address }) => isAddressEqual(address, token));
  const withdrawals = parseEventLogs({ abi: WETH9_EVENTS, eventName: 'Withdrawal', logs: ofToken }).flatMap(
    ({ args }) => (isAddressEqual(args.src, router) ? [args.wad] : []),
  );
  return most(sum(withdrawals), transferred(logs, token, router, zeroAddress));
}

/**
 * By how much the account's coin grew through the transaction, what it paid for the transaction taken out. Null: the block does not
 * show it, because other transactions of it are sent by or to the account, or because the receipt does not say what was paid.
 * @throws what viem throws
 */
export async function coinGrowth(
  client: VenueClient,
  account: Address,
  receipt: SwapReceipt,
): Promise<bigint | null> {
  const { blockHash, transactionHash, from } = receipt;
  const paid = isAddressEqual(from, account) ? paidFor(receipt) : 0n;
  if (paid === null) return null;
  // By hash: the node that answers may be on another branch than the one that gave the receipt.
  const { parentHash, transactions } = await client.getBlock({ blockHash, includeTransactions: true });
  const touches = (party: Address | null): boolean => party !== null && isAddressEqual(party, account);
  const others = transactions.filter(({ hash }) => hash !== transactionHash);
  if (others.some((each) => touches(each.from) || touches(each.to))) return null;
  const balanceAt = (hash: Hash) => client.getBalance({ address: account, blockHash: hash });
  const [before, after] = await Promise.all([balanceAt(parentHash), balanceAt(blockHash)]);
  return after - before + paid;
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function most(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
