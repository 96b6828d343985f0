/** The chain's own coin is sold and bought, on V2 and on both routers of V3. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { encodeDeployData, type Address, type Hex } from 'viem';
import { NATIVE_COIN } from '../../../machines/native-coin.ts';
import type { OrderTerms } from '../../../machines/order/types.ts';
import { systemClock } from '../../../src/runtime/time.ts';
import type { OnchainVenue } from '../../../src/venues/onchain/onchain-venue.ts';
import { openOnchainVenues } from '../../../src/venues/onchain/open-onchain-venues.ts';
import { Router02 } from '../../support/contracts/compiled.ts';
import { ContractDeployer, OddTokenOnMarket } from '../../support/odd-token.ts';
import { orderTerms } from '../order-terms.ts';
import { ask, routeOf } from '../routing/asking.ts';
import { LocalMarket } from './local-market.ts';

const VENUES = ['alpha-v2', 'gamma-v3', 'second-v3'] as const;
/** What no transaction of the test uses but as a recipient. */
const ELSEWHERE: Address = `0x${'5a'.repeat(20)}`;

let market: LocalMarket;
let odd: OddTokenOnMarket;
let venues: readonly OnchainVenue[];
let untouched: Hex;

beforeAll(async () => {
  market = await LocalMarket.open();
  odd = await OddTokenOnMarket.open(market.client, market.chain, { holder: market.signer.address });
  market.moreTokens.push(odd.token);
  await market.approveAll();
  const { factory = '0x' } = market.chain.exchanges.find(({ kind }) => kind === 'uniswap-v3') ?? {};
  const { abi, bytecode } = Router02;
  const router = await new ContractDeployer(market.client).deploy(
    encodeDeployData({ abi, bytecode, args: [factory, market.token('WETH').address] }),
  );
  for (const symbol of ['WETH', 'USDC']) await market.approve(symbol, router);
  const settings = market.settings();
  const second = settings.exchanges.flatMap((exchange) =>
    exchange.kind === 'uniswap-v3'
      ? [{ ...exchange, name: 'second-v3', router, routerVersion: 2 as const }]
      : [],
  );
  venues = openOnchainVenues({ ...settings, exchanges: [...settings.exchanges, ...second] }, systemClock);
  untouched = await market.client.snapshot();
}, 60_000);
beforeEach(async () => {
  await market.client.revert({ id: untouched });
  untouched = await market.client.snapshot();
});
afterAll(() => market.close());

const building = () => ({ ...ask(), signer: market.signer.address });
const coinOf = (address: Address = market.signer.address) => market.client.getBalance({ address });

