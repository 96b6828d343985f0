/** The texts of messages for the terminal: whole tokens instead of base units, names instead of addresses, and short hashes. */
import { parseAmount, printWholeTokens } from '../../machines/amount.ts';
import type { JournaledMessage, MessageOf } from '../protocol/messages.ts';

/** What an order sells and buys. Tokens by symbol, the amount in base units. */
export interface ShownTerms {
  readonly sellToken: string;
  readonly buyToken: string;
  readonly sellAmount: string;
}

/**
 * @param tokens by symbol; amounts of others are shown in base units
 * @param names of addresses in lower case
 */
export function messageTexts(
  tokens: Readonly<Record<string, { readonly decimals: number }>>,
  names: ReadonlyMap<string, string>,
) {
  const symbols = Object.keys(tokens).map((symbol) => symbol.replaceAll('.', '\\.'));
  const amounts =
    symbols.length === 0
      ? /(?!)/g
      : new RegExp(`\\b(\\d+) (?:base units of )?(${symbols.join('|')})\\b`, 'g');

  function decimalsOf(symbol: string): number {
    return tokens[symbol]?.decimals ?? 0;
  }

  function whole(amount: bigint, symbol: string): string {
    return `${printWholeTokens(amount, decimalsOf(symbol))} ${symbol}`;
  }

  function readable(text: string): string {
    return withoutControls(text)
      .replace(/0x[0-9a-f]{40}\b/gi, (address) => names.get(address.toLowerCase()) ?? short(address))
      .replace(/0x[0-9a-f]{64}\b/gi, short)
      .replace(amounts, (_, amount: string, symbol: string) => whole(BigInt(amount), symbol));
  }

  function confirmed(message: MessageOf<'confirmed'>, { sellToken, buyToken }: ShownTerms): string {
    const sold = { symbol: sellToken, amount: parseAmount(message.executedSellAmount) };
    const bought = { symbol: buyToken, amount: parseAmount(message.executedBuyAmount) };
    return [
      `Sold ${whole(sold.amount, sellToken)} for ${whole(bought.amount, buyToken)} on ${message.venue}`,
      ...price(sold, bought),
      `block ${message.block}`,
      message.transactionHash,
    ].join(', ');
  }

  /** The price of the more expensive token in the other one. */
  function price(one: Amount, other: Amount): readonly string[] {
    if (!(one.symbol in tokens && other.symbol in tokens)) return [];
    const scale = Math.max(decimalsOf(one.symbol), decimalsOf(other.symbol));
    const [ones, others] = [scaled(one, scale), scaled(other, scale)];
    if (ones === 0n || others === 0n) return [];
    const [base, quote] = ones < others ? [one, other] : [other, one];
    const larger = ones < others ? others : ones;
    const smaller = ones < others ? ones : others;
    const ratio = (larger * 10n ** BigInt(PRICE_DIGITS)) / smaller;
    return [`${printWholeTokens(ratio, PRICE_DIGITS)} ${quote.symbol} for a ${base.symbol}`];
  }

  /** The amount with so many decimals, for comparing tokens. */
  function scaled({ symbol, amount }: Amount, scale: number): bigint {
    return amount * 10n ** BigInt(scale - decimalsOf(symbol));
  }

  return function textOf(message: JournaledMessage, terms: ShownTerms | undefined): string {
    if (terms === undefined) return readable(message.message);
    switch (message.type) {
      case 'pending': {
        const { sellToken, buyToken, sellAmount } = terms;
        return `${message.message}: sell ${whole(parseAmount(sellAmount), sellToken)} for ${buyToken}`;
      }
      case 'routing': {
        const offers = (message.quotes ?? []).map(({ venue, buyAmount }) => {
          return `${venue} ${printWholeTokens(parseAmount(buyAmount), decimalsOf(terms.buyToken))}`;
        });
        const text = readable(message.message);
        return offers.length === 0 ? text : `${text}: ${offers.join(', ')} ${terms.buyToken}`;
      }
      case 'submitted': {
        const { transaction, state } = message;
        const text = readable(message.message);
        if (transaction === undefined || state !== 'submitted.broadcasting') return text;
        return `${text}, nonce ${transaction.nonce} of ${short(transaction.signer)}`;
      }
      case 'confirmed':
        return confirmed(message, terms);
      default:
        return readable(message.message);
    }
  };
}

/** Some texts come from nodes and contracts: an escape sequence could redraw the terminal. */
export function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

const PRICE_DIGITS = 6;

interface Amount {
  readonly symbol: string;
  readonly amount: bigint;
}

/** Keeps short texts, such as the name of a simulated signer. */
function short(hash: string): string {
  return hash.length <= 20 ? hash : `${hash.slice(0, 10)}…${hash.slice(-4)}`;
}
