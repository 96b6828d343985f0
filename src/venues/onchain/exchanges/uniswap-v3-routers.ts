/** The two routers of Uniswap V3, which differ in how a swap gets its deadline. */
import { decodeFunctionResult, encodeFunctionData, parseAbi, type Address, type Hex } from 'viem';
import type { SwapCall } from './exchange.ts';

export interface V3Router {
  encode(pool: PoolKey, call: SwapCall): Hex;
  /** What the pool pays. @param returned by the call of `encode` */
  paidOf(returned: Hex): bigint;
}

export interface PoolKey {
  readonly tokenIn: Address;
  readonly tokenOut: Address;
  /** In 1/1,000,000 of the amount sold. */
  readonly fee: number;
}

const ROUTER = parseAbi([
  'struct ExactInputSingleParams { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96; }',
  'function exactInputSingle(ExactInputSingleParams params) payable returns (uint256 amountOut)',
]);

const ROUTER_02 = parseAbi([
  'struct ExactInputSingleParams { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96; }',
  'function exactInputSingle(ExactInputSingleParams params) payable returns (uint256 amountOut)',
  'function multicall(uint256 deadline, bytes[] data) payable returns (bytes[] results)',
]);

/** https://github.com/Uniswap/v3-periphery: each call carries its deadline. */
export const SWAP_ROUTER: V3Router = {
  encode: (pool, { deadline, ...call }) =>
    encodeFunctionData({
      abi: ROUTER,
      functionName: 'exactInputSingle',
      args: [{ ...paramsOf(pool, call), deadline }],
    }),
  paidOf: (returned) =>
    decodeFunctionResult({ abi: ROUTER, functionName: 'exactInputSingle', data: returned }),
};

/** https://github.com/Uniswap/swap-router-contracts: its calls have no deadline, but a multicall of them has. */
export const SWAP_ROUTER_02: V3Router = {
  encode(pool, { deadline, ...call }) {
    const data = encodeFunctionData({
      abi: ROUTER_02,
      functionName: 'exactInputSingle',
      args: [paramsOf(pool, call)],
    });
    return encodeFunctionData({ abi: ROUTER_02, functionName: 'multicall', args: [deadline, [data]] });
  },
  paidOf(returned) {
    const [data = '0x'] = decodeFunctionResult({
      abi: ROUTER_02,
      functionName: 'multicall',
      data: returned,
    });
    return decodeFunctionResult({ abi: ROUTER_02, functionName: 'exactInputSingle', data });
  },
};

function paramsOf(pool: PoolKey, { sellAmount, minBuyAmount, recipient }: Omit<SwapCall, 'deadline'>) {
  return {
    ...pool,
    recipient,
    amountIn: sellAmount,
    amountOutMinimum: minBuyAmount,
    sqrtPriceLimitX96: 0n,
  };
}
