/** What a text of a search may be: an id or its beginning, a clientOrderId, a transaction, a token, a pair, or why an order ended. */
import type { TokenNames } from '../../settings/token-names.ts';
import { codeTerm, pairTerm, tokenTerm, transactionTerm } from '../../store/order-terms.ts';
import { SHORTEST_ID_PREFIX, type OrderSearch } from '../../store/ports.ts';

const PAIR = /^([^/]+)\/([^/]+)$/;

/** Of `q`. Everything that the text may be is looked for. */
export function searchOf(text: string, tokens: TokenNames): OrderSearch {
  const word = text.toLowerCase();
  if (/^0x[0-9a-f]{64}$/.test(word)) return { terms: [transactionTerm(word)], clientOrderId: text };
  const pair = PAIR.exec(word);
  return {
    terms: [
      ...spellings(word, tokens).map(tokenTerm),
      ...(pair === null ? [] : pairTerms(pair[1] ?? '', pair[2] ?? '', tokens)),
      ...(/^[a-z][a-z0-9_]*$/.test(word) ? [codeTerm(word)] : []),
    ],
    ...(/^[a-z2-7]{1,32}$/.test(word) && word.length >= SHORTEST_ID_PREFIX ? { idPrefix: word } : {}),
    clientOrderId: text,
  };
}

/** Of `pair`. */
export function pairSearch(sellToken: string, buyToken: string, tokens: TokenNames): OrderSearch {
  return { terms: pairTerms(sellToken, buyToken, tokens) };
}

function pairTerms(sellToken: string, buyToken: string, tokens: TokenNames): readonly string[] {
  const buys = spellings(buyToken, tokens);
  return spellings(sellToken, tokens).flatMap((sell) => buys.map((buy) => pairTerm(sell, buy)));
}

/** Orders name a token as their clients did: by its symbol or its address. */
function spellings(token: string, { nameOf, symbols }: TokenNames): readonly string[] {
  const name = nameOf(token);
  const others = name === null ? [] : [name, ...symbols.filter((symbol) => nameOf(symbol) === name)];
  return [...new Set([token, ...others].map((spelling) => spelling.toLowerCase()))];
}
