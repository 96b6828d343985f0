import { encodeDeployData, encodeFunctionData, parseUnits } from 'viem';
import { V2_FACTORY, V2_ROUTER } from '../../../abis/uniswap-deployment.ts';
import { creationCode } from './artifacts.ts';
import type { LocalExchange } from '../local-chain.ts';
import { NO_DEADLINE, V2_EXCHANGES } from './market.ts';
import type { PlannedTokens } from './plan-tokens.ts';
import type { PlanBuilder } from './plan-builder.ts';

export function planV2(plan: PlanBuilder, tokens: PlannedTokens): LocalExchange[] {
  return V2_EXCHANGES.map(({ name, liquidity }) => {
    const factory = plan.create(
      `factory of ${name}`,
      encodeDeployData({ abi: V2_FACTORY, bytecode: creationCode('v2Factory'), args: [plan.deployer] }),
    );
    const router = plan.create(
      `router of ${name}`,
      encodeDeployData({ abi: V2_ROUTER, bytecode: creationCode('v2Router'), args: [factory, tokens.weth] }),
    );
    tokens.approveAll(router);
    for (const { pair, amounts } of liquidity) {
      const [one, other] = [tokens.of(pair[0]), tokens.of(pair[1])];
      const [ones, others] = [parseUnits(amounts[0], one.decimals), parseUnits(amounts[1], other.decimals)];
      const args = [one.address, other.address, ones, others, 0n, 0n, plan.deployer, NO_DEADLINE] as const;
      const data = encodeFunctionData({ abi: V2_ROUTER, functionName: 'addLiquidity', args });
      plan.call(`${pair.join('/')} of ${name}`, router, data);
    }
    return { kind: 'uniswap-v2', name, factory, router };
  });
}
