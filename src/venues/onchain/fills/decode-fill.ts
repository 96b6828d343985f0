/** What a mined swap moved, from the events of the tokens themselves: a receipt's success alone proves nothing. */
import { getAddress, isAddressEqual, type Address, type TransactionReceipt } from 'viem';
import type { OrderTerms } from '../../../../machines/order/types.ts';
import type { Exchange } from '../exchanges/exchange.ts';
import type { ListedToken } from '../token-list.ts';
import { unwrappedBy, wrappedBy } from './coin-moved.ts';
import { netOf } from './transfers.ts';

export type SwapReceipt = Pick<
  TransactionReceipt,
  'transactionHash' | 'blockHash' | 'status' | 'from' | 'to' | 'logs'
>;

/** What the events of a receipt say. */
export interface DecodedFill {
  /** Base units that left the signer, net of what came back. */
  readonly sold: bigint;
  /** Base units that reached `recipient`, net of what it gave away. */
  readonly bought: bigint;
  readonly recipient: Address;
  /** Why this is not a swap on the exchange, as far as the events show; null: it is one. */
  readonly flaw: string | null;
}

export interface TradedTokens {
  readonly exchange: Exchange;
  readonly sell: ListedToken;
  readonly buy: ListedToken;
}

/** Pure. @throws Error for the receipt of a transaction that reverted */
export function decodeFill(
  { exchange, sell, buy }: TradedTokens,
  terms: OrderTerms,
  receipt: SwapReceipt,
): DecodedFill {
  if (receipt.status !== 'success') throw new Error(`${receipt.transactionHash} reverted: it has no fill`);
  const recipient = terms.recipient === null ? receipt.from : getAddress(terms.recipient);
  return {
    sold:
      sell.isCoin === true
        ? wrappedBy(receipt, sell.address, exchange.router)
        : -netOf(receipt, sell.address, receipt.from),
    bought:
      buy.isCoin === true
        ? unwrappedBy(receipt, buy.address, exchange.router)
        : netOf(receipt, buy.address, recipient),
    recipient,
    flaw: flawOf(exchange, receipt),
  };
}

function flawOf(exchange: Exchange, { to, logs }: SwapReceipt): string | null {
  if (to === null || !isAddressEqual(to, exchange.router)) {
    return `it called ${to ?? 'no contract'}, not the router ${exchange.router}`;
  }
  return logs.some(({ topics }) => topics[0] === exchange.swapTopic) ? null : 'no pool emitted a swap';
}
