import { localChainFiles } from '../../chain/local/deployment/deploy.ts';
import { readLocalChain } from '../../chain/local/local-chain.ts';
import { readMarket } from '../../settings/chain-file.ts';
import type { Config } from '../../settings/config.ts';
import type { Venue } from '../../venues/port.ts';
import type { Backends } from './backends.ts';
import { openMarket, type OpenMarket } from './open-market.ts';
import { simulatedVenues } from './open-simulation.ts';

/**
 * What an api reads of the chain by itself, whether it runs orders or not. Null: it does not know the market (of a chain behind RPC_URL
 * without CHAIN_FILE, of a private chain before the first worker has deployed it in this data folder, or in the simulation).
 * @throws OperatorError for a CHAIN_FILE that cannot be used
 */
export function apiMarket(
  config: Config,
  { localChain, log }: Pick<Backends, 'localChain' | 'log'>,
): () => OpenMarket | null {
  const { EXECUTION, RPC_URL, CHAIN_FILE } = config;
  if (EXECUTION === 'simulated') return () => null;
  if (RPC_URL !== undefined) {
    if (CHAIN_FILE === undefined) return () => null;
    const known = openMarket(config, { rpcUrl: RPC_URL, market: readMarket(CHAIN_FILE) }, log);
    return () => known;
  }
  if (localChain === null) return () => null;
  const { rpcUrl, chainDir } = localChain;
  const { manifest } = localChainFiles(chainDir);
  let opened: OpenMarket | null = null;
  return () => {
    const market = opened === null ? readLocalChain(manifest) : null;
    if (market !== null) opened = openMarket(config, { rpcUrl, market }, log);
    return opened;
  };
}

/** The venues that an api asks for quotes. Null: it does not know the market. */
export function quoteVenues(config: Config, market: () => OpenMarket | null): () => readonly Venue[] | null {
  if (config.EXECUTION === 'simulated') {
    const venues = simulatedVenues(config);
    return () => venues;
  }
  return () => market()?.venues ?? null;
}
