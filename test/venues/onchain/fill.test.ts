import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { encodeFunctionData, type Hex } from 'viem';
import type { OrderTerms } from '../../../machines/order/types.ts';
import type { OnchainVenue } from '../../../src/venues/onchain/onchain-venue.ts';
import type { SwapReceipt } from '../../../src/venues/onchain/fills/decode-fill.ts';
import { ask, routeOf } from '../routing/asking.ts';
import { ERC20 } from '../../../src/abis/erc20.ts';
import { rpcProxy } from '../../support/chain/rpc-proxy.ts';
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

async function deviation(venue: OnchainVenue, terms: OrderTerms, receipt: SwapReceipt): Promise<string> {
  const { deviation: found } = await venue.readFill(terms, receipt);
  return found === undefined ? '' : `${found.code}: ${found.message}`;
}

test.each(V2_AND_V3)('%s tells what left the signer and what reached the recipient', async (name) => {
  const terms = orderTerms('a');
  const { venue, receipt, buyAmount } = await filled(name, terms);
  expect(await venue.readFill(terms, receipt)).toEqual({
    executedSellAmount: terms.sellAmount,
    executedBuyAmount: buyAmount,
  });
});

test.each(V2_AND_V3)(
  '%s names a swap that paid less, another account or another token, with what it moved',
  async (name) => {
    const terms = orderTerms('a');
    const { venue, receipt, buyAmount } = await filled(name, terms);
    const more = (BigInt(buyAmount) + 1n).toString();
    const cases: [Partial<OrderTerms>, RegExp][] = [
      [{ minBuyAmount: more }, /^received_less: .* received \d+ base units .* expected at least/],
      [{ recipient: `0x${'cd'.repeat(20)}` }, /^received_less: .* received 0 base units/],
      [{ buyToken: 'DAI' }, /^received_less: .* received 0 base units/],
      [{ sellToken: 'DAI' }, /^sold_other_amount: 0 base units of .* left/],
      [{ sellAmount: '5' }, /^sold_other_amount: .* expected up to 5/],
    ];
    for (const [change, why] of cases) {
      expect(await deviation(venue, { ...terms, ...change }, receipt)).toMatch(why);
    }
    expect(await venue.readFill({ ...terms, minBuyAmount: more }, receipt)).toMatchObject({
      executedSellAmount: terms.sellAmount,
      executedBuyAmount: buyAmount,
    });
    expect(await deviation(venue, terms, { ...receipt, logs: [] })).toMatch(
      /^not_a_swap: .* no pool emitted a swap/,
    );
    await expect(venue.readFill(terms, { ...receipt, status: 'reverted' })).rejects.toThrow(
      /reverted: it has no fill/,
    );
  },
);

test('a call to an address without a contract, or a mere transfer, is not a swap', async () => {
  const venue = market.venue('alpha-v2');
  const noContract = await market.send(`0x${'ff'.repeat(20)}`, '0x1234');
  expect(noContract.status).toBe('success');
  expect(await deviation(venue, orderTerms('a'), noContract)).toMatch(/not the router/);
  const data = encodeFunctionData({
    abi: ERC20,
    functionName: 'transfer',
    args: [`0x${'ee'.repeat(20)}`, 5n],
  });
  const transfer = await market.send(market.token('WETH').address, data);
  expect(await deviation(venue, orderTerms('a'), transfer)).toMatch(/not the router/);
});

test('a swap on another venue is not a fill of this one', async () => {
  const { receipt } = await filled('alpha-v2', orderTerms('a'));
  for (const name of ['beta-v2', 'gamma-v3']) {
    expect(await deviation(market.venue(name), orderTerms('a'), receipt)).toMatch(/not the router/);
  }
});

test('of a token whose event reports more than arrives, what arrived counts', async () => {
  const terms = orderTerms('a', { minBuyAmount: '1' });
  const { venue, receipt, buyAmount } = await filled('alpha-v2', terms);
  const held = await market.balanceOf('USDC', market.signer.address);
  await market.setBalance('USDC', market.signer.address, held - 1_000n);
  const arrived = (BigInt(buyAmount) - 1_000n).toString();
  expect(await venue.readFill(terms, receipt)).toMatchObject({ executedBuyAmount: arrived });
  const asked = await venue.readFill({ ...terms, minBuyAmount: buyAmount }, receipt);
  expect(asked).toMatchObject({ executedBuyAmount: arrived, deviation: { code: 'received_less' } });
});

test('other transfers to the recipient in the block of a swap are not counted as bought', async () => {
  const recipient = `0x${'5a'.repeat(20)}` as const;
  const terms = orderTerms('a', { recipient });
  const venue = market.venue('alpha-v2');
  await market.approveAll();
  const { buyAmount } = await venue.quote(terms, ask());
  const swap = await venue.build(terms, routeOf(venue.name, buyAmount), building());
  const data = encodeFunctionData({ abi: ERC20, functionName: 'transfer', args: [recipient, 77n] });
  const receipt = await market.inOneBlock(swap, { to: market.token('USDC').address, data });
  expect(await market.balanceOf('USDC', recipient)).toBe(BigInt(buyAmount) + 77n);
  expect(await venue.readFill(terms, receipt)).toEqual({
    executedSellAmount: terms.sellAmount,
    executedBuyAmount: buyAmount,
  });
});

const BALANCES = ['eth_getBlockByHash', 'eth_call', 'eth_getLogs'];
const LIMITED = { status: 429, body: 'Too many requests' };
const REFUSED = {
  status: 200,
  body: '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"missing trie node"}}',
};

test.each(BALANCES)(
  'a node that refuses %s has the events decide; one that gives no answer to it decides nothing',
  async (method) => {
    const terms = orderTerms('a');
    const { receipt, buyAmount } = await filled('alpha-v2', terms);
    // Other than the events say, so that the transfers of the block are looked at, too.
    await market.setBalance('USDC', market.signer.address, 5n);
    const proxy = await rpcProxy(market.anvil.rpcUrl);
    try {
      // Opened anew: an endpoint that asked for fewer requests rests.
      const opened = () => market.venues(undefined, proxy.url).find(({ name }) => name === 'alpha-v2');
      proxy.answer = (request) => (request.method === method ? LIMITED : null);
      await expect(opened()?.readFill(terms, receipt)).rejects.toMatchObject({
        name: 'EffectError',
        kind: 'wait',
      });
      proxy.answer = (request) => (request.method === method ? REFUSED : null);
      expect(await opened()?.readFill(terms, receipt)).toMatchObject({ executedBuyAmount: buyAmount });
    } finally {
      await proxy.close();
    }
  },
);
