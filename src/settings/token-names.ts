/** By which names orders, limits and venues call a token. */
import { isNativeCoin } from '../../machines/native-coin.ts';

/** The one name of a token, for each of its names; null: the token is not on the token list. */
export type TokenName = (symbolOrAddress: string) => string | null;

export interface TokenNames {
  readonly nameOf: TokenName;
  /** The same, but the chain's own coin has the name of its wrapped token: what limits count is one asset. */
  readonly assetOf: TokenName;
  /** The symbols of the list, for people. */
  readonly symbols: readonly string[];
}

/** For the simulation, which has no list: each name is a token. */
export const ANY_TOKEN: TokenNames = {
  nameOf: (name) => name.toUpperCase(),
  assetOf: (name) => name.toUpperCase(),
  symbols: [],
};

/**
 * The one name is the address in lower case, which stays when the list gives the token another symbol.
 * @param tokens the first is the wrapped coin; the coin itself has the address `NATIVE_COIN`
 */
export function listedTokens(
  tokens: readonly { readonly symbol: string; readonly address: string }[],
): TokenNames {
  const names = new Map(
    tokens.flatMap(({ symbol, address }) =>
      [symbol, address].map((text) => [text.toLowerCase(), address.toLowerCase()] as const),
    ),
  );
  const wrapped = tokens[0]?.address.toLowerCase() ?? null;
  const nameOf: TokenName = (symbolOrAddress) => names.get(symbolOrAddress.toLowerCase()) ?? null;
  return {
    nameOf,
    assetOf(symbolOrAddress) {
      const name = nameOf(symbolOrAddress);
      return name !== null && isNativeCoin(name) ? wrapped : name;
    },
    symbols: tokens.map(({ symbol }) => symbol),
  };
}

/** The same names, and every other address as a separate token. */
export function orAnyAddress({ nameOf, assetOf, symbols }: TokenNames): TokenNames {
  const orAddress =
    (known: TokenName): TokenName =>
    (name) =>
      known(name) ?? (name.startsWith('0x') ? name.toLowerCase() : null);
  return { nameOf: orAddress(nameOf), assetOf: orAddress(assetOf), symbols };
}
