/** What the chain charges for gas now. One answer for each head of the chain, for quotes and for all that is signed. */
import type { Hash, PublicClient } from 'viem';
import { isRefusal } from '../../../rpc/refusal.ts';

export type FeeMarket =
  /** `tip` is what the node recommends, as far as recent blocks bear it out. */
  | { readonly type: 'eip1559'; readonly baseFeePerGas: bigint; readonly tip: bigint }
  /** A chain without base fee. `gasPrice` is what the node recommends, as far as recent blocks bear it out. */
  | { readonly type: 'legacy'; readonly gasPrice: bigint };

interface Head {
  readonly hash: Hash;
  readonly baseFeePerGas: bigint | null;
}

type FeeClient = Pick<PublicClient, 'estimateMaxPriorityFeePerGas' | 'getFeeHistory' | 'getGasPrice'>;

/** What recent blocks paid is compared over this many of them. */
const RECENT_BLOCKS = 20;
/** Of the gas of each block, this share paid at most the block's figure. */
const REWARD_PERCENTILE = 60;
/** Of the figures of all blocks, this share is at most the bound: one block with an odd transaction does not raise it. */
const BLOCKS_PERCENTILE = 75;
/** Up to here a recommendation needs no support by recent blocks, which may be empty. In wei. */
const UNQUESTIONED = 1_000_000_000n;

/** @returns throws what viem throws */
export function feeMarketReader(client: FeeClient, head: () => Promise<Head>): () => Promise<FeeMarket> {
  let last: { readonly hash: Hash; readonly market: Promise<FeeMarket> } | null = null;

  async function read({ baseFeePerGas }: Head): Promise<FeeMarket> {
    const [recommended, recent] = await Promise.all([
      baseFeePerGas === null ? client.getGasPrice() : client.estimateMaxPriorityFeePerGas(),
      recentRewards(client),
    ]);
    const borneOut = boundedByRecent(recommended, recent);
    return baseFeePerGas === null
      ? { type: 'legacy', gasPrice: borneOut }
      : { type: 'eip1559', baseFeePerGas, tip: borneOut };
  }

  return async () => {
    const block = await head();
    if (last?.hash !== block.hash) {
      const asked = { hash: block.hash, market: read(block) };
      last = asked;
      asked.market.catch(() => {
        if (last === asked) last = null;
      });
    }
    return last.market;
  };
}

/**
 * What a node recommends may be absurd: it is believed up to what recent blocks paid. Pure.
 * @param rewards of the blocks that held transactions; null: the node has no record of them
 */
export function boundedByRecent(recommended: bigint, rewards: readonly bigint[] | null): bigint {
  if (rewards === null) return recommended;
  const sorted = [...rewards].sort((one, other) => (one < other ? -1 : 1));
  const paid = sorted[Math.ceil((sorted.length * BLOCKS_PERCENTILE) / 100) - 1] ?? 0n;
  const bound = paid > UNQUESTIONED ? paid : UNQUESTIONED;
  return recommended < bound ? recommended : bound;
}

/** The tips (without base fee: the prices) that blocks with transactions paid. Null: the node does not have them. */
async function recentRewards(client: FeeClient): Promise<readonly bigint[] | null> {
  try {
    const { reward, gasUsedRatio } = await client.getFeeHistory({
      blockCount: RECENT_BLOCKS,
      rewardPercentiles: [REWARD_PERCENTILE],
      blockTag: 'latest',
    });
    if (reward === undefined) return null;
    return reward.flatMap(([paid], index) => (paid === undefined || !gasUsedRatio[index] ? [] : [paid]));
  } catch (thrown) {
    if (isRefusal(thrown)) return null;
    throw thrown;
  }
}
