/** The token prices of simulated venues. Invented, but plausible: they are not market prices. */
import { seededDraw } from '../../runtime/seeded-draw.ts';

export interface Token {
  readonly decimals: number;
  /** 1/1,000,000 US dollar for one whole token. */
  readonly microDollars: bigint;
}

export type TokenTable = Readonly<Record<string, Token>>;

export const KNOWN_TOKENS: TokenTable = {
  ETH: { decimals: 18, microDollars: 3_000_000_000n },
  WETH: { decimals: 18, microDollars: 3_000_000_000n },
  USDC: { decimals: 6, microDollars: 1_000_000n },
  DAI: { decimals: 18, microDollars: 999_800n },
  WBTC: { decimals: 8, microDollars: 95_000_000_000n },
  UNI: { decimals: 18, microDollars: 8_500_000n },
};

/** A token that the table lacks gets a price between $0.01 and $100 from its name, the same at every venue. */
export function tokenOf(table: TokenTable, symbolOrAddress: string): Token {
  const name = symbolOrAddress.toUpperCase();
  return (
    table[name] ?? {
      decimals: 18,
      microDollars: BigInt(Math.round(10 ** (4 + 4 * seededDraw('token price', name)))),
    }
  );
}

/** `sellAmount` at par, in base units of the other token, rounded down. */
export function convert(sellAmount: bigint, sell: Token, buy: Token): bigint {
  const numerator = sellAmount * sell.microDollars * 10n ** BigInt(buy.decimals);
  return numerator / (buy.microDollars * 10n ** BigInt(sell.decimals));
}

/** Base units of a token that are worth so many millionths of a dollar, rounded down. */
export function amountWorth(microDollars: bigint, token: Token): bigint {
  return (microDollars * 10n ** BigInt(token.decimals)) / token.microDollars;
}
