/**
 * What a mined swap moved, and whether that is what the order asked for. The swap has executed, so that nothing here can refuse it:
 * the order ends with the true amounts, and with a named deviation where they are not what was asked for.
 */
import type { Address } from 'viem';
import { parseAmount, printAmount } from '../../../../machines/amount.ts';
import type { Fill, OrderTerms, Reason } from '../../../../machines/order/types.ts';
import { isRefusal } from '../../../rpc/refusal.ts';
import type { ListedToken } from '../token-list.ts';
import { coinGrowth } from './coin-moved.ts';
import { decodeFill, type DecodedFill, type SwapReceipt, type TradedTokens } from './decode-fill.ts';
import type { VenueClient } from '../venue-client.ts';
import type { BlockFacts } from './block-facts.ts';
import { netOf } from './transfers.ts';

export type ReadFill = Pick<Fill, 'executedSellAmount' | 'executedBuyAmount' | 'deviation'>;

export interface ReadFillDeps extends TradedTokens {
  readonly client: VenueClient;
  readonly blocks: BlockFacts;
}

/** @throws what viem throws where the node does not answer; Error for a transaction that reverted */
export async function readFill(
  deps: ReadFillDeps,
  terms: OrderTerms,
  receipt: SwapReceipt,
): Promise<ReadFill> {
  const decoded = decodeFill(deps, terms, receipt);
  const { sell, buy } = deps;
  const sold = sell.isCoin === true ? await soldCoin(deps, decoded, receipt) : decoded.sold;
  const read = buy.isCoin === true ? arrivedCoin : arrivedAmount;
  const bought = await read(deps, decoded, receipt);
  const deviation = deviationOf(deps, terms, { ...decoded, sold, bought });
  return {
    executedSellAmount: printAmount(positive(sold)),
    executedBuyAmount: printAmount(positive(bought)),
    ...(deviation === null ? {} : { deviation }),
  };
}

/**
 * What the recipient's balance grew by. An event is the token's own word: some tokens that keep a fee still report the gross amount.
 * Where the balance differs from the events of the swap, other transfers of its block are taken out. The events count where the node
 * does not keep the state of that block any more, not where it gives no answer.
 */
async function arrivedAmount(
  { blocks, buy }: ReadFillDeps,
  { bought, recipient }: DecodedFill,
  { blockHash, transactionHash }: SwapReceipt,
): Promise<bigint> {
  const { address: token } = buy;
  try {
    const parentHash = await blocks.parentOf(blockHash);
    const [before, after] = await Promise.all([
      blocks.balanceAt(parentHash, token, recipient),
      blocks.balanceAt(blockHash, token, recipient),
    ]);
    const grown = after - before;
    if (grown === bought) return bought;
    const logs = await blocks.logsOf(blockHash, token);
    const others = logs.filter((log) => log.transactionHash !== transactionHash);
    return grown - netOf({ logs: others }, token, recipient);
  } catch (thrown) {
    if (isRefusal(thrown)) return bought;
    throw thrown;
  }
}

/** What left the signer of the coin. Where the block does not show it, what the router wrapped. */
async function soldCoin(
  { client }: ReadFillDeps,
  { sold }: DecodedFill,
  receipt: SwapReceipt,
): Promise<bigint> {
  const growth = await unlessRefused(() => coinGrowth(client, receipt.from, receipt));
  return growth === null ? sold : -growth;
}

/**
 * What reached the recipient of the coin that the router unwrapped. More than that came from elsewhere, unless no event says how much it was. Less of it than that counts where
 * the recipient is no contract: a contract may pass on what it receives.
 */
async function arrivedCoin(
  { client }: ReadFillDeps,
  { bought, recipient }: DecodedFill,
  receipt: SwapReceipt,
): Promise<bigint> {
  const growth = await unlessRefused(() => coinGrowth(client, recipient, receipt));
  if (growth === null) return bought;
  if (growth >= bought) return bought === 0n ? growth : bought;
  return (await client.getCode({ address: recipient })) === undefined ? growth : bought;
}

/** Null where the node does not keep the state of that block any more. @throws what viem throws where it gives no answer */
async function unlessRefused(read: () => Promise<bigint | null>): Promise<bigint | null> {
  try {
    return await read();
  } catch (thrown) {
    if (isRefusal(thrown)) return null;
    throw thrown;
  }
}

function deviationOf(
  { exchange, sell, buy }: TradedTokens,
  terms: OrderTerms,
  { sold, bought, recipient, flaw }: DecodedFill,
): Reason | null {
  if (flaw !== null) return { code: 'not_a_swap', message: `On ${exchange.name}: ${flaw}` };
  const least = terms.minBuyAmount === null ? 1n : parseAmount(terms.minBuyAmount);
  if (bought < least)
    return { code: 'received_less', message: expectedAtLeast(recipient, bought, nameOf(buy), least) };
  if (sold <= 0n || sold > parseAmount(terms.sellAmount)) {
    const message = `${sold} base units of ${nameOf(sell)} left the signer: expected up to ${terms.sellAmount}`;
    return { code: 'sold_other_amount', message };
  }
  return null;
}

function nameOf({ isCoin, symbol, address }: ListedToken): string {
  return isCoin === true ? symbol : address;
}

function expectedAtLeast(recipient: Address, bought: bigint, buy: string, least: bigint): string {
  return `${recipient} received ${bought} base units of ${buy}: expected at least ${least}`;
}

function positive(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}