function venue(name: string): OnchainVenue {
  const found = venues.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the market has no venue ${name}`);
  return found;
}

async function built(name: string, terms: OrderTerms) {
  const { buyAmount, gasPriced } = await venue(name).quote(terms, ask());
  return { buyAmount, gasPriced, swap: await venue(name).build(terms, routeOf(name, buyAmount), building()) };
}

const sellsCoin = (terms: Partial<OrderTerms> = {}): OrderTerms =>
  orderTerms('a', { sellToken: 'ETH', ...terms });
const buysCoin = (terms: Partial<OrderTerms> = {}): OrderTerms =>
  orderTerms('a', { sellToken: 'USDC', buyToken: 'ETH', sellAmount: '3000000000', ...terms });

test.each(VENUES)(
  '%s sells the coin for what it pays for the wrapped token, without an allowance',
  async (name) => {
    const terms = sellsCoin();
    const wrapped = await venue(name).quote({ ...terms, sellToken: 'WETH' }, ask());
    const { swap, buyAmount } = await built(name, terms);
    expect(buyAmount).toBe(wrapped.buyAmount);
    expect(swap).toMatchObject({ value: terms.sellAmount, spends: null });
    const [coin, weth, usdc] = [
      await coinOf(),
      await market.balanceOf('WETH'),
      await market.balanceOf('USDC'),
    ];
    const receipt = await market.sendSwap(swap);
    expect(receipt.status).toBe('success');
    const gas = receipt.gasUsed * receipt.effectiveGasPrice;
    expect(coin - (await coinOf()) - gas).toBe(BigInt(terms.sellAmount));
    expect(await market.balanceOf('WETH')).toBe(weth);
    expect((await market.balanceOf('USDC')) - usdc).toBe(BigInt(buyAmount));
    expect(await venue(name).readFill(terms, receipt)).toEqual({
      executedSellAmount: terms.sellAmount,
      executedBuyAmount: buyAmount,
    });
  },
);

test.each(VENUES)('%s buys the coin, which reaches the signer unwrapped', async (name) => {
  const terms = buysCoin();
  const { swap, buyAmount, gasPriced } = await built(name, terms);
  expect(gasPriced).toBe(true);
  const [coin, weth] = [await coinOf(), await market.balanceOf('WETH')];
  const receipt = await market.sendSwap(swap);
  const gas = receipt.gasUsed * receipt.effectiveGasPrice;
  expect((await coinOf()) - coin + gas).toBe(BigInt(buyAmount));
  expect(await market.balanceOf('WETH')).toBe(weth);
  expect(await venue(name).readFill(terms, receipt)).toEqual({
    executedSellAmount: terms.sellAmount,
    executedBuyAmount: buyAmount,
  });
});

test.each(VENUES)('%s pays the coin to another recipient, named by the address of the coin', async (name) => {
  const terms = buysCoin({ buyToken: NATIVE_COIN.toLowerCase(), recipient: ELSEWHERE });
  const { swap, buyAmount } = await built(name, terms);
  const receipt = await market.sendSwap(swap);
  expect(await coinOf(ELSEWHERE)).toBe(BigInt(buyAmount));
  expect(await venue(name).readFill(terms, receipt)).toMatchObject({ executedBuyAmount: buyAmount });
});

test.each(VENUES)('%s keeps minimum and deadline of an order that buys the coin', async (name) => {
  const { timestamp } = await market.client.getBlock();
  const terms = buysCoin({ validTo: Number(timestamp) + 60 });
  const { swap } = await built(name, terms);
  const state = await market.client.snapshot();
  // Another swap before it takes the price away.
  const { swap: first } = await built(name, buysCoin({ sellAmount: '300000000000' }));
  expect((await market.sendSwap(first)).status).toBe('success');
  expect((await market.sendSwap(swap)).status).toBe('reverted');
  await market.client.revert({ id: state });
  await market.client.setNextBlockTimestamp({ timestamp: timestamp + 61n });
  expect((await market.sendSwap(swap)).status).toBe('reverted');
});

test.each(VENUES)(
  '%s does not build an order that sells more of the coin than the signer has',
  async (name) => {
    const sellAmount = ((await coinOf()) + 1n).toString();
    await expect(
      venue(name).build(sellsCoin({ sellAmount }), routeOf(name, '1'), building()),
    ).rejects.toMatchObject({ kind: 'fail', code: 'insufficient_funds' });
  },
);

test.each(VENUES)('%s does not pay the coin to a contract that takes none', async (name) => {
  const recipient = market.token('USDC').address;
  const other = openOnchainVenues({ ...market.settings(), contracts: [] }, systemClock);
  const found = name === 'second-v3' ? venue(name) : other.find((each) => each.name === name);
  await expect(found?.build(buysCoin({ recipient }), routeOf(name, '1'), building())).rejects.toMatchObject({
    kind: 'fail',
    code: 'invalid_recipient',
  });
});

test.each(VENUES)('%s does not trade the coin for its wrapped token', async (name) => {
  await expect(venue(name).quote(sellsCoin({ buyToken: 'WETH' }), ask())).rejects.toMatchObject({
    code: 'unsupported_pair',
  });
});

test.each(VENUES)(
  '%s sells the coin for a token that keeps a part only where the minimum arrives',
  async (name) => {
    const terms = sellsCoin({ buyToken: 'ODD' });
    const { buyAmount } = await venue(name).quote(terms, ask());
    const quote = BigInt(buyAmount);
    await odd.behave({ feeBps: 100 });
    await expect(venue(name).build(terms, routeOf(name, buyAmount), building())).rejects.toMatchObject({
      code: 'received_less',
    });
    const least = ((quote * 985n) / 1_000n).toString();
    const swap = await venue(name).build(terms, routeOf(name, least), building());
    const before = await market.balanceOf('ODD');
    const receipt = await market.sendSwap(swap);
    expect((await market.balanceOf('ODD')) - before).toBe(quote - quote / 100n);
    expect(await venue(name).readFill(terms, receipt)).toMatchObject({
      executedSellAmount: terms.sellAmount,
    });
  },
);

test('a token that keeps a part is sold for the coin on V2', async () => {
  await odd.behave({ feeBps: 100 });
  const { router } = market.chain.exchanges.find(({ name }) => name === 'alpha-v2') ?? {};
  await market.approve('ODD', router ?? '0x');
  const terms = orderTerms('a', { sellToken: 'ODD', buyToken: 'ETH' });
  const { buyAmount } = await venue('alpha-v2').quote(terms, ask());
  const least = ((BigInt(buyAmount) * 98n) / 100n).toString();
  const swap = await venue('alpha-v2').build(terms, routeOf('alpha-v2', least), building());
  const coin = await coinOf();
  const receipt = await market.sendSwap(swap);
  const gas = receipt.gasUsed * receipt.effectiveGasPrice;
  const received = (await coinOf()) - coin + gas;
  expect(received).toBeGreaterThanOrEqual(BigInt(least));
  expect(await venue('alpha-v2').readFill(terms, receipt)).toMatchObject({
    executedBuyAmount: received.toString(),
  });
});

test.each([
  ['sells', sellsCoin()],
  ['buys', buysCoin()],
])(
  'an order that %s the coin counts what it moved, though the block holds other transactions of its signer',
  async (_what, terms) => {
    const { swap, buyAmount } = await built('alpha-v2', terms);
    const receipt = await market.inOneBlock(swap, { to: ELSEWHERE, data: '0x', value: 7n });
    expect(await coinOf(ELSEWHERE)).toBe(7n);
    expect(await venue('alpha-v2').readFill(terms, receipt)).toEqual({
      executedSellAmount: terms.sellAmount,
      executedBuyAmount: buyAmount,
    });
  },
);

test('less of the coin than the router unwrapped is told as what arrived, with its deviation', async () => {
  const terms = buysCoin({ recipient: ELSEWHERE });
  const { swap, buyAmount } = await built('alpha-v2', terms);
  const receipt = await market.sendSwap(swap);
  const short = BigInt(buyAmount) - 5n;
  await market.client.setBalance({ address: ELSEWHERE, value: short });
  expect(await venue('alpha-v2').readFill({ ...terms, minBuyAmount: buyAmount }, receipt)).toMatchObject({
    executedBuyAmount: short.toString(),
    deviation: { code: 'received_less', message: expect.stringContaining('base units of ETH') },
  });
});
