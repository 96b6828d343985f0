/** What the order of the form would get now: asked as the form is filled in, and again when the answer is no longer good. */
import { useEffect, useState } from 'preact/hooks';
import type { QuotesView } from '../../src/protocol/views.ts';
import { readQuotes } from '../api/answers.ts';
import { Refused } from '../api/rest.ts';
import { now } from '../app/clock.ts';
import { amountText, readable, tokenName } from '../parts/format.ts';
import { problemOf, type Draft, type Problem } from './read-form.ts';

/** After the last key. */
const PAUSE_MS = 350;
const AGAIN_MS = 5_000;

interface QuoteCardProps {
  /** Null: there is nothing to ask for. */
  readonly draft: Draft | null;
  /** What the server finds wrong with a field. */
  readonly onProblem: (problem: Problem) => void;
}

type Answer = { readonly quotes: QuotesView } | { readonly refusal: string };

export function QuoteCard({ draft, onProblem }: QuoteCardProps) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  // The id and the time are no part of what is quoted.
  const asked =
    draft === null ? '' : JSON.stringify({ ...draft, clientOrderId: undefined, validTo: undefined });
  useEffect(() => {
    setAnswer(null);
    if (asked === '') return;
    let isGone = false;
    let timer = setTimeout(() => void ask(), PAUSE_MS);
    const ask = async (): Promise<void> => {
      let againMs = AGAIN_MS;
      if (!document.hidden) {
        try {
          const quotes = await readQuotes(JSON.parse(asked) as object);
          if (isGone) return;
          setAnswer({ quotes });
          againMs = Math.max(AGAIN_MS, Date.parse(quotes.goodUntil) - Date.parse(quotes.quotedAt));
        } catch (error) {
          if (isGone) return;
          const problem = problemOf(error);
          const isOfField = Object.keys(problem.fields).length > 0;
          if (isOfField) onProblem({ ...problem, text: '' });
          setAnswer(isOfField ? null : { refusal: refusalOf(error) });
          // What is wrong with a field stays wrong.
          if (isOfField) return;
        }
      }
      timer = setTimeout(() => void ask(), againMs);
    };
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [asked]);
  if (asked === '') return null;
  return (
    <section class="quote" aria-label="What it would get" aria-live="polite" aria-busy={answer === null}>
      {answer === null ? (
        <p class="faint">Asking the venues …</p>
      ) : 'refusal' in answer ? (
        <p class="faint">{answer.refusal}</p>
      ) : (
        <Quoted quotes={answer.quotes} />
      )}
    </section>
  );
}

function Quoted({
  quotes: { route, reason, buyToken, quotes, refusals, goodUntil },
}: {
  readonly quotes: QuotesView;
}) {
  const venues = quotes.length + refusals.length;
  if (route === null) {
    return (
      <p class="bad">
        {readable(reason?.message ?? 'No venue sells this')} <code>{reason?.code}</code>
      </p>
    );
  }
  const leftMs = Date.parse(goodUntil) - now.value;
  const name = tokenName(buyToken);
  const amount = (units: string) => `${amountText(units, buyToken)} ${name}`;
  return (
    <>
      <p>
        You get about <b>{amount(route.buyAmount)}</b> on {route.venue}
      </p>
      <dl class="facts">
        <div>
          <dt>Gas</dt>
          <dd>{route.gasPriced ? amount(route.gasCost) : 'not priced'}</dd>
        </div>
        {route.netBuyAmount !== null && (
          <div>
            <dt>Net of gas</dt>
            <dd>{route.netBuyAmount.startsWith('-') ? 'less than its gas' : amount(route.netBuyAmount)}</dd>
          </div>
        )}
        <div>
          <dt>At least</dt>
          <dd>{amount(route.minBuyAmount)}</dd>
        </div>
        <div>
          <dt>Good for</dt>
          <dd>{leftMs > 0 ? `${Math.ceil(leftMs / 1_000)} s` : 'asking again'}</dd>
        </div>
      </dl>
      <p class="faint">{`Of ${venues} venue${venues === 1 ? '' : 's'}: ${readable(route.why)}`}</p>
    </>
  );
}

function refusalOf(error: unknown): string {
  if (error instanceof Refused && error.code === 'quotes_unavailable')
    return 'This server cannot quote it now. The order can be submitted all the same.';
  return error instanceof Refused ? error.message : 'The server does not answer';
}
