import { encodeDeployData, encodeFunctionData, maxUint256, parseEther, parseUnits, type Address } from 'viem';
import { ERC20 } from '../../../abis/erc20.ts';
import { WETH9 } from '../../../abis/weth9.ts';
import { creationCode } from './artifacts.ts';
import type { LocalToken } from '../local-chain.ts';
import { DEPLOYER_WETH, TOKENS, TOKEN_SUPPLY, WETH } from './market.ts';
import type { PlanBuilder } from './plan-builder.ts';

export interface PlannedTokens {
  /** The first is WETH. */
  readonly all: readonly LocalToken[];
  readonly weth: Address;
  of(symbol: string): LocalToken;
  approveAll(spender: Address): void;
}

export function planTokens(plan: PlanBuilder): PlannedTokens {
  const weth = plan.create('WETH9', creationCode('weth9'));
  plan.call('wrap ether', weth, encodeFunctionData({ abi: WETH9 }), parseEther(DEPLOYER_WETH));
  const others = TOKENS.map(({ symbol, name, decimals }) => {
    const args = [name, symbol, parseUnits(TOKEN_SUPPLY, decimals), plan.deployer] as const;
    const data = encodeDeployData({ abi: ERC20, bytecode: creationCode('erc20'), args });
    return { symbol, address: plan.create(symbol, data), decimals };
  });
  const all = [{ symbol: WETH.symbol, address: weth, decimals: WETH.decimals }, ...others];
  return {
    all,
    weth,
    of(symbol) {
      const token = all.find((candidate) => candidate.symbol === symbol);
      if (token === undefined) throw new Error(`the market names ${symbol}, which it does not list`);
      return token;
    },
    approveAll(spender) {
      const data = encodeFunctionData({ abi: ERC20, functionName: 'approve', args: [spender, maxUint256] });
      for (const { symbol, address } of all) plan.call(`approve ${symbol}`, address, data);
    },
  };
}
