import { describe, expect, test } from '@jest/globals';
import { requestQuotes, type OnDefect } from '../../../src/venues/routing/request-quotes.ts';
import type { Venue } from '../../../src/venues/port.ts';
import { simulatedVenue } from '../../../src/venues/simulated/simulated-venue.ts';
import type { QuoteOutcome } from '../../../src/venues/simulated/failures.ts';
import { orderTerms } from '../order-terms.ts';

const terms = orderTerms('a');
const asked = { asking: 1, signal: new AbortController().signal };
const noDefect: OnDefect = (venue, thrown) => {
  throw new Error(`${venue} is not expected to break`, { cause: thrown });
};

function venue(name: string, outcome: QuoteOutcome = 'fill', lists?: readonly string[]): Venue {
  return simulatedVenue({
    name,
    seed: 'seven',
    feeBps: 30,
    latencyMs: { from: 0, to: 0 },
    failures: {},
    script: { quote: [outcome] },
    ...(lists === undefined ? {} : { lists }),
  });
}

function broken(name: string): Venue {
  return { ...venue(name), quote: () => Promise.reject(new TypeError('undefined is not a function')) };
}

describe('asking the venues', () => {
  test('one quote is enough, and the refusals of the others are told', async () => {
    const venues = [venue('alpha', 'timeout'), venue('beta'), venue('gamma', 'rateLimited')];
    const { quotes, refusals } = await requestQuotes(venues, terms, asked, noDefect);
    expect(quotes.map((quote) => quote.venue)).toEqual(['beta']);
    expect(refusals).toEqual([
      { venue: 'alpha', code: 'venue_timeout', message: 'alpha did not answer in time' },
      { venue: 'gamma', code: 'venue_rate_limited', message: 'gamma asks for fewer requests' },
    ]);
  });

  test('without a quote, one venue worth a retry makes the order retry', async () => {
    const venues = [venue('alpha', 'rateLimited'), venue('beta', 'unavailable'), venue('gamma', 'fill', [])];
    await expect(requestQuotes(venues, terms, asked, noDefect)).rejects.toMatchObject({
      name: 'EffectError',
      kind: 'retry',
      code: 'venue_unavailable',
      message:
        'No venue quotes WETH for USDC: alpha asks for fewer requests; beta is not available; gamma does not trade WETH for USDC',
    });
  });

  test('without one worth a retry, one that asks to wait makes it wait', async () => {
    const venues = [venue('alpha', 'rateLimited'), venue('gamma', 'fill', [])];
    await expect(requestQuotes(venues, terms, asked, noDefect)).rejects.toMatchObject({
      kind: 'wait',
      code: 'venue_rate_limited',
    });
  });

  test('a pair that no venue trades fails the order, and so does having no venue', async () => {
    const unlisted = [venue('alpha', 'fill', []), venue('beta', 'fill', ['WETH'])];
    for (const venues of [unlisted, []]) {
      await expect(requestQuotes(venues, terms, asked, noDefect)).rejects.toMatchObject({
        kind: 'fail',
        code: 'no_route',
      });
    }
  });

  test('a venue that breaks is a refusal like another, and its defect goes to the log', async () => {
    const defects: string[] = [];
    const log: OnDefect = (name, thrown) => defects.push(`${name}: ${String(thrown)}`);
    const { quotes, refusals } = await requestQuotes([broken('alpha'), venue('beta')], terms, asked, log);
    expect(quotes).toHaveLength(1);
    expect(refusals).toMatchObject([{ venue: 'alpha', code: 'internal_error' }]);
    expect(refusals[0]?.message).not.toContain('undefined is not');
    expect(defects).toEqual(['alpha: TypeError: undefined is not a function']);
  });

  test('a venue that hangs does not keep the others’ quotes waiting beyond patience', async () => {
    const venues = [venue('alpha', 'hang'), venue('beta')];
    const { quotes, refusals } = await requestQuotes(venues, terms, asked, noDefect, 5);
    expect(quotes.map((quote) => quote.venue)).toEqual(['beta']);
    expect(refusals).toMatchObject([{ venue: 'alpha', code: 'venue_timeout' }]);
  });

  test.each([undefined, 600_000])(
    'an aborted signal ends it with the reason of the signal (time-out %s)',
    async (timeoutMs) => {
      const waiting = new AbortController();
      const reason = new Error('the order runs elsewhere');
      const asking = requestQuotes(
        [venue('alpha', 'hang'), venue('beta')],
        terms,
        { asking: 1, signal: waiting.signal },
        noDefect,
        timeoutMs,
      );
      waiting.abort(reason);
      await expect(asking).rejects.toBe(reason);
    },
  );
});
