import type { ChainNode } from './chain-node.ts';

/**
 * The node with its last block cached for `maxAgeMs`: each open nonce is checked by its order and by its resender at every
 * poll. An older head is safe: what is final by it stays final.
 * @param elapsed a monotonic clock, in milliseconds
 */
export function withCachedHead(
  node: ChainNode,
  maxAgeMs: number,
  elapsed: () => number = () => performance.now(),
): ChainNode {
  let asked: { readonly at: number; readonly head: ReturnType<ChainNode['head']> } | null = null;
  return {
    ...node,
    head() {
      if (asked !== null && elapsed() - asked.at < maxAgeMs) return asked.head;
      const mine = { at: elapsed(), head: node.head() };
      asked = mine;
      // A failure reaches those who wait for it, and is not cached.
      mine.head.catch(() => {
        if (asked === mine) asked = null;
      });
      return mine.head;
    },
  };
}
