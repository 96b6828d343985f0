/** Asks all venues for a quote at once. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { FailureKind, OrderTerms, Quote, Refusal } from '../../../machines/order/types.ts';
import { onceAborted, untilAborted } from '../../runtime/abort.ts';
import type { VenueRequest, Venue } from '../port.ts';

export interface QuoteResults {
  readonly quotes: readonly Quote[];
  readonly refusals: readonly Refusal[];
}

/** Called with what a venue threw that is not an EffectError: a defect, for the log. */
export type OnDefect = (venue: string, thrown: unknown) => void;

type Refused = Refusal & { readonly kind: FailureKind };
type QuoteResult = { readonly quote: Quote } | { readonly refused: Refused };

/**
 * One quote is enough. The refusals of the others come with it.
 * @param venueTimeoutMs how long one venue may delay the quotes of the others; then it counts as `venue_timeout` and
 *   its signal aborts. Left out: until the whole effect times out, and then no quote counts.
 * @throws EffectError when there is none: `retry` if any venue may answer the next time, else `wait` if any asks for it, else `fail`
 */
export async function requestQuotes(
  venues: readonly Venue[],
  terms: OrderTerms,
  request: VenueRequest,
  onDefect: OnDefect,
  venueTimeoutMs?: number,
): Promise<QuoteResults> {
  const { quotes, refused } = await askVenues(venues, terms, request, onDefect, venueTimeoutMs);
  if (quotes.length === 0) throw noQuote(refused, terms);
  return { quotes, refusals: refused.map(({ venue, code, message }) => ({ venue, code, message })) };
}

/** The same, and what each venue refused with also where there is no quote at all. */
export async function askVenues(
  venues: readonly Venue[],
  terms: OrderTerms,
  request: VenueRequest,
  onDefect: OnDefect,
  venueTimeoutMs?: number,
): Promise<{ readonly quotes: readonly Quote[]; readonly refused: readonly Refused[] }> {
  const results = await withTimeoutSignal(request.signal, venueTimeoutMs, (signal) => {
    const hasTimeout = venueTimeoutMs !== undefined;
    return Promise.all(
      venues.map((venue) =>
        requestQuote(venue, terms, { asking: request.asking, signal }, onDefect, hasTimeout),
      ),
    );
  });
  request.signal.throwIfAborted();
  const quotes = results.flatMap((answer) => ('quote' in answer ? [answer.quote] : []));
  const refused = results.flatMap((answer) => ('refused' in answer ? [answer.refused] : []));
  return { quotes, refused };
}

async function requestQuote(
  venue: Venue,
  terms: OrderTerms,
  request: VenueRequest,
  onDefect: OnDefect,
  hasTimeout: boolean,
): Promise<QuoteResult> {
  const refuse = (kind: FailureKind, code: string, message: string): QuoteResult => ({
    refused: { venue: venue.name, kind, code, message },
  });
  const tooLate = () => refuse('retry', 'venue_timeout', `${venue.name} did not answer in time`);
  try {
    const quoted = venue.quote(terms, request).then((quote): QuoteResult => ({ quote }));
    // A venue that ignores its signal must not delay the others either.
    return await (hasTimeout ? untilAborted(quoted, request.signal) : quoted);
  } catch (thrown) {
    if (request.signal.aborted) return tooLate();
    if (thrown instanceof EffectError) return refuse(thrown.kind, thrown.code, thrown.message);
    onDefect(venue.name, thrown);
    return refuse('retry', 'internal_error', `${venue.name} could not be asked; the log says why`);
  }
}

export function noQuote(refused: readonly Refused[], { sellToken, buyToken }: OrderTerms): EffectError {
  const reasons = refused.map(({ venue, message }) =>
    message.includes(venue) ? message : `${venue}: ${message}`,
  );
  const message = `No venue quotes ${sellToken} for ${buyToken}: ${reasons.join('; ') || 'none is configured'}`;
  const retryable = refused.find(({ kind }) => kind === 'retry' || kind === 'reroute' || kind === 'replace');
  if (retryable !== undefined) return new EffectError('retry', retryable.code, message);
  const waiting = refused.find(({ kind }) => kind === 'wait');
  if (waiting !== undefined) return new EffectError('wait', waiting.code, message);
  return new EffectError('fail', 'no_route', message);
}

/** Runs `ask` with a signal that aborts with the outer one or after `timeoutMs`. */
async function withTimeoutSignal<T>(
  outer: AbortSignal,
  timeoutMs: number | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return ask(outer);
  outer.throwIfAborted();
  const timeout = new AbortController();
  const stopListening = onceAborted(outer, (reason) => timeout.abort(reason));
  const timer = setTimeout(() => timeout.abort(new Error('the venues took too long')), timeoutMs);
  try {
    return await ask(timeout.signal);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}
