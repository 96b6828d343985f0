import type { ChainNode } from './chain-node.ts';

/**
 * The node, asked for its last block once for all who want to know within `forMs`: each open nonce is looked at by its order
 * and by its resender, each at every poll. An older head is never a mistake: what is final seen from it stays so.
 * @param elapsed milliseconds since some moment, never set back
 */
export function withRecentHead(
  node: ChainNode,
  forMs: number,
  elapsed: () => number = () => performance.now(),
): ChainNode {
  let asked: { readonly at: number; readonly head: ReturnType<ChainNode['head']> } | null = null;
  return {
    ...node,
    head() {
      if (asked !== null && elapsed() - asked.at < forMs) return asked.head;
      const mine = { at: elapsed(), head: node.head() };
      asked = mine;
      // A failure is told to those who wait for it, and not kept.
      mine.head.catch(() => {
        if (asked === mine) asked = null;
      });
      return mine.head;
    },
  };
}
