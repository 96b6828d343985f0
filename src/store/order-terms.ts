/**
 * What an order is searched by, beside its ids: tokens, pair, transactions, and why it ended. A term is its kind and a value in lower
 * case: `token:weth`, `pair:weth/usdc`, `tx:0x…`, `code:expired`. Tokens are named as the order names them. The views of
 * sqlite/migrations.ts build the same terms in SQL.
 */
import { readStoredContext } from '../journal/stored-context.ts';

export const tokenTerm = (token: string): string => `token:${token.toLowerCase()}`;
export const pairTerm = (sellToken: string, buyToken: string): string =>
  `pair:${sellToken.toLowerCase()}/${buyToken.toLowerCase()}`;
export const transactionTerm = (hash: string): string => `tx:${hash.toLowerCase()}`;
export const codeTerm = (code: string): string => `code:${code}`;

/** Each term once. @param context of a stored order of any machine version */
export function termsOf(context: unknown): readonly string[] {
  const { terms, transactions } = readStoredContext(context);
  const { sellToken, buyToken } = terms;
  const code = endCodeOf(context);
  return [
    ...new Set([
      ...[sellToken, buyToken].flatMap((token) => (isText(token) ? [tokenTerm(token)] : [])),
      ...(isText(sellToken) && isText(buyToken) ? [pairTerm(sellToken, buyToken)] : []),
      ...(code === null ? [] : [codeTerm(code)]),
      ...transactions.flatMap(({ hash }) => (hash === '' ? [] : [transactionTerm(hash)])),
    ]),
  ];
}

/** Why an ended order ended so; null: as it should. */
export function endCodeOf(context: unknown): string | null {
  const { reason, fill } = readStoredContext(context);
  const code = reason?.code ?? fill?.deviation?.code ?? '';
  return code === '' ? null : code;
}

/** Texts of which the JSON of an order's state contains at least one, in any case, if it has one of these terms. */
export function textsOf(terms: readonly string[]): readonly string[] {
  return [...new Set(terms.map((term) => /^[a-z]+:([^/]*)/.exec(term)?.[1] ?? ''))];
}

function isText(value: string | null): value is string {
  return value !== null && value !== '';
}
