/** The functions of Uniswap that a deployment calls, as the contracts' sources declare them. */
import { parseAbi } from 'viem';

export const V2_FACTORY = parseAbi(['constructor(address feeToSetter)']);

export const V2_ROUTER = parseAbi([
  'constructor(address factory, address weth)',
  'function addLiquidity(address tokenA, address tokenB, uint256 amountADesired, uint256 amountBDesired, uint256 amountAMin, uint256 amountBMin, address to, uint256 deadline)',
]);

/** SwapRouter and QuoterV2 are built alike. */
export const V3_PERIPHERY = parseAbi(['constructor(address factory, address weth)']);

export const V3_POSITION_MANAGER = parseAbi([
  'constructor(address factory, address weth, address tokenDescriptor)',
  'function createAndInitializePoolIfNecessary(address token0, address token1, uint24 fee, uint160 sqrtPriceX96) payable returns (address pool)',
  'struct MintParams { address token0; address token1; uint24 fee; int24 tickLower; int24 tickUpper; uint256 amount0Desired; uint256 amount1Desired; uint256 amount0Min; uint256 amount1Min; address recipient; uint256 deadline; }',
  'function mint(MintParams params) payable returns (uint256 tokenId, uint128 liquidity, uint256 amount0, uint256 amount1)',
]);
