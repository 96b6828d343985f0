/** `POST /api/quotes`: what an order would get, from which venue, and why. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { EffectError } from '../../machines/order/effect-error.ts';
import type { Quote } from '../../machines/order/types.ts';
import { quotesViewSchema } from '../../src/protocol/views.ts';
import type { Venue } from '../../src/venues/port.ts';
import { eventually } from '../support/eventually.ts';
import { fieldsOf, post, submitted, WETH_TO_USDC, type Answer } from '../support/http/rest-client.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

let server: RestServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

type Options = NonNullable<Parameters<typeof startRestServer>[0]>;
async function start(venues: readonly Venue[], options: Options = {}): Promise<RestServer> {
  server = await startRestServer({ venues, ...options });
  return server;
}

function venue(name: string, quote: Venue['quote']): Venue {
  return {
    name,
    quote,
    build: () => Promise.reject(new Error('a quote builds nothing')),
    classifyRevert: ({ reason }) => ({ kind: 'fail', code: 'reverted', message: reason }),
  };
}

function paying(name: string, buyAmount: string, gasCost: string | null): Venue {
  const quote: Quote = {
    venue: name,
    buyAmount,
    gasCost: gasCost ?? '0',
    gasPriced: gasCost !== null,
    block: '7',
  };
  return venue(name, () => Promise.resolve(quote));
}

function refusing(name: string, error: Error): Venue {
  return venue(name, () => Promise.reject(error));
}

function hanging(name: string): Venue {
  return venue(name, (_, { signal }) => {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });
  });
}

const quotesOf = ({ json }: Answer) => quotesViewSchema.parse(json);
const ask = (more: object = {}) => post(server ?? raise(), '/api/quotes', { ...WETH_TO_USDC, ...more });
const raise = (): never => {
  throw new Error('no server was started');
};

describe('a quote', () => {
  test('is the one that leaves most after gas, with all that were considered and the reason', async () => {
    await start([
      paying('alpha', '3000', '900'),
      paying('beta', '2900', '100'),
      paying('gamma', '2500', '1'),
    ]);
    const { quotedAt, goodUntil, ...quotes } = quotesOf(await ask({ slippageBps: 100 }));
    expect(quotes).toEqual({
      sellToken: 'WETH',
      buyToken: 'USDC',
      sellAmount: WETH_TO_USDC.sellAmount,
      route: {
        venue: 'beta',
        buyAmount: '2900',
        minBuyAmount: '2871',
        gasCost: '100',
        gasPriced: true,
        netBuyAmount: '2800',
        why: 'it nets 2800 USDC after gas, 301 USDC more than gamma',
      },
      reason: null,
      quotes: ['alpha', 'beta', 'gamma'].map((name) => expect.objectContaining({ venue: name, block: '7' })),
      refusals: [],
    });
    expect(Date.parse(goodUntil) - Date.parse(quotedAt)).toBe(12_000);
  });

  test('says which venues refused, and why', async () => {
    const refused = new EffectError('retry', 'no_liquidity', 'alpha has too little USDC');
    await start([refusing('alpha', refused), paying('beta', '2900', null)]);
    const { route, refusals } = quotesOf(await ask());
    expect(route).toMatchObject({ venue: 'beta', gasPriced: false, netBuyAmount: null });
    expect(refusals).toEqual([
      { venue: 'alpha', code: 'no_liquidity', message: 'alpha has too little USDC' },
    ]);
  });

  test.each([
    ['no venue yields minBuyAmount', { minBuyAmount: '9999' }, [paying('alpha', '3000', '1')], 'no_route'],
    ['gas costs all that the swap yields', {}, [paying('alpha', '3000', '3000')], 'gas_exceeds_value'],
    [
      'no venue trades the pair',
      {},
      [refusing('alpha', new EffectError('fail', 'unsupported_pair', 'alpha does not trade it'))],
      'no_route',
    ],
  ])('has no route and a reason where %s', async (_, more, venues, code) => {
    await start(venues);
    const answer = await ask(more);
    expect(answer.status).toBe(200);
    expect(quotesOf(answer)).toMatchObject({ route: null, reason: { code } });
  });

  test('is not delayed for long by a venue that does not answer', async () => {
    await start([hanging('alpha'), paying('beta', '2900', '1')], { quoteSettings: { venueTimeoutMs: 50 } });
    const { route, refusals } = quotesOf(await ask());
    expect(route?.venue).toBe('beta');
    expect(refusals).toMatchObject([{ venue: 'alpha', code: 'venue_timeout' }]);
  });

  test('of a venue with a defect is refused as internal_error, and the defect is logged', async () => {
    const rest = await start([refusing('alpha', new TypeError('undefined')), paying('beta', '2900', '1')]);
    expect(quotesOf(await ask()).refusals).toMatchObject([{ venue: 'alpha', code: 'internal_error' }]);
    expect(rest.logged).toMatchObject([{ level: 'error', fields: { venue: 'alpha' } }]);
  });

  test('stores nothing and wakes no worker', async () => {
    const rest = await start([paying('alpha', '3000', '1')]);
    await ask({ clientOrderId: 'mine' });
    expect((await rest.store.orders.list({ owner: 'local', limit: 10 })).orders).toEqual([]);
    expect(rest.wakes).toEqual([]);
  });

  test('takes the body of a submission, and refuses what a submission would be refused for', async () => {
    const rest = await start([paying('alpha', '3000', '1')]);
    await submitted(rest, { clientOrderId: 'mine' });
    expect((await ask({ clientOrderId: 'mine' })).status).toBe(200);
    expect(fieldsOf(await ask({ sellAmount: '0' }))).toEqual(['/sellAmount']);
    expect(fieldsOf(await ask({ buyToken: 'weth' }))).toEqual(['/buyToken']);
    expect(fieldsOf(await ask({ validTo: 1 }))).toEqual(['/validTo']);
    expect(fieldsOf(await ask({ amount: '1' }))).toEqual(['/amount']);
  });
});

describe('a server', () => {
  test('that reaches no venues answers quotes_unavailable, and when to ask again', async () => {
    server = await startRestServer();
    const { status, json, headers } = await ask();
    expect([status, json['code'], headers.get('retry-after')]).toEqual([503, 'quotes_unavailable', '5']);
  });

  test('that is asked for more quotes at once than it bears refuses the others, and takes them later', async () => {
    let asked = 0;
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const slow = venue('alpha', async () => {
      asked += 1;
      await answered;
      return { venue: 'alpha', buyAmount: '3000', gasCost: '1', gasPriced: true, block: null };
    });
    await start([slow], { quoteSettings: { atOnce: 2 } });
    const running = [ask(), ask()];
    await eventually(
      () => asked,
      (count) => count === 2,
    );
    const { status, json, headers } = await ask();
    expect([status, json['code'], headers.get('retry-after')]).toEqual([429, 'too_many_quotes', '1']);
    answer();
    expect((await Promise.all(running)).map((each) => each.status)).toEqual([200, 200]);
    expect((await ask()).status).toBe(200);
  });
});
