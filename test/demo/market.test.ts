/** The local market's liquidity and its signers' balances must be enough for hours of demo orders. */
import { describe, expect, test } from '@jest/globals';
import { parseUnits } from 'viem';
import { SIGNER_TOKENS, TOKENS, V2_EXCHANGES, WETH } from '../../src/chain/local/deployment/market.ts';
import { CHAIN_MARKET, SIMULATED_MARKET } from '../../src/demo/market.ts';
import { nextDemoOrder } from '../../src/demo/order-mix.ts';
import { mulberry } from '../support/seeded-random.ts';

const listed = [WETH, ...TOKENS];
const tokens = Object.entries(CHAIN_MARKET.tokens);

describe('the market of the demo', () => {
  test.each(tokens)('has the decimals of %s as in the local market', (symbol, { decimals }) => {
    expect(listed.find((token) => token.symbol === symbol)?.decimals).toBe(decimals);
  });

  test('trades each pair in both directions', () => {
    const pairs = CHAIN_MARKET.pairs.map((pair) => pair.join('/'));
    expect(pairs.map((pair) => pair.split('/').reverse().join('/')).sort()).toEqual([...pairs].sort());
  });

  test.each(tokens)('sells at most a thousandth of a signer’s %s in one order', (symbol, token) => {
    const most = token.unit * BigInt(CHAIN_MARKET.units);
    expect(most * 1_000n).toBeLessThanOrEqual(parseUnits(SIGNER_TOKENS[symbol] ?? '0', token.decimals));
  });

  test('moves the price of a pair’s deepest pool by less than half of the slippage', () => {
    for (const { pair, amounts } of V2_EXCHANGES[0]?.liquidity ?? []) {
      for (const [index, symbol] of pair.entries()) {
        const token = CHAIN_MARKET.tokens[symbol];
        const most = (token?.unit ?? 0n) * BigInt(CHAIN_MARKET.units);
        expect(most * 400n).toBeLessThan(parseUnits(amounts[index] ?? '0', token?.decimals ?? 0));
      }
    }
  });

  test.each([
    ['real', CHAIN_MARKET],
    ['simulated', SIMULATED_MARKET],
  ])('gives orders of all kinds (%s)', (_, market) => {
    const random = mulberry(7);
    const orders = Array.from({ length: 500 }, () => nextDemoOrder(market, random, 0));
    expect(new Set(orders.map(({ body }) => body.sellToken)).size).toBeGreaterThan(3);
    expect(orders.some(({ sentTwice }) => sentTwice)).toBe(true);
    expect(orders.some(({ cancelAfterMs }) => cancelAfterMs !== null)).toBe(true);
    expect(orders.some(({ body }) => 'minBuyAmount' in body)).toBe(true);
    expect(orders.some(({ body }) => 'validTo' in body)).toBe(true);
  });
});
