/** One question to all venues at once. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { FailureKind, OrderTerms, Quote, Refusal } from '../../../machines/order/types.ts';
import { onceAborted, untilAborted } from '../../runtime/abort.ts';
import type { Asked, Venue } from '../port.ts';

export interface Answers {
  readonly quotes: readonly Quote[];
  readonly refusals: readonly Refusal[];
}

/** Told of whatever a venue threw that was no EffectError: a defect, for the log. */
export type OnDefect = (venue: string, thrown: unknown) => void;

type Refused = Refusal & { readonly kind: FailureKind };
type Answer = { readonly quote: Quote } | { readonly refused: Refused };

/**
 * One quote is enough. The refusals of the others come with it.
 * @param patienceMs how long one venue may keep the quotes of the others waiting; then it counts as `venue_timeout` and
 *   its signal aborts. Left out: until the whole effect times out, and then no quote counts.
 * @throws EffectError when there is none: `retry` if any venue is worth it, else `wait` if any asks for it, else `fail`
 */
export async function askVenues(
  venues: readonly Venue[],
  terms: OrderTerms,
  asked: Asked,
  onDefect: OnDefect,
  patienceMs?: number,
): Promise<Answers> {
  const answers = await withPatience(asked.signal, patienceMs, (signal) => {
    const impatient = patienceMs !== undefined;
    return Promise.all(
      venues.map((venue) => askOne(venue, terms, { asking: asked.asking, signal }, onDefect, impatient)),
    );
  });
  asked.signal.throwIfAborted();
  const quotes = answers.flatMap((answer) => ('quote' in answer ? [answer.quote] : []));
  const refused = answers.flatMap((answer) => ('refused' in answer ? [answer.refused] : []));
  if (quotes.length === 0) throw noQuote(refused, terms);
  return { quotes, refusals: refused.map(({ venue, code, message }) => ({ venue, code, message })) };
}

async function askOne(
  venue: Venue,
  terms: OrderTerms,
  asked: Asked,
  onDefect: OnDefect,
  impatient: boolean,
): Promise<Answer> {
  const refuse = (kind: FailureKind, code: string, message: string): Answer => ({
    refused: { venue: venue.name, kind, code, message },
  });
  const tooLate = () => refuse('retry', 'venue_timeout', `${venue.name} did not answer in time`);
  try {
    const quoted = venue.quote(terms, asked).then((quote): Answer => ({ quote }));
    // A venue that ignores its signal must not hold up the others either.
    return await (impatient ? untilAborted(quoted, asked.signal) : quoted);
  } catch (thrown) {
    if (asked.signal.aborted) return tooLate();
    if (thrown instanceof EffectError) return refuse(thrown.kind, thrown.code, thrown.message);
    onDefect(venue.name, thrown);
    return refuse('retry', 'internal_error', `${venue.name} could not be asked; the log says why`);
  }
}

function noQuote(refused: readonly Refused[], { sellToken, buyToken }: OrderTerms): EffectError {
  const told = refused.map(({ venue, message }) =>
    message.includes(venue) ? message : `${venue}: ${message}`,
  );
  const message = `No venue quotes ${sellToken} for ${buyToken}: ${told.join('; ') || 'none is configured'}`;
  const retryable = refused.find(({ kind }) => kind === 'retry' || kind === 'reroute' || kind === 'replace');
  if (retryable !== undefined) return new EffectError('retry', retryable.code, message);
  const waiting = refused.find(({ kind }) => kind === 'wait');
  if (waiting !== undefined) return new EffectError('wait', waiting.code, message);
  return new EffectError('fail', 'no_route', message);
}

/** Runs `ask` with a signal that aborts with the outer one or after `patienceMs`. */
async function withPatience<T>(
  outer: AbortSignal,
  patienceMs: number | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (patienceMs === undefined) return ask(outer);
  outer.throwIfAborted();
  const patience = new AbortController();
  const stopListening = onceAborted(outer, (reason) => patience.abort(reason));
  const timer = setTimeout(() => patience.abort(new Error('patience ran out')), patienceMs);
  try {
    return await ask(patience.signal);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}
