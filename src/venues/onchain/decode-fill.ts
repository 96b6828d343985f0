/** What a mined swap moved, from the events of the tokens themselves: a receipt's success alone proves nothing. */
import { getAddress, isAddressEqual, parseEventLogs, type Address, type TransactionReceipt } from 'viem';
import { parseAmount, printAmount } from '../../../machines/amount.ts';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { OrderTerms } from '../../../machines/order/types.ts';
import { ERC20 } from '../../abis/erc20.ts';
import type { Exchange } from './exchange.ts';

export type SwapReceipt = Pick<TransactionReceipt, 'transactionHash' | 'status' | 'from' | 'to' | 'logs'>;

export interface ExecutedAmounts {
  readonly executedSellAmount: string;
  readonly executedBuyAmount: string;
}

export interface FillDeps {
  readonly exchange: Exchange;
  readonly sell: Address;
  readonly buy: Address;
}

/**
 * What left the signer and what reached the recipient, net of what went the other way.
 * @throws EffectError `fail`, `fill_unverified` when this is not a fill of at least `minBuyAmount` (of more than 0 where
 *   the order names none)
 */
export function decodeFill(
  { exchange, sell, buy }: FillDeps,
  terms: OrderTerms,
  receipt: SwapReceipt,
): ExecutedAmounts {
  const unverified = (why: string): EffectError =>
    new EffectError('fail', 'fill_unverified', `${receipt.transactionHash} on ${exchange.name}: ${why}`);
  if (receipt.status !== 'success') throw unverified('it reverted');
  if (receipt.to === null || !isAddressEqual(receipt.to, exchange.router)) {
    throw unverified(`it called ${receipt.to ?? 'no contract'}, not the router ${exchange.router}`);
  }
  if (!receipt.logs.some(({ topics }) => topics[0] === exchange.swapTopic)) {
    throw unverified('no pool emitted a swap');
  }
  const recipient = terms.recipient === null ? receipt.from : getAddress(terms.recipient);
  const sold = -netOf(receipt, sell, receipt.from);
  const bought = netOf(receipt, buy, recipient);
  const least = terms.minBuyAmount === null ? 1n : parseAmount(terms.minBuyAmount);
  if (bought < least) {
    throw unverified(`${recipient} received ${bought} base units of ${buy}: expected at least ${least}`);
  }
  if (sold <= 0n || sold > parseAmount(terms.sellAmount)) {
    throw unverified(
      `${sold} base units of ${sell} left ${receipt.from}: expected up to ${terms.sellAmount}`,
    );
  }
  return { executedSellAmount: printAmount(sold), executedBuyAmount: printAmount(bought) };
}

/** What the account received less what it sent, by the token's events. */
function netOf({ logs }: SwapReceipt, token: Address, account: Address): bigint {
  const ofToken = logs.filter(({ address }) => isAddressEqual(address, token));
  return parseEventLogs({ abi: ERC20, eventName: 'Transfer', logs: ofToken }).reduce((net, { args }) => {
    const received = isAddressEqual(args.to, account) ? args.value : 0n;
    const given = isAddressEqual(args.from, account) ? args.value : 0n;
    return net + received - given;
  }, 0n);
}
