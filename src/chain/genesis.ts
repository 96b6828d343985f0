import { BlockNotFoundError, type Hash, type PublicClient } from 'viem';
import { isRefusal } from '../rpc/refusal.ts';

/**
 * Hash of the chain's first block, read as the parent of the second one: anvil makes a new block 0 with each start, beside the
 * one in its state, and answers with either.
 */
export async function readGenesisHash(client: Pick<PublicClient, 'getBlock'>): Promise<Hash> {
  try {
    return (await client.getBlock({ blockNumber: 1n })).parentHash;
  } catch (error) {
    // A chain without a second block yet, or a node that has pruned it: some answer null then, some an error (geth: 4444).
    if (!(error instanceof BlockNotFoundError) && !isRefusal(error)) throw error;
    return (await client.getBlock({ blockNumber: 0n })).hash;
  }
}
