/** All swaps on the exchanges of a local chain, of any sender, read from the exchanges' events. */
import { parseAbi, type Hash } from 'viem';
import { every } from '../../runtime/time.ts';
import { openLocalClient } from './local-client.ts';

const SWAPS = parseAbi([
  'event Swap(address indexed sender, uint256 amount0In, uint256 amount1In, uint256 amount0Out, uint256 amount1Out, address indexed to)',
  'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)',
]);

/** At a few swaps per block the answer has a few megabytes. */
const BLOCKS_AT_A_TIME = 1_000n;

export interface LoggedSwap {
  readonly hash: Hash;
  readonly block: number;
}

export interface SwapLog {
  /** In the order of their blocks; one that goes through several pools is one. */
  read(): Promise<readonly LoggedSwap[]>;
  close(): Promise<void>;
}

/** anvil prunes old transactions, so logs are read as they come; not those of the last blocks, which a kill may undo. */
const READ_EVERY_MS = 30_000;
const UNSETTLED_BLOCKS = 20n;

/** From the next block on. */
export async function openSwapLog(rpcUrl: string): Promise<SwapLog> {
  const client = openLocalClient(rpcUrl);
  const blocks = new Map<Hash, number>();
  let next = (await client.getBlockNumber()) + 1n;

  async function readTo(last: bigint): Promise<void> {
    while (next <= last) {
      const end = next + BLOCKS_AT_A_TIME - 1n;
      const toBlock = end < last ? end : last;
      const logs = await client.getLogs({ events: SWAPS, fromBlock: next, toBlock, strict: true });
      for (const { transactionHash, blockNumber } of logs) blocks.set(transactionHash, Number(blockNumber));
      next = toBlock + 1n;
    }
  }

  const readAhead = async (): Promise<void> => readTo((await client.getBlockNumber()) - UNSETTLED_BLOCKS);
  // An unreachable chain comes back, or the last `read` throws.
  const stop = every(READ_EVERY_MS, readAhead, () => undefined);
  return {
    async read() {
      await stop();
      await readTo(await client.getBlockNumber());
      return [...blocks].map(([hash, block]) => ({ hash, block }));
    },
    close: stop,
  };
}
