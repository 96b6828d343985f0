import { describe, expect, test } from '@jest/globals';
import type { Quote } from '../../../machines/order/types.ts';
import { selectRoute } from '../../../src/venues/routing/select-route.ts';
import { seededDraw } from '../../../src/runtime/seeded-draw.ts';
import { orderTerms } from '../order-terms.ts';

const quote = (venue: string, buyAmount: number, gasCost = 0): Quote => ({
  venue,
  buyAmount: `${buyAmount}`,
  gasCost: `${gasCost}`,
  gasPriced: true,
  block: null,
});

describe('selecting a route', () => {
  test('what counts is what is left after gas, and the reason names the runner-up', () => {
    const route = selectRoute(orderTerms('a'), [quote('alpha', 10_000, 600), quote('beta', 9_900, 100)]);
    expect(route).toEqual({
      venue: 'beta',
      buyAmount: '9900',
      minBuyAmount: '9850',
      why: 'it nets 9800 USDC after gas, 400 USDC more than alpha',
    });
  });

  test('equal offers go to the first by name, in whatever order they came', () => {
    const quotes = [quote('gamma', 500), quote('alpha', 500), quote('beta', 500)];
    for (const asked of [quotes, quotes.toReversed()]) {
      expect(selectRoute(orderTerms('a'), asked)).toMatchObject({
        venue: 'alpha',
        why: 'it nets 500 USDC after gas, as beta does, and comes first by name',
      });
    }
  });

  test('the only quote is said to be the only one', () => {
    expect(selectRoute(orderTerms('a'), [quote('alpha', 500, 20)]).why).toBe(
      'the only quote; it nets 480 USDC after gas',
    );
  });

  test('a stated minBuyAmount is kept to the unit, and offers below it do not count, however cheap', () => {
    const terms = orderTerms('a', { minBuyAmount: '9950' });
    expect(selectRoute(terms, [quote('alpha', 9_950, 5_000), quote('beta', 9_949)])).toMatchObject({
      venue: 'alpha',
      minBuyAmount: '9950',
      why: 'the only one of 2 quotes that yields minBuyAmount; it nets 4950 USDC after gas',
    });
  });

  test('when no quote yields minBuyAmount the order retries, with both amounts in the error', () => {
    const terms = orderTerms('a', { minBuyAmount: '10001' });
    expect(() => selectRoute(terms, [quote('beta', 9_000), quote('alpha', 10_000, 5_000)])).toThrow(
      expect.objectContaining({
        kind: 'retry',
        code: 'no_route',
        message: 'The best quote is 10000 USDC on alpha; the order demands at least 10001 USDC',
      }),
    );
  });

  test('a swap that is worth no more than its gas is refused, with both amounts in the error', () => {
    const quotes = [quote('alpha', 5, 30), quote('beta', 20, 20)];
    expect(() => selectRoute(orderTerms('a'), quotes)).toThrow(
      expect.objectContaining({
        kind: 'retry',
        code: 'gas_exceeds_value',
        message: 'The best quote is 20 USDC on beta, and its gas costs 20 USDC: expected less than it yields',
      }),
    );
  });

  test('a quote that is worth more than its gas is taken beside others that are not', () => {
    const quotes = [quote('alpha', 5, 30), quote('beta', 20, 19)];
    expect(selectRoute(orderTerms('a'), quotes)).toMatchObject({ venue: 'beta' });
  });

  test('where any net value is wanted, a swap worth less than its gas has a best offer', () => {
    expect(selectRoute(orderTerms('a'), [quote('alpha', 5, 30), quote('beta', 5, 20)], 'any')).toMatchObject({
      venue: 'beta',
      why: 'it nets -15 USDC after gas, 10 USDC more than alpha',
    });
  });

  test('gas that costs more than the swap yields is refused also where another quote has no price for gas', () => {
    const unpriced = { ...quote('beta', 9), gasPriced: false };
    expect(selectRoute(orderTerms('a'), [quote('alpha', 10, 30), unpriced])).toMatchObject({ venue: 'beta' });
  });

  test('where gas has no price in one quote, all are compared before gas, and that is said', () => {
    const unpriced = { ...quote('alpha', 9_900), gasPriced: false };
    expect(selectRoute(orderTerms('a'), [unpriced, quote('beta', 10_000, 600)])).toMatchObject({
      venue: 'beta',
      why: 'it yields 10000 USDC before gas, which has no price in USDC, 100 USDC more than alpha',
    });
    expect(selectRoute(orderTerms('a'), [unpriced]).why).toBe(
      'the only quote; it yields 9900 USDC before gas, which has no price in USDC',
    );
  });

  test('over many draws, no quote nets more than the chosen one, and the least amount follows from the slippage', () => {
    for (let round = 0; round < 2_000; round += 1) {
      const upTo = (limit: number, what: string) => Math.floor(limit * seededDraw('many', round, what));
      const quotes = Array.from({ length: 1 + upTo(6, 'quotes') }, (_, index) =>
        quote(`venue-${index}`, 301 + upTo(1_000, `buy ${index}`), upTo(300, `gas ${index}`)),
      );
      const slippageBps = upTo(5_001, 'slippage');
      const route = selectRoute(orderTerms('a', { slippageBps }), quotes);
      const net = ({ buyAmount, gasCost }: Quote) => BigInt(buyAmount) - BigInt(gasCost);
      const best = quotes.reduce((one, other) => (net(other) > net(one) ? other : one));
      expect(route).toMatchObject({ venue: best.venue, buyAmount: best.buyAmount });
      expect(BigInt(route.minBuyAmount)).toBe(
        (BigInt(best.buyAmount) * BigInt(10_000 - slippageBps)) / 10_000n,
      );
    }
  });
});
