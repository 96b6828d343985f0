/**
 * Exchanges with the contracts of Uniswap V3: directly, over the best of some fee tiers.
 * Not done: paths over several pools, orders split over tiers.
 */
import { isAddressEqual, parseAbi, toEventSelector, zeroAddress, type Address } from 'viem';
import { revertDataOf } from '../../../abis/revert.ts';
import { knownPools } from './known-pools.ts';
import type { Exchange, NoQuote, PathQuote, SwapPath } from './exchange.ts';
import { SWAP_ROUTER, SWAP_ROUTER_02 } from './uniswap-v3-routers.ts';
import type { VenueClient } from '../venue-client.ts';

export interface UniswapV3Settings {
  readonly name: string;
  readonly router: Address;
  /** 1, where left out: SwapRouter; 2: SwapRouter02, the only one on some chains (Base, BNB). */
  readonly routerVersion?: 1 | 2 | undefined;
  readonly factory: Address;
  /** QuoterV2. */
  readonly quoter: Address;
  /** Fee tiers to ask, in 1/1,000,000 of the amount sold. */
  readonly fees: readonly number[];
}

const FACTORY = parseAbi([
  'function getPool(address tokenA, address tokenB, uint24 fee) view returns (address pool)',
]);

/** The contract does not declare it `view`, but it reverts all that it changes. */
const QUOTER = parseAbi([
  'struct QuoteExactInputSingleParams { address tokenIn; address tokenOut; uint256 amountIn; uint24 fee; uint160 sqrtPriceLimitX96; }',
  'function quoteExactInputSingle(QuoteExactInputSingleParams params) view returns (uint256 amountOut, uint160 sqrtPriceX96After, uint32 initializedTicksCrossed, uint256 gasEstimate)',
]);

/** TickMath: a pool that reaches these has no liquidity left, and took only part of what is sold. */
const PRICE_LIMITS: readonly bigint[] = [
  4_295_128_739n + 1n,
  1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n - 1n,
];

/** Measured on mined swaps: the gas of the transaction and the router, on top of the quoter's figure for the pool. */
const GAS_AROUND_POOL = 30_000n;
/** A pool's first swap in a second writes an observation, and one at another price may cross a tick or two more. */
const GAS_RESERVE = 60_000n;

/** https://github.com/Uniswap/v3-periphery and v3-core: every `require` that a swap can meet. */
const REVERTS: Exchange['reverts'] = {
  'Transaction too old': { kind: 'fail', code: 'expired', says: 'validTo had passed' },
  'Too little received': { kind: 'reroute', code: 'slippage', says: 'paid less than minBuyAmount' },
  STF: {
    kind: 'reroute',
    code: 'insufficient_funds',
    says: 'could not take what is sold: balance or allowance is too small',
  },
  AS: { kind: 'fail', code: 'amount_too_small', says: 'was given nothing to sell' },
  IIA: { kind: 'reroute', code: 'unsupported_token', says: 'received less than was sent' },
  LOK: { kind: 'reroute', code: 'reverted', says: 'is not open, or was called from within its own swap' },
  SPL: { kind: 'reroute', code: 'no_liquidity', says: 'has no liquidity in this direction' },
  TF: { kind: 'fail', code: 'invalid_recipient', says: 'could not pay the recipient' },
  STE: { kind: 'fail', code: 'invalid_recipient', says: 'could not pay the recipient' },
  'Insufficient WETH9': { kind: 'reroute', code: 'slippage', says: 'paid less than minBuyAmount' },
};

export function uniswapV3(
  client: VenueClient,
  { name, router, routerVersion = 1, factory, quoter, fees }: UniswapV3Settings,
): Exchange {
  const calls = routerVersion === 2 ? SWAP_ROUTER_02 : SWAP_ROUTER;

  /** What the quoter answers for a pool, which must exist. */
  async function quotePool(
    tokenIn: Address,
    tokenOut: Address,
    fee: number,
    amountIn: bigint,
  ): Promise<PathQuote | NoQuote> {
    try {
      const [buyAmount, priceAfter, , gas] = await client.readContract({
        address: quoter,
        abi: QUOTER,
        functionName: 'quoteExactInputSingle',
        args: [{ tokenIn, tokenOut, amountIn, fee, sqrtPriceLimitX96: 0n }],
      });
      if (PRICE_LIMITS.includes(priceAfter)) return 'no_liquidity';
      return buyAmount === 0n
        ? 'amount_too_small'
        : { buyAmount, gas: gas + GAS_AROUND_POOL, gasReserve: GAS_RESERVE };
    } catch (thrown) {
      // An overflow, or no liquidity: pools revert in many ways, some of them without data.
      if (revertDataOf(thrown) !== null) return 'no_liquidity';
      throw thrown;
    }
  }

  const poolOf = knownPools((one: Address, other: Address, fee: number) =>
    client.readContract({ address: factory, abi: FACTORY, functionName: 'getPool', args: [one, other, fee] }),
  );

  function swapPath(tokenIn: Address, tokenOut: Address, fee: number): SwapPath {
    return {
      async quote(sellAmount) {
        const [pool, quote] = await Promise.all([
          poolOf(tokenIn, tokenOut, fee),
          quotePool(tokenIn, tokenOut, fee, sellAmount),
        ]);
        return isAddressEqual(pool, zeroAddress) ? 'no_pool' : quote;
      },
      async pools() {
        const pool = await poolOf(tokenIn, tokenOut, fee);
        return { takes: pool, pays: pool };
      },
      encode: (call) => calls.encode({ tokenIn, tokenOut, fee }, call),
      paidOf: (returned, call) => calls.paidOf(returned, call),
    };
  }

  return {
    name,
    router,
    swapTopic: toEventSelector('Swap(address,address,int256,int256,uint160,uint128,int24)'),
    pools: (sell, buy) => Promise.all(fees.map((fee) => poolOf(sell, buy, fee))),
    paths: (sell, buy) => fees.map((fee) => swapPath(sell, buy, fee)),
    reverts: REVERTS,
  };
}
