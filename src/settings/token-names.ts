/** By which names orders, limits and venues call a token. */

/** The one name of a token, for each of its names; null: the token is not on the token list. */
export type TokenName = (symbolOrAddress: string) => string | null;

export interface TokenNames {
  readonly nameOf: TokenName;
  /** The symbols of the list, for people. */
  readonly symbols: readonly string[];
}

/** For the simulation, which has no list: each name is a token. */
export const ANY_TOKEN: TokenNames = { nameOf: (name) => name.toUpperCase(), symbols: [] };

/** The one name is the address in lower case, which stays when the list gives the token another symbol. */
export function listedTokens(
  tokens: readonly { readonly symbol: string; readonly address: string }[],
): TokenNames {
  const names = new Map(
    tokens.flatMap(({ symbol, address }) =>
      [symbol, address].map((text) => [text.toLowerCase(), address.toLowerCase()] as const),
    ),
  );
  return {
    nameOf: (symbolOrAddress) => names.get(symbolOrAddress.toLowerCase()) ?? null,
    symbols: tokens.map(({ symbol }) => symbol),
  };
}

/** The same names, and every other address as a token of its own. */
export function orAnyAddress({ nameOf, symbols }: TokenNames): TokenNames {
  return { nameOf: (name) => nameOf(name) ?? (name.startsWith('0x') ? name.toLowerCase() : null), symbols };
}
