/**
 * The deployment as numbered transactions of one deployer. Their order, their bytes and so the addresses that they create
 * follow from the deployer alone: its nonce on the chain says how many are done, and whoever comes after a kill goes on
 * there. Pure but for reading the artifacts.
 */
import { concat, keccak256, zeroAddress, type Address, type Hash } from 'viem';
import { creationCode } from './artifacts.ts';
import type { LocalChain } from '../local-chain.ts';
import { planTokens } from './plan-tokens.ts';
import { planV2 } from './plan-v2.ts';
import { planV3 } from './plan-v3.ts';
import { planWriter, type Step } from './plan-writer.ts';

export interface Plan {
  readonly steps: readonly Step[];
  readonly deployed: Omit<LocalChain, 'chainId' | 'genesisHash'>;
}

export function planFor(deployer: Address): Plan {
  const plan = planWriter(deployer);
  const multicall3 = plan.create('Multicall3', creationCode('multicall3'));
  const tokens = planTokens(plan);
  const exchanges = [...planV2(plan, tokens), planV3(plan, tokens)];
  return { steps: plan.steps, deployed: { multicall3, tokens: [...tokens.all], exchanges } };
}

/** Names what is planned: another plan gets another deployer, and so a deployment of its own on the same chain. */
export function planId(): Hash {
  return keccak256(concat(planFor(zeroAddress).steps.map(({ data }) => data)));
}
