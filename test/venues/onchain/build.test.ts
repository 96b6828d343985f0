import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Hex } from 'viem';
import type { OrderTerms } from '../../../machines/order/types.ts';
import { systemClock } from '../../../src/runtime/time.ts';
import type { OnchainVenue } from '../../../src/venues/onchain/onchain-venue.ts';
import { rpcProxy, type RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { ask, routeOf } from '../routing/asking.ts';
import { LocalMarket } from './local-market.ts';
import { orderTerms } from '../order-terms.ts';

const V2_AND_V3 = ['alpha-v2', 'gamma-v3'] as const;

let market: LocalMarket;
let proxy: RpcProxy;
let untouched: Hex;

beforeAll(async () => {
  market = await LocalMarket.open();
  proxy = await rpcProxy(market.anvil.rpcUrl);
  untouched = await market.client.snapshot();
});
beforeEach(async () => {
  await market.client.revert({ id: untouched });
  untouched = await market.client.snapshot();
  proxy.requests.length = 0;
  proxy.answer = null;
});
afterAll(async () => {
  await proxy.close();
  await market.close();
});

function proxied(name: string): OnchainVenue {
  const venue = market.venues(systemClock, proxy.url).find((candidate) => candidate.name === name);
  if (venue === undefined) throw new Error(`no venue ${name}`);
  return venue;
}

const building = () => ({ ...ask(), signer: market.signer.address });

async function built(venue: OnchainVenue, terms: OrderTerms) {
  const { buyAmount } = await venue.quote(terms, ask());
  return venue.build(terms, routeOf(venue.name, buyAmount), building());
}

test.each(V2_AND_V3)(
  '%s simulates as if the allowance were given, and names the one it needs',
  async (name) => {
    const terms = orderTerms('a');
    const swap = await built(market.venue(name), terms);
    const router = market.chain.exchanges.find((exchange) => exchange.name === name)?.router;
    expect(swap.spends).toEqual({
      token: market.token('WETH').address,
      spender: router,
      amount: terms.sellAmount,
    });
    expect((await market.sendSwap(swap)).status).toBe('reverted');
    await market.approve('WETH', router ?? '0x', BigInt(terms.sellAmount));
    expect((await market.sendSwap(swap)).status).toBe('success');
  },
);

test.each(V2_AND_V3)('%s builds on a node that overrides nothing, too', async (name) => {
  proxy.answer = ({ params }) =>
    params.length < 3
      ? null
      : {
          status: 200,
          body: '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"too many arguments"}}',
        };
  const swap = await built(proxied(name), orderTerms('a'));
  await market.approveAll();
  expect((await market.sendSwap(swap)).status).toBe('success');
});

test.each(V2_AND_V3)('%s refuses what the signer does not have, whatever is allowed', async (name) => {
  const terms = orderTerms('a', { sellAmount: `${2_001n * 10n ** 18n}` });
  const expected = { kind: 'fail', code: 'insufficient_funds' };
  await expect(built(market.venue(name), terms)).rejects.toMatchObject(expected);
  await market.approveAll();
  await expect(built(market.venue(name), terms)).rejects.toMatchObject(expected);
});

test.each(V2_AND_V3)('%s sends an order back to routing when the price has left its route', async (name) => {
  const venue = market.venue(name);
  const { buyAmount } = await venue.quote(orderTerms('a'), ask());
  const route = routeOf(name, (BigInt(buyAmount) + 1n).toString());
  await expect(venue.build(orderTerms('a'), route, building())).rejects.toMatchObject({
    kind: 'reroute',
    code: 'slippage',
  });
});

test.each(V2_AND_V3)('%s fails an order whose time has passed', async (name) => {
  await expect(built(market.venue(name), orderTerms('a', { validTo: 1 }))).rejects.toMatchObject({
    kind: 'fail',
    code: 'expired',
  });
});

test.each(V2_AND_V3)('%s pays whom the order names, who need not be written as a checksum', async (name) => {
  await market.approveAll();
  const recipient = `0x${'aB'.repeat(20)}` as const;
  const terms = orderTerms('a', { recipient });
  const venue = market.venue(name);
  const receipt = await market.sendSwap(await built(venue, terms));
  const { executedBuyAmount } = await venue.readFill(terms, receipt);
  expect(await market.balanceOf('USDC', `0x${'ab'.repeat(20)}`)).toBe(BigInt(executedBuyAmount));
});
