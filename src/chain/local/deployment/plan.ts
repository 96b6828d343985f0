/**
 * The deployment as numbered transactions of one deployer. Their order, their bytes and so the addresses that they create
 * follow from the deployer alone: its nonce on the chain says how many are done, and the next start after a kill goes on from
 * there. Pure except for reading the artifacts.
 */
import { concat, keccak256, zeroAddress, type Address, type Hash } from 'viem';
import { creationCode } from './artifacts.ts';
import type { LocalChain } from '../local-chain.ts';
import { planTokens } from './plan-tokens.ts';
import { planV2 } from './plan-v2.ts';
import { planV3 } from './plan-v3.ts';
import { planBuilder, type DeploymentStep } from './plan-builder.ts';

export interface Plan {
  readonly steps: readonly DeploymentStep[];
  readonly deployed: Omit<LocalChain, 'chainId' | 'genesisHash'>;
}

export function planFor(deployer: Address): Plan {
  const plan = planBuilder(deployer);
  const multicall3 = plan.create('Multicall3', creationCode('multicall3'));
  const tokens = planTokens(plan);
  const exchanges = [...planV2(plan, tokens), planV3(plan, tokens)];
  return { steps: plan.steps, deployed: { multicall3, tokens: [...tokens.all], exchanges } };
}

/** Identifies the plan: another plan gets another deployer, and so a separate deployment on the same chain. */
export function planId(): Hash {
  return keccak256(concat(planFor(zeroAddress).steps.map(({ data }) => data)));
}
