import { localChainFiles } from '../../chain/local/deployment/deploy.ts';
import { readLocalChain } from '../../chain/local/local-chain.ts';
import type { ChainFacts } from '../../http/routes/chain.ts';
import { readMarket, tradedTokensOf, type Market } from '../../settings/chain-file.ts';
import type { Config } from '../../settings/config.ts';
import type { Backends } from './backends.ts';

type ChainSettings = Pick<Config, 'EXECUTION' | 'RPC_URL' | 'CHAIN_FILE' | 'CONFIRMATIONS'>;

/**
 * What this process knows of the chain that orders are swapped on. Of a private chain nothing is known before the first worker has
 * deployed its tokens, and of a chain behind RPC_URL nothing without CHAIN_FILE, which an api does not need.
 * @throws OperatorError
 */
export function chainFacts(
  { EXECUTION, RPC_URL, CHAIN_FILE, CONFIRMATIONS }: ChainSettings,
  { localChain }: Pick<Backends, 'localChain'>,
): () => ChainFacts {
  if (EXECUTION === 'simulated') {
    const chain = { execution: EXECUTION, chainId: null, confirmations: null, explorer: null };
    return () => ({ chain, tokens: [] });
  }
  const factsOf = (market: Market | null): ChainFacts => ({
    chain: {
      execution: EXECUTION,
      chainId: market?.chainId ?? null,
      confirmations: CONFIRMATIONS,
      explorer: market?.explorer ?? null,
    },
    tokens:
      market === null
        ? []
        : tradedTokensOf(market).map(({ symbol, address, decimals }) => ({ symbol, address, decimals })),
  });
  if (RPC_URL !== undefined || localChain === null) {
    const facts = factsOf(CHAIN_FILE === undefined ? null : readMarket(CHAIN_FILE));
    return () => facts;
  }
  const { manifest } = localChainFiles(localChain.chainDir);
  let deployed: Market | null = null;
  return () => factsOf((deployed ??= readLocalChain(manifest)));
}
