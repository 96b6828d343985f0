/** What a quote comes to where a token of the pair keeps a part of each transfer: what reaches the recipient, not what the pool pays. */
import { keccak256, slice, stringToHex, type Address } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { BestQuote, Exchange } from './exchanges/exchange.ts';
import type { SimulateTransfer } from './simulation/transfer-simulation.ts';
import type { ListedToken } from './token-list.ts';

export interface ReceivedQuote {
  readonly offer: BestQuote;
  /** Base units that reach the recipient. */
  readonly buyAmount: bigint;
  /** The node does not simulate transfers: what the tokens keep is not taken off. */
  readonly isGross: boolean;
}

export interface QuotedSwap {
  readonly sell: ListedToken;
  readonly buy: ListedToken;
  readonly sellAmount: bigint;
  /** Null: the signer, which is not chosen yet. */
  readonly recipient: Address | null;
}

/** Stands for accounts that are not known yet. */
const ANY_ACCOUNT: Address = slice(keccak256(stringToHex('fillstream: any account')), 12);

/**
 * @throws EffectError `reroute`: unsupported_token where the exchange takes no less than its router was told, received_less where
 *   nothing would arrive; what viem throws
 */
export async function quoteReceived(
  {
    exchange,
    simulateTransfer,
  }: { readonly exchange: Exchange; readonly simulateTransfer: SimulateTransfer },
  offer: BestQuote,
  { sell, buy, sellAmount, recipient }: QuotedSwap,
): Promise<ReceivedQuote> {
  const { takes, pays } = await offer.path.pools();
  const arrivesOf = ({ address: token, isCoin }: ListedToken, pool: Address, amount: bigint, to: Address) =>
    // The coin is wrapped and unwrapped by the router, and its wrapped token keeps nothing.
    isCoin === true ? Promise.resolve(amount) : simulateTransfer({ token, pool, recipient: to, amount });

  const paidOf = (amount: bigint) => arrivesOf(buy, pays, amount, recipient ?? ANY_ACCOUNT);

  const [taken, ofWhole] = await Promise.all([
    arrivesOf(sell, takes, sellAmount, ANY_ACCOUNT),
    paidOf(offer.buyAmount),
  ]);
  const isWhole = taken === null || taken === sellAmount;
  const paid = isWhole ? offer : await quoteTaken(exchange, offer, sell, taken);
  const received = isWhole ? ofWhole : await paidOf(paid.buyAmount);
  if (received === 0n) {
    throw new EffectError(
      'reroute',
      'received_less',
      `nothing of the ${paid.buyAmount} base units of ${buy.symbol} that ${exchange.name} pays would arrive: the token keeps them`,
    );
  }
  return { offer: paid, buyAmount: received ?? paid.buyAmount, isGross: taken === null || received === null };
}

async function quoteTaken(
  { name }: Exchange,
  { path }: BestQuote,
  { symbol }: ListedToken,
  taken: bigint,
): Promise<BestQuote> {
  const quote = path.encodeForKeptFees === undefined ? null : await path.quote(taken);
  if (quote !== null && typeof quote !== 'string') return { ...quote, path };
  throw new EffectError(
    'reroute',
    'unsupported_token',
    `${name} would receive ${taken} base units of ${symbol}, less than is sold, for which it pays nothing: the token keeps a part of each transfer`,
  );
}
