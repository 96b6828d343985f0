/**
 * Exchanges with the contracts of Uniswap V2, of which there are many: directly, or with one hop through WETH.
 * Not done: longer paths, orders split over several.
 */
import {
  decodeFunctionResult,
  encodeFunctionData,
  isAddressEqual,
  parseAbi,
  toEventSelector,
  type Address,
  type Hex,
} from 'viem';
import { revertDataOf, revertReason } from '../../../abis/revert.ts';
import { knownPools } from './known-pools.ts';
import type { Exchange, NoQuote, PathQuote, SwapCall, SwapPath } from './exchange.ts';
import type { VenueClient } from '../venue-client.ts';

export interface UniswapV2Settings {
  readonly name: string;
  readonly factory: Address;
  readonly router: Address;
  readonly weth: Address;
}

const ROUTER = parseAbi([
  'function getAmountsOut(uint256 amountIn, address[] path) view returns (uint256[] amounts)',
  'function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[] amounts)',
  'function swapExactTokensForTokensSupportingFeeOnTransferTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline)',
  'function swapExactTokensForETH(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[] amounts)',
  'function swapExactTokensForETHSupportingFeeOnTransferTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline)',
  'function swapExactETHForTokens(uint256 amountOutMin, address[] path, address to, uint256 deadline) payable returns (uint256[] amounts)',
  'function swapExactETHForTokensSupportingFeeOnTransferTokens(uint256 amountOutMin, address[] path, address to, uint256 deadline) payable',
]);

const FACTORY = parseAbi(['function getPair(address tokenA, address tokenB) view returns (address pair)']);

/** Measured on mined swaps: the first pool with the router around it, and each further one. */
const GAS_FIRST_POOL = 100_000n;
const GAS_NEXT_POOL = 48_000n;
/** A pool's first swap in a second adds to its two price sums, each of which costs 22,100 where it was 0 before. */
const GAS_RESERVE_A_POOL = 45_000n;

/** https://github.com/Uniswap/v2-periphery and v2-core: every `require` that a swap can meet. */
const REVERTS: Exchange['reverts'] = {
  'UniswapV2Router: EXPIRED': { kind: 'fail', code: 'expired', says: 'validTo had passed' },
  'UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT': {
    kind: 'reroute',
    code: 'slippage',
    says: 'paid less than minBuyAmount',
  },
  'UniswapV2Library: INSUFFICIENT_LIQUIDITY': {
    kind: 'reroute',
    code: 'no_liquidity',
    says: 'has no liquidity',
  },
  'UniswapV2Library: INSUFFICIENT_INPUT_AMOUNT': {
    kind: 'fail',
    code: 'amount_too_small',
    says: 'was given nothing to sell',
  },
  'UniswapV2: INSUFFICIENT_LIQUIDITY': {
    kind: 'reroute',
    code: 'no_liquidity',
    says: 'has too little liquidity',
  },
  'UniswapV2: INSUFFICIENT_INPUT_AMOUNT': {
    kind: 'reroute',
    code: 'unsupported_token',
    says: 'received less than was sent',
  },
  'UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT': {
    kind: 'fail',
    code: 'amount_too_small',
    says: 'would pay less than one base unit',
  },
  'UniswapV2: K': { kind: 'reroute', code: 'unsupported_token', says: 'received less than was sent' },
  'UniswapV2: LOCKED': { kind: 'reroute', code: 'reverted', says: 'was called from within its own swap' },
  'UniswapV2: INVALID_TO': { kind: 'fail', code: 'invalid_recipient', says: 'does not pay to a token' },
  'UniswapV2: TRANSFER_FAILED': {
    kind: 'fail',
    code: 'invalid_recipient',
    says: 'could not pay the recipient',
  },
  'TransferHelper: TRANSFER_FROM_FAILED': {
    kind: 'reroute',
    code: 'insufficient_funds',
    says: 'could not take what is sold: balance or allowance is too small',
  },
  'TransferHelper: ETH_TRANSFER_FAILED': {
    kind: 'fail',
    code: 'invalid_recipient',
    says: 'could not pay the recipient',
  },
  'ds-math-add-overflow': { kind: 'reroute', code: 'no_liquidity', says: 'cannot count so much' },
  'ds-math-mul-overflow': { kind: 'reroute', code: 'no_liquidity', says: 'cannot count so much' },
  'ds-math-sub-underflow': { kind: 'reroute', code: 'no_liquidity', says: 'cannot count so much' },
};

