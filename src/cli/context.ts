/** What every command that calls an API is given. */
import type { FillstreamClient, Token } from '../client/index.ts';
import { OperatorError } from '../operator-error.ts';
import { messageTexts, type ShownTerms } from '../terminal/message-text.ts';
import type { JournaledMessage } from '../client/index.ts';
import type { Output } from './output.ts';

export interface Context {
  readonly client: FillstreamClient;
  readonly output: Output;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The tokens that the server trades, and how amounts of them are shown. */
export class Tokens {
  readonly #bySymbol: Readonly<Record<string, Token>>;
  readonly #byName: ReadonlyMap<string, Token>;

  constructor(tokens: readonly Token[]) {
    this.#bySymbol = Object.fromEntries(tokens.map((token) => [token.symbol, token]));
    this.#byName = new Map(
      tokens.flatMap((token) =>
        [token.symbol, token.address].map((name) => [name.toLowerCase(), token] as const),
      ),
    );
  }

  static async of({ client, signal }: Context): Promise<Tokens> {
    return new Tokens(await client.tokens({ signal }));
  }

  /** @param name symbol or address */
  get(name: string): Token | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** @throws OperatorError where the server does not list the token */
  expect(name: string): Token {
    const token = this.get(name);
    if (token !== undefined) return token;
    const known = Object.keys(this.#bySymbol);
    throw new OperatorError(
      known.length === 0
        ? 'the server lists no tokens, so that amounts can only be given in base units: add --base-units'
        : `the server does not trade "${name}": expected one of ${known.join(', ')}; or give amounts in base units with --base-units`,
    );
  }

  /** Terms with symbols instead of addresses. */
  shown({ sellToken, buyToken, sellAmount }: ShownTerms): ShownTerms {
    return {
      sellToken: this.get(sellToken)?.symbol ?? sellToken,
      buyToken: this.get(buyToken)?.symbol ?? buyToken,
      sellAmount,
    };
  }

  /** The text of each message, in whole tokens. */
  texts(): (message: JournaledMessage, terms: ShownTerms | undefined) => string {
    const names = [...this.#byName.values()].map(
      ({ address, symbol }) => [address.toLowerCase(), symbol] as const,
    );
    return messageTexts(this.#bySymbol, new Map(names));
  }
}

/** The terms as the first entry of an order carries them; undefined: it is another entry, or an older release wrote it. */
export function termsOf(message: JournaledMessage): ShownTerms | undefined {
  if (message.type !== 'pending') return undefined;
  const { sellToken, buyToken, sellAmount } = message;
  if (sellToken === undefined || buyToken === undefined || sellAmount === undefined) return undefined;
  return { sellToken, buyToken, sellAmount };
}
