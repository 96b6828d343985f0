import { localMarket } from '../../chain/local/deployment/local-market.ts';
import { OperatorError } from '../../operator-error.ts';
import { contractsOf, readMarket } from '../../settings/chain-file.ts';
import type { Config } from '../../settings/config.ts';
import type { Backends } from './backends.ts';

/**
 * The contracts that orders must not pay, in lower case, as far as an api knows them: those of CHAIN_FILE, or of the private chain in its
 * data folder. Workers know them all, and the pools of each order beside them.
 * @throws OperatorError
 */
export function knownContracts(
  { EXECUTION, RPC_URL, CHAIN_FILE }: Pick<Config, 'EXECUTION' | 'RPC_URL' | 'CHAIN_FILE'>,
  { localChain }: Pick<Backends, 'localChain'>,
): ReadonlySet<string> {
  if (EXECUTION === 'simulated') return new Set();
  if (RPC_URL !== undefined)
    return new Set(CHAIN_FILE === undefined ? [] : contractsOf(readMarket(CHAIN_FILE)));
  if (localChain === null) return new Set();
  try {
    return new Set(contractsOf(localMarket(localChain.chainDir)));
  } catch (error) {
    // The contracts' packages are not installed: workers elsewhere deploy the chain.
    if (error instanceof OperatorError) return new Set();
    throw error;
  }
}
