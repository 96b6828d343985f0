import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseAbi, type Address } from 'viem';
import { contractsOf } from '../../../src/settings/chain-file.ts';
import { ask, routeOf } from '../routing/asking.ts';
import { orderTerms } from '../order-terms.ts';
import { LocalMarket } from './local-market.ts';

const FACTORIES = parseAbi([
  'function getPair(address tokenA, address tokenB) view returns (address pair)',
  'function getPool(address tokenA, address tokenB, uint24 fee) view returns (address pool)',
]);

let market: LocalMarket;
beforeAll(async () => {
  market = await LocalMarket.open();
  await market.approveAll();
}, 60_000);
afterAll(() => market.close());

/** Of USDC and DAI, directly and over WETH, on all exchanges of the market. */
async function poolsOfMarket(): Promise<readonly Address[]> {
  const [usdc, dai, weth] = ['USDC', 'DAI', 'WETH'].map((symbol) => market.token(symbol).address);
  const pools = market.chain.exchanges.map(({ kind, factory: address }) => {
    const read = { address, abi: FACTORIES } as const;
    const [one, other] = [usdc ?? '0x', weth ?? '0x'] as const;
    return kind === 'uniswap-v2'
      ? Promise.all([
          market.client.readContract({ ...read, functionName: 'getPair', args: [one, other] }),
          market.client.readContract({ ...read, functionName: 'getPair', args: [other, dai ?? '0x'] }),
        ])
      : market.client.readContract({ ...read, functionName: 'getPool', args: [one, other, 3_000] });
  });
  return (await Promise.all(pools)).flat();
}

async function build(recipient: string, sellToken = 'WETH', buyToken = 'USDC') {
  const terms = orderTerms('a', { recipient, sellToken, buyToken, sellAmount: `${10n ** 9n}` });
  const building = { ...ask(), signer: market.signer.address };
  return market.venue('alpha-v2').build(terms, routeOf('alpha-v2', '1'), building);
}

test('what a market names, or a pool of the tokens on any of its exchanges, is refused before anything is signed', async () => {
  const refused = { name: 'EffectError', kind: 'fail', code: 'invalid_recipient' };
  const named = contractsOf(market.chain);
  // Multicall3, four tokens, two contracts of each V2 exchange and four of the V3 exchange.
  expect(named).toHaveLength(13);
  for (const recipient of named) await expect(build(recipient)).rejects.toMatchObject(refused);
  const pools = await poolsOfMarket();
  expect(pools).toHaveLength(5);
  for (const [index, pool] of pools.entries()) {
    expect(BigInt(pool)).toBeGreaterThan(0n);
    const pair = index === 1 || index === 3 ? (['USDC', 'DAI'] as const) : (['WETH', 'USDC'] as const);
    await expect(build(pool, ...pair)).rejects.toMatchObject(refused);
  }
  for (const low of [0n, 1n, 0x100n, 0xffffn]) {
    const recipient = `0x${low.toString(16).padStart(40, '0')}`;
    await expect(build(recipient)).rejects.toMatchObject(refused);
  }
});

test('an account is paid, and so is the signer where the order names it', async () => {
  await expect(build(`0x${'ab'.repeat(20)}`)).resolves.toMatchObject({ venue: 'alpha-v2' });
  await expect(build(market.signer.address)).resolves.toMatchObject({ venue: 'alpha-v2' });
});
