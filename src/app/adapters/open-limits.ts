/** Opens the LIMITS_FILE: the limits on orders, for the tokens that are traded. */
import { readFileSync } from 'node:fs';
import { localTokens } from '../../chain/local/deployment/local-tokens.ts';
import type { Config } from '../../settings/config.ts';
import { NO_LIMITS, orderLimits, type OrderLimits } from '../../orders/order-limits.ts';
import { readLimits, type TokenName } from '../../settings/limits-file.ts';
import { OperatorError } from '../../operator-error.ts';
import type { Backends } from './backends.ts';
import { readMarket } from '../../settings/chain-file.ts';

interface Traded {
  readonly nameOf: TokenName;
  /** For people. */
  readonly symbols: readonly string[];
}

/** @throws OperatorError */
export function openLimits(config: Config, backends: Pick<Backends, 'localChain' | 'store'>): OrderLimits {
  const { LIMITS_FILE: file } = config;
  if (file === undefined) return NO_LIMITS;
  const { nameOf, symbols } = tradedTokens(config, backends);
  try {
    const limits = readLimits(JSON.parse(readFileSync(file, 'utf8')), nameOf, symbols);
    return orderLimits(limits, nameOf, backends.store.dayTotals);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`LIMITS_FILE is "${file}": ${reason}`, { cause: error });
  }
}

function tradedTokens(config: Config, { localChain }: Pick<Backends, 'localChain'>): Traded {
  // The simulation trades every token, by its name in capitals.
  if (config.EXECUTION === 'simulated') return { nameOf: (name) => name.toUpperCase(), symbols: [] };
  if (config.RPC_URL !== undefined) return listed(readMarket(config.CHAIN_FILE).tokens);
  if (localChain === null) throw new Error('no local chain was opened for this process');
  return listed(localTokens(localChain.chainDir));
}

/** Tokens are named by their addresses, so that a limit stays with a token whose symbol changes in the list. */
function listed(tokens: readonly { readonly symbol: string; readonly address: string }[]): Traded {
  const names = new Map(
    tokens.flatMap(({ symbol, address }) =>
      [symbol, address].map((text) => [text.toLowerCase(), address.toLowerCase()] as const),
    ),
  );
  return {
    nameOf: (symbolOrAddress) => names.get(symbolOrAddress.toLowerCase()) ?? null,
    symbols: tokens.map(({ symbol }) => symbol),
  };
}
