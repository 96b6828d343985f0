/** Tokens that keep a part of each transfer: what reaches the recipient is at least the minimum, or nothing is built. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { toFunctionSelector, type Hex } from 'viem';
import type { OrderTerms, UnsignedSwap } from '../../../machines/order/types.ts';
import { systemClock } from '../../../src/runtime/time.ts';
import { KEEPS_NOTHING_MS } from '../../../src/venues/onchain/simulation/transfer-simulation.ts';
import { OddTokenOnMarket } from '../../support/odd-token.ts';
import { rpcProxy, type RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { orderTerms } from '../order-terms.ts';
import { ask } from '../routing/asking.ts';
import { LocalMarket } from './local-market.ts';

const V2_AND_V3 = ['alpha-v2', 'gamma-v3'] as const;
const UNIT = 10n ** 18n;
const RECIPIENT = `0x${'ab'.repeat(20)}` as const;
const PLAIN = toFunctionSelector('swapExactTokensForTokens(uint256,uint256,address[],address,uint256)');
const FOR_KEPT_FEES = toFunctionSelector(
  'swapExactTokensForTokensSupportingFeeOnTransferTokens(uint256,uint256,address[],address,uint256)',
);

let market: LocalMarket;
let odd: OddTokenOnMarket;
let untouched: Hex;

beforeAll(async () => {
  market = await LocalMarket.open();
  odd = await OddTokenOnMarket.open(market.client, market.chain, { holder: market.signer.address });
  market.moreTokens.push(odd.token);
  await market.approveAll();
  for (const { router } of market.chain.exchanges) await market.approve('ODD', router);
  untouched = await market.client.snapshot();
}, 60_000);
beforeEach(async () => {
  await market.client.revert({ id: untouched });
  untouched = await market.client.snapshot();
});
afterAll(() => market.close());

const buying = (over: Partial<OrderTerms> = {}) =>
  orderTerms('a', {
    sellToken: 'WETH',
    buyToken: 'ODD',
    sellAmount: UNIT.toString(),
    recipient: RECIPIENT,
    ...over,
  });
const selling = (over: Partial<OrderTerms> = {}) =>
  orderTerms('a', { sellToken: 'ODD', buyToken: 'WETH', sellAmount: (3_000n * UNIT).toString(), ...over });

async function quoted(name: string, terms: OrderTerms): Promise<bigint> {
  return BigInt((await market.venue(name).quote(terms, ask())).buyAmount);
}

function build(name: string, terms: OrderTerms, minBuyAmount: bigint, venue = market.venue(name)) {
  const route = { venue: name, buyAmount: minBuyAmount.toString(), minBuyAmount: minBuyAmount.toString() };
  const building = { ...ask(), signer: market.signer.address };
  return venue.build(terms, { ...route, why: 'a test' }, building);
}

async function swapped(swap: UnsignedSwap, symbol: string, who: Hex): Promise<bigint | 'reverted'> {
  const before = await market.balanceOf(symbol, who);
  const { status } = await market.sendSwap(swap);
  return status === 'reverted' ? status : (await market.balanceOf(symbol, who)) - before;
}

const less = (amount: bigint, bps: bigint): bigint => (amount * (10_000n - bps)) / 10_000n;

describe.each([
  ['events that say what arrives', false],
  ['events of the whole amount', true],
])('a token that is bought, keeps a part and has %s', (_events, grossEvents) => {
  test.each(V2_AND_V3)('is refused on %s where less than the minimum would arrive', async (name) => {
    const quote = await quoted(name, buying());
    await odd.behave({ feeBps: 1_000, grossEvents });
    await expect(build(name, buying(), less(quote, 50n))).rejects.toMatchObject({
      name: 'EffectError',
      kind: 'reroute',
      code: 'received_less',
      message: expect.stringMatching(/^\d+ base units of ODD would reach 0xabab.*: expected at least \d+ /i),
    });
  });

  test.each(V2_AND_V3)('is bought on %s where the minimum arrives, and that much does', async (name) => {
    const quote = await quoted(name, buying());
    await odd.behave({ feeBps: 100, grossEvents });
    const least = less(quote, 150n);
    const swap = await build(name, buying(), least);
    expect(swap.minBuyAmount).toBe(least.toString());
    const arrived = await swapped(swap, 'ODD', RECIPIENT);
    expect(arrived).toBe(quote - (quote * 100n) / 10_000n);
  });

  test.each(V2_AND_V3)(
    'is not bought on %s once the price lets less arrive than the minimum',
    async (name) => {
      const quote = await quoted(name, buying());
      await odd.behave({ feeBps: 100, grossEvents });
      // The price falls by some 0.7 %: before the token keeps its part, the minimum would still be paid.
      const swap = await build(name, buying(), less(quote, 110n));
      const other = buying({ sellAmount: (4n * UNIT).toString() });
      const first = await build(name, other, 1n);
      expect(await swapped(first, 'ODD', RECIPIENT)).toBeGreaterThan(0n);
      await odd.behave({ grossEvents });
      expect(await quoted(name, buying())).toBeGreaterThan(less(quote, 110n));
      await odd.behave({ feeBps: 100, grossEvents });
      expect(await swapped(swap, 'ODD', RECIPIENT)).toBe('reverted');
    },
  );
});

describe.each(V2_AND_V3)('a quote of %s for a token that is bought and keeps a part', (name) => {
  test('is what arrives', async () => {
    const plain = await quoted(name, buying());
    await odd.behave({ feeBps: 250, grossEvents: true });
    const quote = await market.venue(name).quote(buying(), ask());
    expect(quote.buyAmount).toBe((plain - (plain * 250n) / 10_000n).toString());
    expect(quote).not.toHaveProperty('beforeTransferFees');
    const swap = await build(name, buying(), less(BigInt(quote.buyAmount), 10n));
    expect(await swapped(swap, 'ODD', RECIPIENT)).toBe(BigInt(quote.buyAmount));
  });

  test('is what arrives at the signer where the order names no recipient', async () => {
    const plain = await quoted(name, buying());
    await odd.behave({ feeBps: 250 });
    expect(await quoted(name, buying({ recipient: null }))).toBe(plain - (plain * 250n) / 10_000n);
  });

  test('is refused where nothing would arrive', async () => {
    await odd.behave({ feeBps: 10_000 });
    await expect(quoted(name, buying())).rejects.toMatchObject({ kind: 'reroute', code: 'received_less' });
  });

  test('sees within minutes that the token begins to keep a part, and at once that it keeps another', async () => {
    let now = 0;
    const venue = market.venues({ now: () => now }).find((each) => each.name === name);
    const quote = async () => BigInt((await venue?.quote(buying(), ask()))?.buyAmount ?? 0);
    const plain = await quote();
    await odd.behave({ feeBps: 100 });
    expect(await quote()).toBe(plain);
    now += KEEPS_NOTHING_MS;
    expect(await quote()).toBe(plain - (plain * 100n) / 10_000n);
    await odd.behave({ feeBps: 200 });
    expect(await quote()).toBe(plain - (plain * 200n) / 10_000n);
  });
});

test('a quote of V2 for a token that is sold and keeps a part is what arrives', async () => {
  await odd.behave({ feeBps: 250 });
  const quote = await quoted('alpha-v2', selling());
  const swap = await build('alpha-v2', selling(), less(quote, 10n));
  expect(await swapped(swap, 'WETH', market.signer.address)).toBe(quote);
});

test('V3 quotes nothing for a token that is sold and keeps a part', async () => {
  await odd.behave({ feeBps: 250 });
  await expect(quoted('gamma-v3', selling())).rejects.toMatchObject({
    kind: 'reroute',
    code: 'unsupported_token',
  });
});

test('a token that is sold and keeps a part is sold on V2 for what arrives, and refused where that is too little', async () => {
  const quote = await quoted('alpha-v2', selling());
  await odd.behave({ feeBps: 100 });
  await expect(build('alpha-v2', selling(), less(quote, 50n))).rejects.toMatchObject({
    code: 'received_less',
  });
  const least = less(quote, 150n);
  const swap = await build('alpha-v2', selling(), least);
  expect(swap.data.slice(0, 10)).toBe(FOR_KEPT_FEES);
  const arrived = await swapped(swap, 'WETH', market.signer.address);
  expect(arrived === 'reverted' ? 0n : arrived).toBeGreaterThanOrEqual(least);
});

test('a token that is sold and keeps a part is refused on V3, whose pools take no less than they were told', async () => {
  const quote = await quoted('gamma-v3', selling());
  await odd.behave({ feeBps: 100 });
  await expect(build('gamma-v3', selling(), less(quote, 150n))).rejects.toMatchObject({
    kind: 'reroute',
    code: 'unsupported_token',
  });
});

test('tokens that keep nothing are swapped with the usual call', async () => {
  const quote = await quoted('alpha-v2', buying());
  const swap = await build('alpha-v2', buying(), less(quote, 50n));
  expect(swap.data.slice(0, 10)).toBe(PLAIN);
  expect(await swapped(swap, 'ODD', RECIPIENT)).toBe(quote);
});

test('on a node that overrides nothing the usual call is built, and the quote says that what arrives is not known before', async () => {
  const proxy: RpcProxy = await rpcProxy(market.anvil.rpcUrl);
  try {
    const error = { code: -32602, message: 'too many arguments' };
    proxy.answer = ({ params }) =>
      params.length < 3 ? null : { status: 200, body: JSON.stringify({ jsonrpc: '2.0', id: 1, error }) };
    const venue = market.venues(systemClock, proxy.url).find(({ name }) => name === 'alpha-v2');
    const plain = await quoted('alpha-v2', buying());
    await odd.behave({ feeBps: 1_000 });
    expect(await venue?.quote(buying(), ask())).toMatchObject({
      buyAmount: plain.toString(),
      beforeTransferFees: true,
    });
    const swap = await build('alpha-v2', buying(), 1n, venue);
    expect(swap.data.slice(0, 10)).toBe(PLAIN);
  } finally {
    await proxy.close();
  }
});
