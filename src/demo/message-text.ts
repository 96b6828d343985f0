/** The texts of messages for the terminal: whole tokens instead of base units, names instead of addresses, and short hashes. */
import { parseAmount, printWholeTokens } from '../../machines/amount.ts';
import type { JournaledMessage, MessageOf } from '../protocol/messages.ts';
import type { DemoMarket } from './market.ts';
import type { DemoTerms } from './order-mix.ts';

/** @param names of addresses in lower case */
export function messageTexts(market: DemoMarket, names: ReadonlyMap<string, string>) {
  const symbols = Object.keys(market.tokens).join('|');
  const amounts = new RegExp(`\\b(\\d+) (?:base units of )?(${symbols})\\b`, 'g');

  function decimalsOf(symbol: string): number {
    return market.tokens[symbol]?.decimals ?? 0;
  }

  function tokens(amount: bigint, symbol: string): string {
    return `${printWholeTokens(amount, decimalsOf(symbol))} ${symbol}`;
  }

  function readable(text: string): string {
    return text
      .replace(/0x[0-9a-f]{40}\b/gi, (address) => names.get(address.toLowerCase()) ?? short(address))
      .replace(/0x[0-9a-f]{64}\b/gi, short)
      .replace(amounts, (_, amount: string, symbol: string) => tokens(BigInt(amount), symbol));
  }

  function confirmed(message: MessageOf<'confirmed'>, { sellToken, buyToken }: DemoTerms): string {
    const sold = { symbol: sellToken, amount: parseAmount(message.executedSellAmount) };
    const bought = { symbol: buyToken, amount: parseAmount(message.executedBuyAmount) };
    return [
      `Sold ${tokens(sold.amount, sellToken)} for ${tokens(bought.amount, buyToken)} on ${message.venue}`,
      ...price(sold, bought),
      `block ${message.block}`,
      message.transactionHash,
    ].join(', ');
  }

  /** The price of the more expensive token in the other one. */
  function price(one: Amount, other: Amount): readonly string[] {
    const [ones, others] = [scaled(one), scaled(other)];
    if (ones === 0n || others === 0n) return [];
    const [base, quote] = ones < others ? [one, other] : [other, one];
    const larger = ones < others ? others : ones;
    const smaller = ones < others ? ones : others;
    const ratio = (larger * 10n ** BigInt(PRICE_DIGITS)) / smaller;
    return [`${printWholeTokens(ratio, PRICE_DIGITS)} ${quote.symbol} for a ${base.symbol}`];
  }

  /** The amount with `SCALE` decimals, for comparing tokens. */
  function scaled({ symbol, amount }: Amount): bigint {
    return amount * 10n ** BigInt(SCALE - decimalsOf(symbol));
  }

  return function textOf(message: JournaledMessage, terms: DemoTerms | undefined): string {
    if (terms === undefined) return readable(message.message);
    switch (message.type) {
      case 'pending': {
        const { sellToken, buyToken, sellAmount } = terms;
        return `${message.message}: sell ${tokens(parseAmount(sellAmount), sellToken)} for ${buyToken}`;
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

const PRICE_DIGITS = 6;
/** At least the decimals of any token of the demo. */
const SCALE = 18;

interface Amount {
  readonly symbol: string;
  readonly amount: bigint;
}

/** Keeps short texts, such as the name of a simulated signer. */
function short(hash: string): string {
  return hash.length <= 20 ? hash : `${hash.slice(0, 10)}…${hash.slice(-4)}`;
}
