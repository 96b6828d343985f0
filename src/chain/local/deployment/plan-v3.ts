import { encodeDeployData, encodeFunctionData, parseUnits, zeroAddress, type Address } from 'viem';
import { V3_PERIPHERY, V3_POSITION_MANAGER } from '../../../abis/uniswap-deployment.ts';
import { creationCode } from './artifacts.ts';
import type { LocalExchange } from '../local-chain.ts';
import { NO_DEADLINE, V3_EXCHANGE, type TieredLiquidity } from './market.ts';
import type { PlannedTokens } from './plan-tokens.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { sortedByAddress, sqrtPriceX96, tickRange } from './v3-price.ts';

export function planV3(plan: PlanBuilder, tokens: PlannedTokens): LocalExchange {
  const { name, liquidity } = V3_EXCHANGE;
  const factory = plan.create(`factory of ${name}`, creationCode('v3Factory'));
  const withFactory = (what: string, contract: 'v3Router' | 'v3Quoter'): Address => {
    const args = [factory, tokens.weth] as const;
    const data = encodeDeployData({ abi: V3_PERIPHERY, bytecode: creationCode(contract), args });
    return plan.create(`${what} of ${name}`, data);
  };
  const router = withFactory('router', 'v3Router');
  const quoter = withFactory('quoter', 'v3Quoter');
  const positionManager = plan.create(
    `position manager of ${name}`,
    encodeDeployData({
      abi: V3_POSITION_MANAGER,
      bytecode: creationCode('v3PositionManager'),
      args: [factory, tokens.weth, zeroAddress],
    }),
  );
  tokens.approveAll(positionManager);
  for (const tier of liquidity) planPool(plan, tokens, positionManager, tier);
  const fees = [...new Set(liquidity.map(({ fee }) => fee))].sort((a, b) => a - b);
  return { kind: 'uniswap-v3', name, factory, router, quoter, positionManager, fees };
}

function planPool(
  plan: PlanBuilder,
  tokens: PlannedTokens,
  positionManager: Address,
  { pair, amounts, fee, tickSpacing, rangeTicks }: TieredLiquidity,
): void {
  const [zero, one] = sortedByAddress(
    { ...tokens.of(pair[0]), whole: amounts[0] },
    { ...tokens.of(pair[1]), whole: amounts[1] },
  );
  const amount0Desired = parseUnits(zero.whole, zero.decimals);
  const amount1Desired = parseUnits(one.whole, one.decimals);
  const price = sqrtPriceX96(amount0Desired, amount1Desired);
  const create = encodeFunctionData({
    abi: V3_POSITION_MANAGER,
    functionName: 'createAndInitializePoolIfNecessary',
    args: [zero.address, one.address, fee, price],
  });
  const position = {
    token0: zero.address,
    token1: one.address,
    fee,
    ...tickRange(price, tickSpacing, rangeTicks),
    amount0Desired,
    amount1Desired,
    amount0Min: 0n,
    amount1Min: 0n,
    recipient: plan.deployer,
    deadline: NO_DEADLINE,
  };
  const mint = encodeFunctionData({ abi: V3_POSITION_MANAGER, functionName: 'mint', args: [position] });
  plan.call(`pool ${pair.join('/')} at ${fee}`, positionManager, create);
  plan.call(`${pair.join('/')} at ${fee}`, positionManager, mint);
}
