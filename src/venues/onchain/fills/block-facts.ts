/**
 * What the chain says as of a block, by the block's hash: that never changes, so that all orders whose swaps are in the block, or in the next
 * one, share an answer. By hash: the node that answers may be on another branch than the one that gave a receipt.
 */
import type { Address, Hash } from 'viem';
import { ERC20 } from '../../../abis/erc20.ts';
import { Recent } from '../../../runtime/recent.ts';
import type { VenueClient } from '../venue-client.ts';
import type { TransferLog } from './transfers.ts';

export interface BlockFacts {
  /** The hash of its parent. */
  parentOf(block: Hash): Promise<Hash>;
  balanceAt(block: Hash, token: Address, account: Address): Promise<bigint>;
  /** The token's logs, each with its transaction. */
  logsOf(block: Hash, token: Address): Promise<readonly (TransferLog & { readonly transactionHash: Hash })[]>;
}

/** @returns throws what viem throws; a failure is not kept */
export function blockFacts(client: VenueClient): BlockFacts {
  const parents = shared<Hash>();
  const balances = shared<bigint>();
  const logs = shared<Awaited<ReturnType<BlockFacts['logsOf']>>>();
  return {
    parentOf: (block) => parents(block, async () => (await client.getBlock({ blockHash: block })).parentHash),
    balanceAt: (block, token, account) =>
      balances(`${block} ${token} ${account}`, () =>
        client.readContract({
          address: token,
          abi: ERC20,
          functionName: 'balanceOf',
          args: [account],
          blockHash: block,
        }),
      ),
    logsOf: (block, token) =>
      logs(`${block} ${token}`, () => client.getLogs({ address: token, blockHash: block })),
  };
}

function shared<Fact>(): (key: string, ask: () => Promise<Fact>) => Promise<Fact> {
  const known = new Recent<string, Promise<Fact>>();
  return (key, ask) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const asked = ask();
    known.set(key, asked);
    asked.catch(() => known.delete(key));
    return asked;
  };
}
