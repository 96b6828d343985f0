import { privateKeyToAddress } from 'viem/accounts';
import { localChainFiles } from './deploy.ts';
import { planFor, planId, type Plan } from './plan.ts';
import { deriveKey, openSecret } from '../secret.ts';

/**
 * The market of a data folder's chain, whether it is deployed yet or not: its addresses follow from the folder's secret.
 * @throws OperatorError when the contracts' packages are not installed
 */
export function localMarket(chainDir: string): Plan['deployed'] {
  const secret = openSecret(localChainFiles(chainDir).secret);
  return planFor(privateKeyToAddress(deriveKey(secret, 'deployer', planId()))).deployed;
}
