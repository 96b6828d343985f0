import { privateKeyToAddress } from 'viem/accounts';
import { localChainFiles } from './deploy.ts';
import type { LocalToken } from '../local-chain.ts';
import { planFor, planId } from './plan.ts';
import { deriveKey, openSecret } from '../secret.ts';

/**
 * The tokens of a data folder's chain, whether they are deployed yet or not: their addresses follow from the folder's secret.
 * @throws OperatorError when the contracts' packages are not installed
 */
export function localTokens(chainDir: string): readonly LocalToken[] {
  const secret = openSecret(localChainFiles(chainDir).secret);
  return planFor(privateKeyToAddress(deriveKey(secret, 'deployer', planId()))).deployed.tokens;
}
