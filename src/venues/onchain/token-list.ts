/** The tokens that venues of a chain trade, by symbol and by address. */
import { getAddress, type Address } from 'viem';
import { NATIVE_COIN } from '../../../machines/native-coin.ts';
import { EffectError } from '../../../machines/order/effect-error.ts';

export interface ListedToken {
  readonly symbol: string;
  readonly address: Address;
  readonly decimals: number;
  /** The chain's own coin: `address` is that of its wrapped token, which pools hold. */
  readonly isCoin?: true;
}

/** @throws EffectError `fail`, `unsupported_token` */
export type TokenList = (symbolOrAddress: string) => ListedToken;

/**
 * Symbols and addresses are found in any case, as in the API.
 * @param coin the chain's own coin, which is also found by `NATIVE_COIN`; null: it is not traded
 * @throws Error when two tokens have the same symbol or address
 */
export function tokenList(
  tokens: readonly { readonly symbol: string; readonly address: string; readonly decimals: number }[],
  coin: { readonly symbol: string; readonly wrapped: string } | null = null,
): TokenList {
  const byName = new Map<string, ListedToken>();
  for (const { symbol, address, decimals } of tokens) {
    add([symbol, address], { symbol, address: getAddress(address), decimals });
  }
  if (coin !== null) {
    const { symbol, wrapped } = coin;
    add([symbol, NATIVE_COIN], { symbol, address: getAddress(wrapped), decimals: 18, isCoin: true });
  }

  function add(names: readonly string[], token: ListedToken): void {
    for (const name of names.map((text) => text.toLowerCase())) {
      if (byName.has(name)) throw new Error(`the token list has ${name} twice`);
      byName.set(name, token);
    }
  }

  return (symbolOrAddress) => {
    const token = byName.get(symbolOrAddress.toLowerCase());
    if (token !== undefined) return token;
    const known = [...tokens, ...(coin === null ? [] : [coin])].map(({ symbol }) => symbol).join(', ');
    throw new EffectError(
      'fail',
      'unsupported_token',
      `${symbolOrAddress} is not on the token list: expected one of ${known}, or one of their addresses`,
    );
  };
}