const NO_QUOTES: Readonly<Record<string, NoQuote>> = {
  'UniswapV2Library: INSUFFICIENT_LIQUIDITY': 'no_liquidity',
  'ds-math-add-overflow': 'no_liquidity',
  'ds-math-mul-overflow': 'no_liquidity',
};

export function uniswapV2(client: VenueClient, { name, factory, router, weth }: UniswapV2Settings): Exchange {
  const pairs = knownPools((one: Address, other: Address) =>
    client.readContract({ address: factory, abi: FACTORY, functionName: 'getPair', args: [one, other] }),
  );

  function swapPath(...path: readonly Address[]): SwapPath {
    const [sold, second, ...others] = path;
    if (sold === undefined || second === undefined) throw new Error('a path needs two tokens');
    const last = others.at(-1);
    return {
      async pools() {
        const [takes, pays] = await Promise.all([
          pairs(sold, second),
          last === undefined ? null : pairs(others.at(-2) ?? second, last),
        ]);
        return { takes, pays: pays ?? takes };
      },
      async quote(sellAmount) {
        try {
          const amounts = await client.readContract({
            address: router,
            abi: ROUTER,
            functionName: 'getAmountsOut',
            args: [sellAmount, path],
          });
          return quoteOf(amounts);
        } catch (thrown) {
          const data = revertDataOf(thrown);
          if (data === null) throw thrown;
          // A call to a pair that does not exist reverts without data: there is no code at its address.
          return NO_QUOTES[revertReason(data)] ?? 'no_pool';
        }
      },
      encode: (call) => encodeSwap(path, call, false),
      // The calls for coins return the same.
      paidOf: (returned) =>
        decodeFunctionResult({ abi: ROUTER, functionName: 'swapExactTokensForTokens', data: returned }).at(
          -1,
        ) ?? 0n,
      encodeForKeptFees: (call) => encodeSwap(path, call, true),
    };
  }

  return {
    name,
    router,
    swapTopic: toEventSelector('Swap(address,uint256,uint256,uint256,uint256,address)'),
    pools(sell, buy) {
      return Promise.all([pairs(sell, buy), pairs(sell, weth), pairs(weth, buy)]);
    },
    paths(sell, buy) {
      const hasWeth = [sell, buy].some((token) => isAddressEqual(token, weth));
      return hasWeth ? [swapPath(sell, buy)] : [swapPath(sell, buy), swapPath(sell, weth, buy)];
    },
    reverts: REVERTS,
  };
}

/** @param mayKeep whether a token of the path may keep a part of each transfer */
function encodeSwap(
  path: readonly Address[],
  { sellAmount, minBuyAmount, recipient, deadline, coin }: SwapCall,
  mayKeep: boolean,
): Hex {
  if (coin === 'sold') {
    const functionName = mayKeep
      ? 'swapExactETHForTokensSupportingFeeOnTransferTokens'
      : 'swapExactETHForTokens';
    const args = [minBuyAmount, path, recipient, deadline] as const;
    return encodeFunctionData({ abi: ROUTER, functionName, args });
  }
  const [plain, keeping] =
    coin === 'bought'
      ? (['swapExactTokensForETH', 'swapExactTokensForETHSupportingFeeOnTransferTokens'] as const)
      : (['swapExactTokensForTokens', 'swapExactTokensForTokensSupportingFeeOnTransferTokens'] as const);
  const args = [sellAmount, minBuyAmount, path, recipient, deadline] as const;
  return encodeFunctionData({ abi: ROUTER, functionName: mayKeep ? keeping : plain, args });
}

/** @param amounts of each token on the path, the first being what is sold */
function quoteOf(amounts: readonly bigint[]): PathQuote | NoQuote {
  const buyAmount = amounts.at(-1) ?? 0n;
  if (buyAmount === 0n) return 'amount_too_small';
  const pools = BigInt(amounts.length - 1);
  return {
    buyAmount,
    gas: GAS_FIRST_POOL + GAS_NEXT_POOL * (pools - 1n),
    gasReserve: GAS_RESERVE_A_POOL * pools,
  };
}
