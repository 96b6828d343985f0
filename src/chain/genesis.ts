import { BlockNotFoundError, type Hash, type PublicClient } from 'viem';

/**
 * Hash of the chain's first block, as the second one names it. anvil makes a block 0 of its own with each start, beside the one that it
 * reads from its state, and answers with either.
 */
export async function genesisOf(client: Pick<PublicClient, 'getBlock'>): Promise<Hash> {
  try {
    return (await client.getBlock({ blockNumber: 1n })).parentHash;
  } catch (error) {
    // A chain that has just begun, or a node that does not keep it.
    if (!(error instanceof BlockNotFoundError)) throw error;
    return (await client.getBlock({ blockNumber: 0n })).hash;
  }
}
