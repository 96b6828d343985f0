import { describe, expect, test } from '@jest/globals';
import { EffectError } from '../../../machines/order/effect-error.ts';
import { parseAmount } from '../../../machines/amount.ts';
import {
  simulatedVenue,
  type SimulatedVenueSettings,
} from '../../../src/venues/simulated/simulated-venue.ts';
import { venueContract } from '../../contracts/venue.contract.ts';
import { orderTerms } from '../order-terms.ts';

const AT_ONCE = { from: 0, to: 0 };

function venueWith(settings: Partial<SimulatedVenueSettings> = {}) {
  return simulatedVenue({
    name: 'alpha',
    seed: 'seven',
    feeBps: 30,
    latencyMs: AT_ONCE,
    failures: {},
    ...settings,
  });
}

const signal = new AbortController().signal;
const signer = `0x${'51'.repeat(20)}`;
const route = { venue: 'alpha', buyAmount: '2990000000', minBuyAmount: '2975000000', why: 'the only quote' };

for (const [name, latencyMs] of [
  ['at once', AT_ONCE],
  ['taking its time', { from: 1, to: 5 }],
] as const) {
  venueContract(`simulated, ${name}`, () =>
    Promise.resolve({
      venue: venueWith({ latencyMs, lists: ['WETH', 'USDC'] }),
      tradable: orderTerms('a'.repeat(32)),
      untradable: orderTerms('b'.repeat(32), { buyToken: 'DAI' }),
      signer,
    }),
  );
}

describe('simulated venue', () => {
  test('prices are plausible and exact in each token’s own decimals', async () => {
    const pairs: [string, string, string, bigint, bigint][] = [
      ['WETH', 'USDC', '1000000000000000000', 2_950_000_000n, 3_000_000_000n],
      ['USDC', 'WETH', '3000000000', 980_000_000_000_000_000n, 1_000_000_000_000_000_000n],
      ['WBTC', 'DAI', '100000000', 93_000n * 10n ** 18n, 95_100n * 10n ** 18n],
      ['UNI', 'USDC', '2000000000000000000', 16_700_000n, 17_000_000n],
    ];
    for (const [sellToken, buyToken, sellAmount, least, most] of pairs) {
      const quote = await venueWith().quote(orderTerms('a', { sellToken, buyToken, sellAmount }), {
        asking: 1,
        signal,
      });
      expect(parseAmount(quote.buyAmount)).toBeGreaterThan(least);
      expect(parseAmount(quote.buyAmount)).toBeLessThan(most);
    }
  });

  test('an unknown token has a price, too, whatever its case', async () => {
    const quotes = await Promise.all(
      ['PEPE', 'pepe'].map((sellToken) =>
        venueWith({ failures: {} }).quote(orderTerms('a', { sellToken }), { asking: 1, signal }),
      ),
    );
    expect(parseAmount(quotes[0]?.buyAmount ?? '0')).toBeGreaterThan(0n);
    expect(quotes[0]?.gasCost).toBe(quotes[1]?.gasCost);
  });

  test('the same seed answers alike in another process, another seed does not', async () => {
    const ask = (seed: string) => venueWith({ seed }).quote(orderTerms('a'), { asking: 1, signal });
    expect(await ask('seven')).toEqual(await ask('seven'));
    expect(await ask('eight')).not.toEqual(await ask('seven'));
  });

  test('venues differ, and an order is quoted anew at each attempt', async () => {
    const ask = (name: string, attempt: number) =>
      venueWith({ name }).quote(orderTerms('a'), { asking: attempt, signal });
    const amounts = [await ask('alpha', 1), await ask('beta', 1), await ask('alpha', 2)];
    expect(new Set(amounts.map(({ buyAmount }) => buyAmount)).size).toBe(3);
  });

  test.each([
    ['timeout', 'retry', 'venue_timeout'],
    ['unavailable', 'retry', 'venue_unavailable'],
    ['rateLimited', 'wait', 'venue_rate_limited'],
    ['noLiquidity', 'retry', 'no_liquidity'],
  ] as const)('a quote that meets %s fails as %s, %s', async (name, kind, code) => {
    const asked = { asking: 1, signal };
    const expected = { name: 'EffectError', kind, code };
    const drawn = venueWith({ failures: { [name]: 1 } }).quote(orderTerms('a'), asked);
    await expect(drawn).rejects.toMatchObject(expected);
    const scripted = venueWith({ script: { quote: [name] } }).quote(orderTerms('a'), asked);
    await expect(scripted).rejects.toMatchObject(expected);
  });

  test('slippage shows when the swap is built, and sends the order back to routing', async () => {
    const venue = venueWith({ failures: { slippage: 1 } });
    await venue.quote(orderTerms('a'), { asking: 1, signal });
    await expect(venue.build(orderTerms('a'), route, { asking: 1, signal, signer })).rejects.toMatchObject({
      kind: 'reroute',
      code: 'slippage',
    });
  });

  test('failures come about as often as their probability says, the same ones each time', async () => {
    const failing = async () => {
      const venue = venueWith({ failures: { timeout: 0.2, unavailable: 0.1 } });
      const codes = await Promise.all(
        Array.from({ length: 1000 }, (_, order) =>
          venue.quote(orderTerms(`order ${order}`), { asking: 1, signal }).then(
            () => 'quoted',
            (thrown: unknown) => (thrown instanceof EffectError ? thrown.code : 'a defect'),
          ),
        ),
      );
      return codes;
    };
    const codes = await failing();
    const count = (code: string) => codes.filter((each) => each === code).length;
    expect(Math.abs(count('venue_timeout') - 200)).toBeLessThan(50);
    expect(Math.abs(count('venue_unavailable') - 100)).toBeLessThan(40);
    expect(await failing()).toEqual(codes);
  });

  test('a script says what each attempt meets: two time-outs, then a fill', async () => {
    const venue = venueWith({ script: { quote: ['timeout', 'timeout', 'fill'] }, failures: { timeout: 1 } });
    for (const attempt of [1, 2]) {
      await expect(venue.quote(orderTerms('a'), { asking: attempt, signal })).rejects.toMatchObject({
        code: 'venue_timeout',
      });
    }
    for (const attempt of [3, 4]) {
      expect(await venue.quote(orderTerms('a'), { asking: attempt, signal })).toMatchObject({
        venue: 'alpha',
      });
    }
  });

  test('a venue that hangs answers nothing until the signal aborts', async () => {
    const waiting = new AbortController();
    const quote = venueWith({ script: { quote: ['hang'] } }).quote(orderTerms('a'), {
      asking: 1,
      signal: waiting.signal,
    });
    const reason = new Error('too late');
    waiting.abort(reason);
    await expect(quote).rejects.toBe(reason);
  });

  test('a slow answer is given up at once when the signal aborts', async () => {
    const waiting = new AbortController();
    const quote = venueWith({ latencyMs: { from: 600_000, to: 600_000 } }).quote(orderTerms('a'), {
      asking: 1,
      signal: waiting.signal,
    });
    const reason = new Error('too late');
    waiting.abort(reason);
    await expect(quote).rejects.toBe(reason);
  });

  test('each revert says what to do next', () => {
    const venue = venueWith();
    expect(venue.classifyRevert({ reason: 'INSUFFICIENT_OUTPUT_AMOUNT' })).toMatchObject({
      kind: 'reroute',
      code: 'slippage',
    });
    expect(venue.classifyRevert({ reason: 'EXPIRED' })).toMatchObject({ kind: 'fail', code: 'expired' });
    expect(venue.classifyRevert({ reason: 'K' })).toMatchObject({ kind: 'reroute', code: 'reverted' });
  });
});
