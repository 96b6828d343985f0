/**
 * What an order would get now: asks the venues as an order's `routing` does and chooses by the same rule. Nothing is stored or reserved:
 * an order asks again, and `minBuyAmount` bounds what it takes.
 */
import { parseAmount } from '../../../machines/amount.ts';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { OrderTerms, Quote, Reason, Refusal, Route } from '../../../machines/order/types.ts';
import { FillstreamError } from '../../errors.ts';
import type { Submission } from '../../protocol/requests.ts';
import type { QuotesView } from '../../protocol/views.ts';
import { Semaphore } from '../../runtime/semaphore.ts';
import type { Clock } from '../../runtime/time.ts';
import type { TokenNames } from '../../settings/token-names.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Venue } from '../../venues/port.ts';
import { askVenues, noQuote } from '../../venues/routing/request-quotes.ts';
import { selectRoute, type MinNetValue } from '../../venues/routing/select-route.ts';
import { checkSubmission } from './check-submission.ts';
import { termsOf } from './new-order.ts';
import { validToOf } from './valid-to.ts';

export interface QuoteDeps {
  /** Asked with each request, because a private chain gets its venues when the first worker starts. Null: this process reaches none. */
  readonly venues: () => readonly Venue[] | null;
  readonly tokens: TokenNames;
  readonly contracts?: ReadonlySet<string>;
  readonly minNetValue: MinNetValue;
  readonly clock: Clock;
  /** Tells one request from the next: simulated venues draw their prices by it. */
  readonly newId: () => string;
  readonly log: Pick<Log, 'error'>;
  readonly settings?: Partial<QuoteSettings>;
}

export interface QuoteSettings {
  /** Requests whose venues are asked at a time; above it they are refused. */
  readonly atOnce: number;
  /** How long one venue may delay the answer. */
  readonly venueTimeoutMs: number;
  /** For how long prices are said to be good: about a block of Ethereum. */
  readonly goodForMs: number;
}

const DEFAULTS: QuoteSettings = { atOnce: 64, venueTimeoutMs: 4_000, goodForMs: 12_000 };

export interface QuoteRequest {
  /** Whom a limit of requests would count. */
  readonly owner: string;
  readonly submission: Submission;
}

/** @throws FillstreamError invalid_request, unknown_token, too_many_quotes, quotes_unavailable */
export type QuoteOrder = (request: QuoteRequest) => Promise<QuotesView>;

export function quoteOrder(deps: QuoteDeps): QuoteOrder {
  const { tokens, contracts, minNetValue, clock, log } = deps;
  const { atOnce, venueTimeoutMs, goodForMs } = { ...DEFAULTS, ...deps.settings };
  const running = new Semaphore(atOnce);

  async function ask(venues: readonly Venue[], terms: OrderTerms): Promise<Asked> {
    const request = { asking: 1, signal: new AbortController().signal };
    const onDefect = (venue: string, thrown: unknown): void =>
      log.error({ err: thrown, venue }, 'a venue failed by a defect');
    const { quotes, refused } = await askVenues(venues, terms, request, onDefect, venueTimeoutMs);
    const refusals = refused.map(({ venue, code, message }) => ({ venue, code, message }));
    try {
      if (quotes.length === 0) throw noQuote(refused, terms);
      return { route: selectRoute(terms, quotes, minNetValue), reason: null, quotes, refusals };
    } catch (thrown) {
      if (!(thrown instanceof EffectError)) throw thrown;
      return { route: null, reason: { code: thrown.code, message: thrown.message }, quotes, refusals };
    }
  }

  return async ({ owner, submission }) => {
    const validTo = validToOf(submission.validTo, clock.now());
    checkSubmission(submission, tokens, contracts);
    const venues = deps.venues();
    if (venues === null) {
      throw new FillstreamError(
        'quotes_unavailable',
        'This server does not reach the chain that orders are swapped on, or its market is not there yet',
        { retryAfterSeconds: 5 },
      );
    }
    if (!running.tryAcquire()) {
      throw new FillstreamError(
        'too_many_quotes',
        `${atOnce} quotes are asked for already, which is the limit`,
        {
          retryAfterSeconds: 1,
        },
      );
    }
    try {
      const terms: OrderTerms = { orderId: deps.newId(), owner, ...termsOf(submission, validTo) };
      return viewOf(terms, await ask(venues, terms), clock.now(), goodForMs);
    } finally {
      running.release();
    }
  };
}

interface Asked {
  readonly route: Route | null;
  readonly reason: Reason | null;
  readonly quotes: readonly Quote[];
  readonly refusals: readonly Refusal[];
}

function viewOf(
  { sellToken, buyToken, sellAmount }: OrderTerms,
  { route, reason, quotes, refusals }: Asked,
  at: number,
  goodForMs: number,
): QuotesView {
  const chosen = quotes.find(({ venue }) => venue === route?.venue);
  return {
    sellToken,
    buyToken,
    sellAmount,
    route: route === null || chosen === undefined ? null : routeOf(route, chosen),
    reason,
    quotes: [...quotes],
    refusals: [...refusals],
    quotedAt: new Date(at).toISOString(),
    goodUntil: new Date(at + goodForMs).toISOString(),
  };
}

function routeOf({ venue, buyAmount, minBuyAmount, why }: Route, { gasCost, gasPriced }: Quote) {
  const netBuyAmount = gasPriced ? (parseAmount(buyAmount) - parseAmount(gasCost)).toString() : null;
  return { venue, buyAmount, minBuyAmount, gasCost, gasPriced, netBuyAmount, why };
}
