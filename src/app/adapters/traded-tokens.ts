import { localMarket } from '../../chain/local/deployment/local-market.ts';
import { OperatorError } from '../../operator-error.ts';
import { readMarket, tradedTokensOf } from '../../settings/chain-file.ts';
import type { Config } from '../../settings/config.ts';
import { ANY_TOKEN, listedTokens, orAnyAddress, type TokenNames } from '../../settings/token-names.ts';
import type { Backends } from './backends.ts';

type TokenSettings = Pick<Config, 'EXECUTION' | 'RPC_URL' | 'CHAIN_FILE' | 'MONGODB_URL' | 'LIMITS_FILE'>;

/**
 * The tokens that orders may name: those of CHAIN_FILE, or of the private chain; in the simulation any. An api that does not know the
 * list of its workers takes any, too, unless limits have to hold under both names of a token.
 * @throws OperatorError
 */
export function tradedTokens(
  settings: TokenSettings,
  { localChain }: Pick<Backends, 'localChain'>,
): TokenNames {
  const { EXECUTION, RPC_URL, CHAIN_FILE, MONGODB_URL, LIMITS_FILE } = settings;
  if (EXECUTION === 'simulated') return ANY_TOKEN;
  const isListNeeded = LIMITS_FILE !== undefined;
  if (RPC_URL !== undefined) {
    if (CHAIN_FILE === undefined && !isListNeeded) return ANY_TOKEN;
    return listedTokens(tradedTokensOf(readMarket(CHAIN_FILE)));
  }
  if (localChain === null) throw new Error('no local chain was opened for this process');
  try {
    const listed = listedTokens(tradedTokensOf(localMarket(localChain.chainDir)));
    // The workers on a shared database may have another data folder: their chain has the same symbols at other addresses.
    return MONGODB_URL === undefined ? listed : orAnyAddress(listed);
  } catch (error) {
    // The contracts' packages are not installed: workers elsewhere deploy the chain.
    if (error instanceof OperatorError && MONGODB_URL !== undefined && !isListNeeded) return ANY_TOKEN;
    throw error;
  }
}
