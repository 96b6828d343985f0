import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { encodeFunctionData, type Hex } from 'viem';
import type { OrderTerms } from '../../../machines/order/types.ts';
import type { OnchainVenue } from '../../../src/venues/onchain/onchain-venue.ts';
import type { SwapReceipt } from '../../../src/venues/onchain/decode-fill.ts';
import { ask, routeOf } from '../routing/asking.ts';
import { ERC20 } from '../../../src/abis/erc20.ts';
import { LocalMarket } from './local-market.ts';
import { orderTerms } from '../order-terms.ts';

const V2_AND_V3 = ['alpha-v2', 'gamma-v3'] as const;

let market: LocalMarket;
let untouched: Hex;

beforeAll(async () => {
  market = await LocalMarket.open();
  untouched = await market.client.snapshot();
});
beforeEach(async () => {
  await market.client.revert({ id: untouched });
  untouched = await market.client.snapshot();
});
afterAll(async () => {
  await market.close();
});

const building = () => ({ ...ask(), signer: market.signer.address });

async function filled(name: string, terms: OrderTerms) {
  const venue = market.venue(name);
  await market.approveAll();
  const { buyAmount } = await venue.quote(terms, ask());
  const swap = await venue.build(terms, routeOf(name, buyAmount), building());
  return { venue, receipt: await market.sendSwap(swap), buyAmount };
}
function refusal(venue: OnchainVenue, terms: OrderTerms, receipt: SwapReceipt): string {
  try {
    return JSON.stringify(venue.decodeFill(terms, receipt));
  } catch (thrown) {
    expect(thrown).toMatchObject({ name: 'EffectError', kind: 'fail', code: 'fill_unverified' });
    return String(thrown);
  }
}

test.each(V2_AND_V3)('%s tells what left the signer and what reached the recipient', async (name) => {
  const terms = orderTerms('a');
  const { venue, receipt, buyAmount } = await filled(name, terms);
  expect(venue.decodeFill(terms, receipt)).toEqual({
    executedSellAmount: terms.sellAmount,
    executedBuyAmount: buyAmount,
  });
});

test.each(V2_AND_V3)('%s believes no fill that pays less, another, or another token', async (name) => {
  const terms = orderTerms('a');
  const { venue, receipt, buyAmount } = await filled(name, terms);
  const more = (BigInt(buyAmount) + 1n).toString();
  const cases: [Partial<OrderTerms>, RegExp][] = [
    [{ minBuyAmount: more }, /expected at least/],
    [{ recipient: `0x${'cd'.repeat(20)}` }, /received 0 base units/],
    [{ buyToken: 'DAI' }, /received 0 base units/],
    [{ sellToken: 'DAI' }, /0 base units of .* left/],
    [{ sellAmount: '5' }, /expected up to 5/],
  ];
  for (const [change, why] of cases) {
    expect(refusal(venue, { ...terms, ...change }, receipt)).toMatch(why);
  }
  expect(refusal(venue, terms, { ...receipt, status: 'reverted' })).toMatch(/it reverted/);
  expect(refusal(venue, terms, { ...receipt, logs: [] })).toMatch(/no pool emitted a swap/);
});

test('a call to an address without a contract, or a mere transfer, is not a fill', async () => {
  const venue = market.venue('alpha-v2');
  const noContract = await market.send(`0x${'ff'.repeat(20)}`, '0x1234');
  expect(noContract.status).toBe('success');
  expect(refusal(venue, orderTerms('a'), noContract)).toMatch(/not the router/);
  const data = encodeFunctionData({
    abi: ERC20,
    functionName: 'transfer',
    args: [`0x${'ee'.repeat(20)}`, 5n],
  });
  const transfer = await market.send(market.token('WETH').address, data);
  expect(refusal(venue, orderTerms('a'), transfer)).toMatch(/not the router/);
});

test('a swap on another venue is none of this one', async () => {
  const { receipt } = await filled('alpha-v2', orderTerms('a'));
  for (const name of ['beta-v2', 'gamma-v3']) {
    expect(refusal(market.venue(name), orderTerms('a'), receipt)).toMatch(/not the router/);
  }
});
