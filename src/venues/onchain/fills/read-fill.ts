/**
 * What a mined swap moved, and whether that is what the order asked for. The swap has executed, so that nothing here can refuse it:
 * the order ends with the true amounts, and with a named deviation where they are not what was asked for.
 */
import type { Address, Hash } from 'viem';
import { parseAmount, printAmount } from '../../../../machines/amount.ts';
import type { Fill, OrderTerms, Reason } from '../../../../machines/order/types.ts';
import { ERC20 } from '../../../abis/erc20.ts';
import { isRefusal } from '../../../rpc/refusal.ts';
import { decodeFill, netOf, type DecodedFill, type SwapReceipt, type TradedTokens } from './decode-fill.ts';
import type { VenueClient } from '../venue-client.ts';

export type ReadFill = Pick<Fill, 'executedSellAmount' | 'executedBuyAmount' | 'deviation'>;

export interface ReadFillDeps extends TradedTokens {
  readonly client: VenueClient;
}

/** @throws what viem throws where the node does not answer; Error for a transaction that reverted */
export async function readFill(
  deps: ReadFillDeps,
  terms: OrderTerms,
  receipt: SwapReceipt,
): Promise<ReadFill> {
  const decoded = decodeFill(deps, terms, receipt);
  const arrived = await arrivedAmount(deps, decoded, receipt);
  const deviation = deviationOf(deps, terms, { ...decoded, bought: arrived });
  return {
    executedSellAmount: printAmount(positive(decoded.sold)),
    executedBuyAmount: printAmount(positive(arrived)),
    ...(deviation === null ? {} : { deviation }),
  };
}

/**
 * What the recipient's balance grew by. An event is the token's own word: some tokens that keep a fee still report the gross amount.
 * Where the balance differs from the events of the swap, other transfers of its block are taken out. The events count where the node
 * does not keep the state of that block any more, not where it gives no answer.
 */
async function arrivedAmount(
  { client, buy }: ReadFillDeps,
  { bought, recipient }: DecodedFill,
  { blockHash, transactionHash }: SwapReceipt,
): Promise<bigint> {
  // By hash: the node that answers may be on another branch than the one that gave the receipt.
  const balanceAt = (hash: Hash): Promise<bigint> =>
    client.readContract({
      address: buy,
      abi: ERC20,
      functionName: 'balanceOf',
      args: [recipient],
      blockHash: hash,
    });
  try {
    const { parentHash } = await client.getBlock({ blockHash });
    const [before, after] = await Promise.all([balanceAt(parentHash), balanceAt(blockHash)]);
    const grown = after - before;
    if (grown === bought) return bought;
    const logs = await client.getLogs({ address: buy, blockHash });
    const others = logs.filter((log) => log.transactionHash !== transactionHash);
    return grown - netOf({ logs: others }, buy, recipient);
  } catch (thrown) {
    if (isRefusal(thrown)) return bought;
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
    return { code: 'received_less', message: expectedAtLeast(recipient, bought, buy, least) };
  if (sold <= 0n || sold > parseAmount(terms.sellAmount)) {
    const message = `${sold} base units of ${sell} left the signer: expected up to ${terms.sellAmount}`;
    return { code: 'sold_other_amount', message };
  }
  return null;
}

function expectedAtLeast(recipient: Address, bought: bigint, buy: Address, least: bigint): string {
  return `${recipient} received ${bought} base units of ${buy}: expected at least ${least}`;
}

function positive(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}
