/** The tokens that venues of a chain trade, by symbol and by address. */
import { getAddress, type Address } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';

export interface ListedToken {
  readonly symbol: string;
  readonly address: Address;
  readonly decimals: number;
}

/** @throws EffectError `fail`, `unsupported_token` */
export type TokenList = (symbolOrAddress: string) => ListedToken;

/**
 * Symbols and addresses are found in any case, as in the API.
 * @throws Error when two tokens have the same symbol or address
 */
export function tokenList(
  tokens: readonly { readonly symbol: string; readonly address: string; readonly decimals: number }[],
): TokenList {
  const byName = new Map<string, ListedToken>();
  for (const { symbol, address, decimals } of tokens) {
    const token = { symbol, address: getAddress(address), decimals };
    for (const name of [symbol, address].map((text) => text.toLowerCase())) {
      if (byName.has(name)) throw new Error(`the token list has ${name} twice`);
      byName.set(name, token);
    }
  }
  return (symbolOrAddress) => {
    const token = byName.get(symbolOrAddress.toLowerCase());
    if (token !== undefined) return token;
    const known = tokens.map(({ symbol }) => symbol).join(', ');
    throw new EffectError(
      'fail',
      'unsupported_token',
      `${symbolOrAddress} is not on the token list: expected one of ${known}, or one of their addresses`,
    );
  };
}
