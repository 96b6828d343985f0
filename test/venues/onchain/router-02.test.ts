import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { encodeDeployData, type Hex } from 'viem';
import { systemClock } from '../../../src/runtime/time.ts';
import type { OnchainVenue } from '../../../src/venues/onchain/onchain-venue.ts';
import { openOnchainVenues } from '../../../src/venues/onchain/open-onchain-venues.ts';
import { Router02 } from '../../support/contracts/compiled.ts';
import { ContractDeployer, OddTokenOnMarket } from '../../support/odd-token.ts';
import { orderTerms } from '../order-terms.ts';
import { ask, routeOf } from '../routing/asking.ts';
import { LocalMarket } from './local-market.ts';

let market: LocalMarket;
let venue: OnchainVenue;
let odd: OddTokenOnMarket;
let untouched: Hex;

beforeAll(async () => {
  market = await LocalMarket.open();
  odd = await OddTokenOnMarket.open(market.client, market.chain, { holder: market.signer.address });
  market.moreTokens.push(odd.token);
  const exchanges = market.chain.exchanges.filter(({ kind }) => kind === 'uniswap-v3');
  const factory = exchanges[0]?.factory ?? '0x';
  const { abi, bytecode } = Router02;
  const deployer = new ContractDeployer(market.client);
  const router = await deployer.deploy(
    encodeDeployData({ abi, bytecode, args: [factory, market.token('WETH').address] }),
  );
  const second = exchanges.map((exchange) => ({ ...exchange, router, routerVersion: 2 as const }));
  const [opened] = openOnchainVenues({ ...market.settings(), exchanges: second }, systemClock);
  if (opened === undefined) throw new Error('the market has a V3 exchange');
  venue = opened;
  await market.approve('WETH', router);
  untouched = await market.client.snapshot();
}, 60_000);
beforeEach(async () => {
  await market.client.revert({ id: untouched });
  untouched = await market.client.snapshot();
});
afterAll(() => market.close());

const building = () => ({ ...ask(), signer: market.signer.address });

test('the second router swaps what was quoted, and its fill is read', async () => {
  const terms = orderTerms('a');
  const { buyAmount } = await venue.quote(terms, ask());
  const swap = await venue.build(terms, routeOf(venue.name, buyAmount), building());
  const receipt = await market.sendSwap(swap);
  expect(receipt.status).toBe('success');
  expect(await venue.readFill(terms, receipt)).toEqual({
    executedSellAmount: terms.sellAmount,
    executedBuyAmount: buyAmount,
  });
});

test('the second router keeps the deadline of the order, though its swap has none', async () => {
  const { timestamp } = await market.client.getBlock();
  const terms = orderTerms('a', { validTo: Number(timestamp) + 60 });
  const { buyAmount } = await venue.quote(terms, ask());
  const swap = await venue.build(terms, routeOf(venue.name, buyAmount), building());
  await market.client.setNextBlockTimestamp({ timestamp: timestamp + 61n });
  expect((await market.sendSwap(swap)).status).toBe('reverted');
  await expect(venue.build(terms, routeOf(venue.name, '1'), building())).rejects.toMatchObject({
    kind: 'fail',
    code: 'expired',
  });
});

test('a token that keeps a part is bought on the second router only where the minimum arrives', async () => {
  const terms = orderTerms('a', { buyToken: 'ODD' });
  const { buyAmount } = await venue.quote(terms, ask());
  const quote = BigInt(buyAmount);
  await odd.behave({ feeBps: 100 });
  const least = (quote * 985n) / 1_000n;
  await expect(venue.build(terms, routeOf(venue.name, buyAmount), building())).rejects.toMatchObject({
    code: 'received_less',
  });
  const swap = await venue.build(terms, routeOf(venue.name, least.toString()), building());
  const before = await market.balanceOf('ODD');
  expect((await market.sendSwap(swap)).status).toBe('success');
  expect((await market.balanceOf('ODD')) - before).toBe(quote - quote / 100n);
});
