/** Every swap on the exchanges of a local chain, whoever made it: by the exchanges' own events. */
import { parseAbi, type Hash } from 'viem';
import { openLocalClient } from './local-client.ts';

const SWAPS = parseAbi([
  'event Swap(address indexed sender, uint256 amount0In, uint256 amount1In, uint256 amount0Out, uint256 amount1Out, address indexed to)',
  'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)',
]);

/** At a few swaps a block an answer of some megabytes. */
const BLOCKS_AT_A_TIME = 1_000n;

export interface LoggedSwap {
  readonly hash: Hash;
  readonly block: number;
}

export interface SwapLog {
  /** In the order of their blocks; one that goes through several pools is one. */
  read(): Promise<readonly LoggedSwap[]>;
}

/** From the next block on. */
export async function openSwapLog(rpcUrl: string): Promise<SwapLog> {
  const client = openLocalClient(rpcUrl);
  const first = (await client.getBlockNumber()) + 1n;
  return {
    async read() {
      const last = await client.getBlockNumber();
      const blocks = new Map<Hash, number>();
      for (let from = first; from <= last; from += BLOCKS_AT_A_TIME) {
        const end = from + BLOCKS_AT_A_TIME - 1n;
        const toBlock = end < last ? end : last;
        const logs = await client.getLogs({ events: SWAPS, fromBlock: from, toBlock, strict: true });
        for (const { transactionHash, blockNumber } of logs) blocks.set(transactionHash, Number(blockNumber));
      }
      return [...blocks].map(([hash, block]) => ({ hash, block }));
    },
  };
}
