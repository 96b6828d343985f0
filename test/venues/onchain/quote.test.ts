import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { encodeDeployData, type Hex } from 'viem';
import { systemClock } from '../../../src/runtime/time.ts';
import { requestQuotes } from '../../../src/venues/routing/request-quotes.ts';
import type { OnchainVenue } from '../../../src/venues/onchain/onchain-venue.ts';
import { openOnchainVenues } from '../../../src/venues/onchain/open-onchain-venues.ts';
import { rpcProxy, type RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { L1FeeOracle } from '../../support/contracts/compiled.ts';
import { ContractDeployer } from '../../support/odd-token.ts';
import { ask } from '../routing/asking.ts';
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

const noDefect = (venue: string, thrown: unknown): never => {
  throw new Error(`${venue} is not expected to break`, { cause: thrown });
};
const requestsOf = (method: string) => proxy.requests.filter((request) => request.method === method);

test('all venues that are asked in one turn share one multicall, and one simulation of what their tokens keep, and see one block', async () => {
  const { quotes } = await requestQuotes(
    market.venues(systemClock, proxy.url),
    orderTerms('a'),
    ask(),
    noDefect,
  );
  expect(quotes.map(({ venue }) => venue)).toEqual(['alpha-v2', 'beta-v2', 'gamma-v3']);
  expect(proxy.requests.map(({ method }) => method).sort()).toEqual([
    'eth_call',
    'eth_call',
    'eth_feeHistory',
    'eth_getBlockByNumber',
    'eth_maxPriorityFeePerGas',
  ]);
  const block = (await market.client.getBlockNumber()).toString();
  expect(quotes.map((quote) => quote.block)).toEqual([block, block, block]);
  expect(quotes.every(({ gasPriced }) => gasPriced)).toBe(true);
});

test('many orders of one turn share them too, and the next ones read neither the price of gas nor what is kept again', async () => {
  const venues = market.venues(systemClock, proxy.url);
  const twenty = (from: number) =>
    Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        requestQuotes(
          venues,
          orderTerms(`order ${from + index}`, { sellAmount: `${10 ** 15 + index}` }),
          ask(),
          noDefect,
        ),
      ),
    );
  await twenty(0);
  expect(requestsOf('eth_call')).toHaveLength(2);
  await twenty(20);
  expect(requestsOf('eth_call')).toHaveLength(3);
  expect(requestsOf('eth_feeHistory')).toHaveLength(1);
});

test('gas is priced in the token that is bought, and follows the price of gas', async () => {
  const costs: bigint[] = [];
  for (const baseFeePerGas of [10n ** 9n, 10n ** 11n]) {
    await market.client.setNextBlockBaseFeePerGas({ baseFeePerGas });
    await market.client.mine({ blocks: 1 });
    const { gasCost } = await market.venue('alpha-v2').quote(orderTerms('a'), ask());
    costs.push(BigInt(gasCost));
  }
  // 100,000 gas at about 1 and 100 gwei, and 3,000 USDC for an ether.
  expect(costs[0]).toBeGreaterThan(200_000n);
  expect(costs[0]).toBeLessThan(1_500_000n);
  expect(costs[1]).toBeGreaterThan(25_000_000n);
  expect(costs[1]).toBeLessThan(80_000_000n);
  const inEther = await market
    .venue('alpha-v2')
    .quote(orderTerms('a', { sellToken: 'USDC', buyToken: 'WETH', sellAmount: '3000000000' }), ask());
  expect(BigInt(inEther.gasCost)).toBeGreaterThan(5n * 10n ** 15n);
});

test('where no exchange trades ether for the token, the quote says that its gas has no price', async () => {
  const gamma = market.chain.exchanges.filter(({ name }) => name === 'gamma-v3');
  const weth = market.token('WBTC').address;
  const settings = { ...market.settings(), exchanges: gamma, weth };
  const [venue] = openOnchainVenues(settings, systemClock);
  expect(await venue?.quote(orderTerms('a'), ask())).toMatchObject({ gasCost: '0', gasPriced: false });
});

