/** CHAIN_FILE: what is traded on the chain behind RPC_URL, and where. */
import { readFileSync } from 'node:fs';
import { marketSchema, type Market } from '../chain/local/local-chain.ts';
import { UserFault } from '../user-fault.ts';

/** @throws UserFault */
export function readMarket(file: string | undefined): Market {
  if (file === undefined) {
    throw new UserFault(
      'RPC_URL names a chain, and CHAIN_FILE does not say what is traded on it: expected a JSON file with chainId, multicall3, tokens and exchanges (docs/how-to/real-chain.md)',
    );
  }
  try {
    return marketSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new UserFault(
      `CHAIN_FILE is "${file}": ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}
