/**
 * What the node answered, kept for all orders and resenders of the process. Nothing is kept longer than it is true: a receipt for as
 * long as its block is in the chain, a transaction count for a block. With `pollMs` 0 only receipts are kept.
 */
import type { Address, Hash, TransactionReceipt } from 'viem';
import type { BlockTracker } from './block-tracker.ts';
import { Recent } from '../../../runtime/recent.ts';

/** A signer's count is asked for at most this often, in poll intervals: a fast chain has several blocks meanwhile. */
const COUNT_POLLS = 8;
/** After which a transaction that the node had is asked for again, in poll intervals. The pause doubles each time. */
const POOLED_POLLS = { first: 20, most: 60 };

export type CountOf = (address: Address) => Promise<number>;

/** The number of used nonces as of the tracked head, or of one some blocks older. */
export function sharedCounts(ask: CountOf, blocks: BlockTracker, pollMs: number): CountOf {
  const answers = new Map<
    Address,
    { readonly head: Hash; readonly at: number; readonly count: Promise<number> }
  >();
  return async (address) => {
    if (pollMs === 0) return ask(address);
    const { hash: head } = await blocks.head();
    const last = answers.get(address);
    const now = performance.now();
    if (last !== undefined && (last.head === head || now - last.at < COUNT_POLLS * pollMs)) return last.count;
    const count = ask(address);
    answers.set(address, { head, at: now, count });
    count.catch(() => answers.delete(address));
    return count;
  };
}

export type ReceiptOf = (hash: Hash) => Promise<TransactionReceipt | null>;

/** Those that ask at once share a request. An answer is kept if the tracked chain has its block: that determines all it says. */
export function sharedReceipts(ask: ReceiptOf, blocks: BlockTracker): ReceiptOf {
  const receipts = new Recent<Hash, TransactionReceipt>();
  const asking = new Map<Hash, Promise<TransactionReceipt | null>>();

  async function askAndKeep(hash: Hash): Promise<TransactionReceipt | null> {
    const receipt = await ask(hash);
    if (receipt !== null && blocks.holding(hash)?.hash === receipt.blockHash) receipts.set(hash, receipt);
    return receipt;
  }

  return (hash) => {
    const known = receipts.get(hash);
    if (known !== undefined && blocks.holding(hash)?.hash === known.blockHash) return Promise.resolve(known);
    const underWay = asking.get(hash);
    if (underWay !== undefined) return underWay;
    const answer = askAndKeep(hash).finally(() => asking.delete(hash));
    asking.set(hash, answer);
    return answer;
  };
}

interface Pooled {
  readonly askedAt: number;
  readonly until: number;
  readonly pauseMs: number;
  /** The head at the time; null: not known yet. */
  readonly head: Hash | null;
}

/** Which transactions the node has: it is asked again after pauses that grow, or with the next block. */
export class PooledTransactions {
  readonly #ask: (hash: Hash) => Promise<boolean>;
  readonly #pollMs: number;
  readonly #known = new Recent<Hash, Pooled>();

  constructor(ask: (hash: Hash) => Promise<boolean>, pollMs: number) {
    this.#ask = ask;
    this.#pollMs = pollMs;
  }

  /** @param head given for a transaction that this block could have held: what is known from before it does not count */
  async has(hash: Hash, head: Hash | null = null): Promise<boolean> {
    const known = this.#known.get(hash);
    if (known !== undefined && this.#isFresh(known, head)) {
      if (head !== null && known.head === null) this.#known.set(hash, { ...known, head });
      return true;
    }
    if (!(await this.#ask(hash))) {
      this.#known.delete(hash);
      return false;
    }
    this.add(hash, head);
    return true;
  }

  #isFresh({ until, askedAt, head: at }: Pooled, head: Hash | null): boolean {
    const now = performance.now();
    const isOfHead = head === null || at === null || at === head;
    return now < until && (isOfHead || now - askedAt < this.#pollMs);
  }

  /** The node has it now. */
  add(hash: Hash, head: Hash | null = null): void {
    const last = this.#known.get(hash)?.pauseMs ?? 0;
    const pauseMs = Math.min(
      Math.max(2 * last, POOLED_POLLS.first * this.#pollMs),
      POOLED_POLLS.most * this.#pollMs,
    );
    const askedAt = performance.now();
    this.#known.set(hash, { askedAt, until: askedAt + pauseMs, pauseMs, head });
  }

  /** Blocks were taken back: what they held may be lost. */
  forget(): void {
    this.#known.clear();
  }
}