test('V2 trades a pair that has no pool over WETH', async () => {
  const terms = orderTerms('a', { sellToken: 'USDC', buyToken: 'dai', sellAmount: '1000000000' });
  const { buyAmount } = await market.venue('alpha-v2').quote(terms, ask());
  expect(BigInt(buyAmount)).toBeGreaterThan(985n * 10n ** 18n);
  expect(BigInt(buyAmount)).toBeLessThan(1_000n * 10n ** 18n);
  await expect(market.venue('gamma-v3').quote(terms, ask())).rejects.toMatchObject({
    kind: 'fail',
    code: 'unsupported_pair',
    message: 'gamma-v3 does not trade USDC for DAI',
  });
});

test.each([
  ['alpha-v2', { sellAmount: `${2n ** 256n - 1n}` }, 'retry', 'no_liquidity'],
  ['gamma-v3', { sellAmount: `${2n ** 256n - 1n}` }, 'retry', 'no_liquidity'],
  ['alpha-v2', { sellAmount: '1' }, 'fail', 'amount_too_small'],
  ['gamma-v3', { sellAmount: '1' }, 'fail', 'amount_too_small'],
  ['alpha-v2', { sellToken: 'PEPE' }, 'fail', 'unsupported_token'],
  ['gamma-v3', { buyToken: `0x${'77'.repeat(20)}` }, 'fail', 'unsupported_token'],
] as const)('%s answers %j with %s, %s', async (name, terms, kind, code) => {
  await expect(market.venue(name).quote(orderTerms('a', terms), ask())).rejects.toMatchObject({
    name: 'EffectError',
    kind,
    code,
  });
});

test('a tier whose range of prices the order would leave gives no quote, though its quoter names a price', async () => {
  const gamma = market.chain.exchanges.flatMap((exchange) =>
    exchange.kind === 'uniswap-v3' ? [{ ...exchange, fees: [500] }] : [],
  );
  const settings = { ...market.settings(), exchanges: gamma };
  const [venue] = openOnchainVenues(settings, systemClock);
  expect(await venue?.quote(orderTerms('a'), ask())).toMatchObject({ venue: 'gamma-v3' });
  const large = orderTerms('a', { sellAmount: `${5_000n * 10n ** 18n}` });
  await expect(venue?.quote(large, ask())).rejects.toMatchObject({ code: 'no_liquidity' });
});

test.each([
  [{ status: 503, body: 'away' }, 'wait', 'rpc_unavailable'],
  [{ status: 429, body: 'slow down' }, 'wait', 'venue_rate_limited'],
  [
    { status: 200, body: '{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"limit exceeded"}}' },
    'wait',
    'venue_rate_limited',
  ],
  [
    { status: 200, body: '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"boom"}}' },
    'wait',
    'rpc_unavailable',
  ],
  [{ status: 200, body: 'no JSON' }, 'wait', 'rpc_unavailable'],
  [{ status: 200, body: '{"jsonrpc":"2.0","id":1,"result":"0x"}' }, 'wait', 'rpc_unavailable'],
  ['hang', 'retry', 'venue_timeout'],
] as const)('a node that answers %j makes it %s, %s', async (answer, kind, code) => {
  proxy.answer = ({ method }) => (method === 'eth_call' ? answer : null);
  const refused = V2_AND_V3.map((name) =>
    expect(proxied(name).quote(orderTerms('a'), ask())).rejects.toMatchObject({
      name: 'EffectError',
      kind,
      code,
    }),
  );
  await Promise.all(refused);
});

test("on a rollup the quote's gas counts what the chain below charges for the data", async () => {
  const weiPerByte = 10n ** 12n;
  const { abi, bytecode } = L1FeeOracle;
  const deployer = new ContractDeployer(market.client);
  const l1FeeOracle = await deployer.deploy(encodeDeployData({ abi, bytecode, args: [weiPerByte] }));
  const [plain] = market.venues();
  const [onRollup] = openOnchainVenues({ ...market.settings(), l1FeeOracle }, systemClock);
  const terms = orderTerms('a', { sellToken: 'USDC', buyToken: 'WETH', sellAmount: '3000000000' });
  const [without, withFee] = [await plain?.quote(terms, ask()), await onRollup?.quote(terms, ask())];
  const more = BigInt(withFee?.gasCost ?? 0) - BigInt(without?.gasCost ?? 0);
  // A V2 swap has 260 bytes of data, in a transaction of about 50 bytes more.
  expect(more / weiPerByte).toBeGreaterThan(290n);
  expect(more / weiPerByte).toBeLessThan(330n);
});
