import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Address } from 'viem';
import { checkMarket } from '../../../src/venues/onchain/check-market.ts';
import { rpcProxy, type RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { LocalMarket } from './local-market.ts';

const NOBODY: Address = `0x${'77'.repeat(20)}`;

let market: LocalMarket;
let proxy: RpcProxy;

beforeAll(async () => {
  market = await LocalMarket.open();
  proxy = await rpcProxy(market.anvil.rpcUrl);
}, 60_000);
beforeEach(() => {
  proxy.requests.length = 0;
  proxy.answer = null;
});
afterAll(async () => {
  await proxy.close();
  await market.close();
});

const settings = () => market.settings(proxy.url);
const exchanged = (name: string, over: object) =>
  settings().exchanges.map((exchange) => (exchange.name === name ? { ...exchange, ...over } : exchange));

test('a market as it is on the chain has no findings, and costs three requests', async () => {
  expect(await checkMarket(settings())).toEqual({ problems: [], warnings: [] });
  expect(proxy.requests.map(({ method }) => method).sort()).toEqual([
    'eth_call',
    'eth_chainId',
    'eth_getCode',
  ]);
});

test('tokens that are none, or have other decimals, are told, and other symbols are warned of', async () => {
  const [weth, usdc, dai, wbtc] = settings().tokens;
  if (weth === undefined || usdc === undefined || dai === undefined || wbtc === undefined)
    throw new Error('four tokens');
  const tokens = [weth, { ...usdc, decimals: 18 }, { ...dai, symbol: 'DAY' }, { ...wbtc, address: NOBODY }];
  expect(await checkMarket({ ...settings(), tokens })).toEqual({
    problems: [
      `tokens.USDC ${usdc.address} has 6 decimals: expected 18, as the file says`,
      `tokens.WBTC ${NOBODY} does not answer as expected: expected a token with decimals`,
    ],
    warnings: [`tokens.DAY ${dai.address} calls itself DAI: expected DAY`],
  });
});

test('exchanges whose parts do not belong together are told, each part with what it is', async () => {
  const [alpha, beta, gamma] = market.chain.exchanges;
  if (alpha === undefined || beta === undefined || gamma?.kind !== 'uniswap-v3')
    throw new Error('three exchanges');
  const { problems } = await checkMarket({
    ...settings(),
    exchanges: exchanged('alpha-v2', { router: beta.router }),
  });
  expect(problems).toEqual([
    `exchanges.alpha-v2.router ${beta.router} belongs to ${beta.factory}: expected ${alpha.factory}`,
  ]);
  const swapped = { quoter: NOBODY, router: NOBODY, fees: [500, 2_500] };
  expect((await checkMarket({ ...settings(), exchanges: exchanged('gamma-v3', swapped) })).problems).toEqual([
    'exchanges.gamma-v3.fees names 2500: the factory has no such tier',
    `exchanges.gamma-v3.quoter ${NOBODY} does not answer as expected: expected QuoterV2`,
    `exchanges.gamma-v3.router ${NOBODY} (its WETH9) does not answer as expected: expected a router of Uniswap V3`,
    `exchanges.gamma-v3.router ${NOBODY} does not answer as expected: expected a router of Uniswap V3`,
  ]);
});

test('a first token that is not the wrapped coin of the exchanges is told', async () => {
  const weth = market.token('DAI').address;
  const { problems } = await checkMarket({ ...settings(), weth });
  expect(problems).toHaveLength(3);
  for (const problem of problems) expect(problem).toMatch(/\(its WETH9?\) belongs to 0x/);
});

test('a node of another chain is told before all else', async () => {
  expect((await checkMarket({ ...settings(), chainId: 1 })).problems).toEqual([
    'chainId is 1: the node is on chain 31337',
  ]);
});

test('a Multicall3 or an oracle that is not there is told', async () => {
  expect((await checkMarket({ ...settings(), multicall3: NOBODY })).problems).toEqual([
    `multicall3 ${NOBODY} has no code: expected Multicall3`,
  ]);
  expect((await checkMarket({ ...settings(), l1FeeOracle: NOBODY })).problems).toEqual([
    `l1FeeOracle ${NOBODY} does not answer as expected: expected GasPriceOracle of the OP stack`,
  ]);
});

test('a node that does not answer is no finding: the check fails', async () => {
  proxy.answer = ({ method }) => (method === 'eth_call' ? { status: 503, body: 'away' } : null);
  await expect(checkMarket(settings())).rejects.toThrow();
});
