import { localChainFiles } from '../../chain/local/deployment/deploy.ts';
import { readLocalChain } from '../../chain/local/local-chain.ts';
import type { ChainFacts, ChainHead } from '../../http/routes/chain.ts';
import { readMarket, tradedTokensOf, type Market } from '../../settings/chain-file.ts';
import { withTimeout } from '../../runtime/timeout.ts';
import type { Config } from '../../settings/config.ts';
import type { Backends } from './backends.ts';
import type { OpenMarket } from './open-market.ts';

/** Of requests for the newest block that come one after the other, the node gets one in this time. */
const HEAD_KEPT_MS = 500;
const HEAD_LIMIT_MS = 1_000;

type ChainSettings = Pick<Config, 'EXECUTION' | 'RPC_URL' | 'CHAIN_FILE' | 'CONFIRMATIONS'>;

/**
 * What this process knows of the chain that orders are swapped on. Of a private chain nothing is known before the first worker has
 * deployed its tokens, and of a chain behind RPC_URL nothing without CHAIN_FILE, which an api does not need.
 * @throws OperatorError
 */
export function chainFacts(
  { EXECUTION, RPC_URL, CHAIN_FILE, CONFIRMATIONS }: ChainSettings,
  { localChain }: Pick<Backends, 'localChain'>,
  openMarket: () => OpenMarket | null,
): () => ChainFacts {
  const readHead = headReader(openMarket);
  if (EXECUTION === 'simulated') {
    const chain = { execution: EXECUTION, chainId: null, confirmations: null, explorer: null };
    return () => ({ chain, tokens: [] });
  }
  const factsOf = (market: Market | null): ChainFacts => ({
    readHead,
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

/** The newest block as the market's node tells it. However many ask, the node is asked seldom; without a market, never. */
function headReader(openMarket: () => OpenMarket | null): () => Promise<ChainHead | null> {
  let asked: Promise<ChainHead | null> | null = null;
  let askedAt = 0;

  async function ask(): Promise<ChainHead | null> {
    const node = openMarket()?.node;
    if (node === undefined) return null;
    try {
      const { number, timestamp } = await withTimeout(node.head(), HEAD_LIMIT_MS, 'the newest block');
      return { block: Number(number), at: new Date(Number(timestamp) * 1_000).toISOString() };
    } catch {
      return null;
    }
  }

  return () => {
    const now = performance.now();
    if (asked === null || now - askedAt > HEAD_KEPT_MS) {
      askedAt = now;
      asked = ask();
    }
    return asked;
  };
}
