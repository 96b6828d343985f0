/** Which entries of an owner's orders a subscription wants: by the status that they reach, and by the tokens of the order. */
import { FillstreamError, type FieldError } from '../../errors.ts';
import type { OrderStatus } from '../../../machines/order/state.ts';
import type { OrdersFilter } from '../../protocol/requests.ts';

/** The one name of a token for all of its names; null: it is not on the token list. */
export type TokenName = (symbolOrAddress: string) => string | null;

/** What an order sells and buys, each under the one name of the token. */
export interface Pair {
  readonly sellToken: string;
  readonly buyToken: string;
}

export interface EntryFilter {
  /** The same for filters that want the same entries. */
  readonly key: string;
  readonly needsPair: boolean;
  wantsStatus(status: OrderStatus): boolean;
  wantsPair(pair: Pair): boolean;
}

/** @throws FillstreamError unknown_token */
export function entryFilter(
  { status, sellToken, buyToken }: OrdersFilter,
  tokenName: TokenName,
): EntryFilter {
  const unknown = Object.entries({ sellToken, buyToken }).filter(
    ([, token]) => token !== undefined && tokenName(token) === null,
  );
  if (unknown.length > 0) throw unknownToken(unknown.map(([field]) => field));
  const wanted = status === undefined ? null : new Set(status);
  const pair = pairOf({ sellToken: sellToken ?? null, buyToken: buyToken ?? null }, tokenName);
  return {
    key: JSON.stringify([wanted === null ? null : [...wanted].sort(), pair.sellToken, pair.buyToken]),
    needsPair: pair.sellToken !== '' || pair.buyToken !== '',
    wantsStatus: (reached) => wanted === null || wanted.has(reached),
    wantsPair: (of) =>
      (pair.sellToken === '' || pair.sellToken === of.sellToken) &&
      (pair.buyToken === '' || pair.buyToken === of.buyToken),
  };
}

/** A token that has left the list goes by the name that the order has for it; one that cannot be read by none. */
export function pairOf(
  terms: { readonly sellToken: string | null; readonly buyToken: string | null },
  tokenName: TokenName,
): Pair {
  const nameOf = (token: string | null): string =>
    token === null ? '' : (tokenName(token) ?? token.toLowerCase());
  return { sellToken: nameOf(terms.sellToken), buyToken: nameOf(terms.buyToken) };
}

function unknownToken(fields: readonly string[]): FillstreamError {
  const message = 'expected a token of the token list, by symbol or address';
  const errors = fields.map((field): FieldError => ({ field, message }));
  return new FillstreamError('unknown_token', `${fields.join(' and ')}: ${message}`, { errors });
}
