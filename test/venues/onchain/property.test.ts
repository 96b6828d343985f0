/**
 * Over many swaps of drawn sizes, pairs and directions, one after the other so that prices wander: what a venue quotes is
 * what its contracts then pay, to the base unit, and what it reads from the receipt is what the balances say.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { OrderTerms, Quote } from '../../../machines/order/types.ts';
import type { OnchainVenue } from '../../../src/venues/onchain/onchain-venue.ts';
import { isLong } from '../../faults/form.ts';
import { mulberry } from '../../support/seeded-random.ts';
import { ask, routeOf } from '../routing/asking.ts';
import { LocalMarket } from './local-market.ts';
import { orderTerms } from '../order-terms.ts';

const SEED = 20_261_123;
const SWAPS = isLong ? 400 : 120;
/** Before the signer has sold all it has, everything is put back as it was. */
const SWAPS_A_STRETCH = 20;
/** Fair answers to what cannot be traded. */
const REFUSALS = ['unsupported_pair', 'no_liquidity', 'amount_too_small'];

let market: LocalMarket;
beforeAll(async () => {
  market = await LocalMarket.open();
  await market.approveAll();
}, 60_000);
afterAll(() => market.close());

const draw = mulberry(SEED);
const oneOf = <T>(choices: readonly T[]): T => {
  const chosen = choices[Math.floor(draw() * choices.length)];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
};

/** Sizes of every order of magnitude, up to all that the signer has. */
async function drawTerms(round: number): Promise<OrderTerms> {
  const symbols = market.chain.tokens.map(({ symbol }) => symbol);
  const sellToken = oneOf(symbols);
  const buyToken = oneOf(symbols.filter((symbol) => symbol !== sellToken));
  const most = await market.balanceOf(sellToken);
  const magnitude = Math.floor(draw() * most.toString().length);
  const size = BigInt(1 + Math.floor(draw() * 9_999)) * 10n ** BigInt(magnitude);
  const sellAmount = (size > most ? most : size).toString();
  const recipient = draw() < 0.2 ? `0x${'d'.repeat(37)}${100 + round}` : null;
  return orderTerms(`order ${round}`, { sellToken, buyToken, sellAmount, recipient });
}

async function quoted(venue: OnchainVenue, terms: OrderTerms): Promise<Quote | null> {
  try {
    return await venue.quote(terms, ask());
  } catch (thrown) {
    if (!(thrown instanceof EffectError)) throw thrown;
    expect(REFUSALS).toContain(thrown.code);
    return null;
  }
}

test(`of ${SWAPS} drawn orders (FAULTS=long: 400; seed ${SEED}) each pays what was quoted and is read as what it moved`, async () => {
  const venues = market.venues();
  const swapped = new Map<string, number>();
  const gas: { readonly venue: string; readonly over: number }[] = [];
  let full = await market.client.snapshot();
  for (let round = 0; round < SWAPS; round += 1) {
    if (round % SWAPS_A_STRETCH === 0) {
      await market.client.revert({ id: full });
      full = await market.client.snapshot();
    }
    const venue = oneOf(venues);
    const terms = await drawTerms(round);
    const { sellToken, buyToken, sellAmount } = terms;
    const quote = await quoted(venue, terms);
    if (quote === null) continue;
    const route = routeOf(venue.name, quote.buyAmount);
    const swap = await venue.build(terms, route, { ...ask(), signer: market.signer.address });
    const recipient =
      terms.recipient === null ? market.signer.address : (`0x${terms.recipient.slice(2)}` as const);
    const [hadToSell, hadBought] = await Promise.all([
      market.balanceOf(sellToken),
      market.balanceOf(buyToken, recipient),
    ]);
    const receipt = await market.sendSwap(swap);
    const { status, gasUsed } = receipt;
    expect({ round, swap, gasUsed, status }).toEqual({ round, swap, gasUsed, status: 'success' });
    const executed = {
      executedSellAmount: (hadToSell - (await market.balanceOf(sellToken))).toString(),
      executedBuyAmount: ((await market.balanceOf(buyToken, recipient)) - hadBought).toString(),
    };
    expect({ round, ...executed }).toEqual({
      round,
      executedSellAmount: sellAmount,
      executedBuyAmount: quote.buyAmount,
    });
    expect(await venue.readFill(terms, receipt)).toEqual(executed);
    const what = `${venue.name} ${sellToken}/${buyToken}`;
    swapped.set(what, (swapped.get(what) ?? 0) + 1);
    gas.push({ venue: what, over: Number(swap.gasLimit) / Number(receipt.gasUsed) });
  }
  // All three venues, directly and over a hop, were really exercised.
  expect([...swapped.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(SWAPS / 4);
  for (const { name } of venues) {
    expect([...swapped.keys()].filter((what) => what.startsWith(name)).length).toBeGreaterThan(2);
  }
  // Gas limits leave some room, and not so much that a signer must hold many times what it pays.
  expect(Math.min(...gas.map(({ over }) => over))).toBeGreaterThan(1.1);
  expect(Math.max(...gas.map(({ over }) => over))).toBeLessThan(2.5);
}, 120_000);
