/**
 * The two routers of Uniswap V3, which differ in how a swap gets its deadline. Both wrap the coin that is sent with a call. A swap
 * that buys the coin leaves its wrapped token at the router, which a second call of the same transaction unwraps and pays out.
 */
import { decodeFunctionResult, encodeFunctionData, parseAbi, type Address, type Hex } from 'viem';
import type { SwapCall } from './exchange.ts';

export interface V3Router {
  encode(pool: PoolKey, call: SwapCall): Hex;
  /** What the pool pays. @param returned by the call of `encode` */
  paidOf(returned: Hex, call: Pick<SwapCall, 'coin'>): bigint;
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
  'function multicall(bytes[] data) payable returns (bytes[] results)',
]);

const ROUTER_02 = parseAbi([
  'struct ExactInputSingleParams { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96; }',
  'function exactInputSingle(ExactInputSingleParams params) payable returns (uint256 amountOut)',
  'function multicall(uint256 deadline, bytes[] data) payable returns (bytes[] results)',
]);

const UNWRAP = parseAbi(['function unwrapWETH9(uint256 amountMinimum, address recipient) payable']);

/** What each router takes for itself as the recipient of a swap. */
const ROUTER_ITSELF = '0x0000000000000000000000000000000000000000';
const ROUTER_02_ITSELF = '0x0000000000000000000000000000000000000002';

/** https://github.com/Uniswap/v3-periphery: each call carries its deadline. */
export const SWAP_ROUTER: V3Router = {
  encode(pool, { deadline, ...call }) {
    const swap = encodeFunctionData({
      abi: ROUTER,
      functionName: 'exactInputSingle',
      args: [{ ...paramsOf(pool, call, ROUTER_ITSELF), deadline }],
    });
    if (call.coin !== 'bought') return swap;
    return encodeFunctionData({ abi: ROUTER, functionName: 'multicall', args: [[swap, unwrap(call)]] });
  },
  paidOf(returned, { coin }) {
    if (coin !== 'bought') return amountOutOf(returned);
    const [data = '0x'] = decodeFunctionResult({ abi: ROUTER, functionName: 'multicall', data: returned });
    return amountOutOf(data);
  },
};

/** https://github.com/Uniswap/swap-router-contracts: its calls have no deadline, but a multicall of them has. */
export const SWAP_ROUTER_02: V3Router = {
  encode(pool, { deadline, ...call }) {
    const swap = encodeFunctionData({
      abi: ROUTER_02,
      functionName: 'exactInputSingle',
      args: [paramsOf(pool, call, ROUTER_02_ITSELF)],
    });
    const calls = call.coin === 'bought' ? [swap, unwrap(call)] : [swap];
    return encodeFunctionData({ abi: ROUTER_02, functionName: 'multicall', args: [deadline, calls] });
  },
  paidOf(returned) {
    const [data = '0x'] = decodeFunctionResult({
      abi: ROUTER_02,
      functionName: 'multicall',
      data: returned,
    });
    return amountOutOf(data);
  },
};

type Call = Omit<SwapCall, 'deadline'>;

function paramsOf(pool: PoolKey, { sellAmount, minBuyAmount, recipient, coin }: Call, itself: Address) {
  return {
    ...pool,
    recipient: coin === 'bought' ? itself : recipient,
    amountIn: sellAmount,
    amountOutMinimum: minBuyAmount,
    sqrtPriceLimitX96: 0n,
  };
}

function unwrap({ minBuyAmount, recipient }: Call): Hex {
  return encodeFunctionData({ abi: UNWRAP, functionName: 'unwrapWETH9', args: [minBuyAmount, recipient] });
}

function amountOutOf(data: Hex): bigint {
  return decodeFunctionResult({ abi: ROUTER, functionName: 'exactInputSingle', data });
}
