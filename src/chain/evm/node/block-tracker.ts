/**
 * The chain as this process sees it: the last blocks, each the parent of the next. Behind one address there may be several
 * nodes, at different heights or on different branches; what they answer is put together by parent hashes alone. So a block is
 * in this chain only if the present head descends from it, whichever node told of either.
 *
 * A head that does not exceed the present one is not followed at once: it comes from a node that lags, or hangs on a branch that
 * lost. Only where nothing else is told for several looks has the chain itself gone back. What follows is safe either way: what
 * counts is how deep a block lies below the head that was taken.
 *
 * Asks for blocks only while somebody waits for one or asks for the head; an idle process sends no request.
 */
import type { Hash } from 'viem';
import { sleep } from '../../../runtime/time.ts';

export interface Block {
  readonly number: bigint;
  readonly hash: Hash;
  readonly parentHash: Hash;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** Null: the chain has none (before EIP-1559). */
  readonly baseFeePerGas: bigint | null;
  /** Hashes of its transactions. */
  readonly transactions: readonly Hash[];
}

export interface BlockSource {
  latest(): Promise<Block>;
  /** Null: the node that answered does not have it. */
  byHash(hash: Hash): Promise<Block | null>;
  byNumber(number: bigint): Promise<Block | null>;
}

export interface BlockTrackerSettings {
  /** Blocks that are kept. More than a reorganisation may take back, and more than `confirmations`. */
  readonly kept: number;
  /** The shortest pause between two looks, in milliseconds. */
  readonly pollMs: number;
}

export interface TrackerEvents {
  /** Blocks were taken back: the chain goes on from `from` on another branch. */
  readonly onReorganised: (event: { readonly from: bigint; readonly depth: number }) => void;
  /** A node told of a head that is not above the present one and not in this chain. Once until the head moves. */
  readonly onContested: (event: { readonly head: bigint; readonly told: bigint }) => void;
}

/** Where a block of this height and hash is, as seen from the present head. */
export type Place =
  /** In the chain; `depth` blocks are on top of it. */
  | { readonly at: 'chain'; readonly depth: bigint }
  /** The chain has another block at its height. */
  | { readonly at: 'branch' }
  /** The chain does not reach up to it yet. */
  | { readonly at: 'ahead' }
  /** The last answer was of another branch, or the blocks in between cannot be had: nothing is concluded now. */
  | { readonly at: 'contested' };

/** Of the learnt interval between blocks: a block is looked for from then on. A fast chain's interval varies more. */
const EARLY_LOOK = { slow: 0.9, fast: 0.5, fastBelowMs: 2_000 };
/** How much the newest interval counts for in the learnt one. */
const LEARNING = 0.2;
/** Blocks that are asked for at once where many are missing. */
const FETCHED_AT_ONCE = 20n;
/** How often a block is asked for by its hash before it counts as missing. */
const ASKED_BY_HASH = 4;
/**
 * How far below the head a block is still linked to it, request by request. One further down is compared with the block that the
 * node has at its height.
 */
const LINKED_DEPTH = 256n;
/** Looks in a row that tell of a lower head, after which it is taken for the chain's. */
const LOWER_HEADS_BELIEVED = 5;

export class BlockTracker {
  readonly #source: BlockSource;
  readonly #settings: BlockTrackerSettings;
  readonly #events: TrackerEvents;
  /** Milliseconds since some moment, never set back. */
  readonly #elapsed: () => number;
  /** Ascending; each the parent of the next. */
  #chain: Block[] = [];
  #looking: Promise<Block> | null = null;
  #lookedAt = -Infinity;
  #headSince = 0;
  #intervalMs: number | null = null;
  #isContested = false;
  #contestedAt: Hash | null = null;
  /** In a row. */
  #lowerHeads = 0;

  constructor(
    source: BlockSource,
    settings: BlockTrackerSettings,
    events: TrackerEvents,
    elapsed: () => number = () => performance.now(),
  ) {
    this.#source = source;
    this.#settings = settings;
    this.#events = events;
    this.#elapsed = elapsed;
  }

  /**
   * The last block; looked for anew unless that was done within `pollMs`. Those who ask meanwhile share one request.
   * @throws EffectError `wait`, rpc_unavailable
   */
  async head(): Promise<Block> {
    const last = this.#chain.at(-1);
    if (last !== undefined && this.#elapsed() - this.#lookedAt < this.#settings.pollMs) return last;
    return this.#look();
  }

  /** Resolves with the head once it is another than `seen`. @throws EffectError; the signal's reason */
  async next(seen: Hash, signal: AbortSignal): Promise<Block> {
    for (;;) {
      signal.throwIfAborted();
      const head = this.#chain.at(-1) ?? (await this.#look());
      if (head.hash !== seen) return head;
      await sleep(this.#pauseMs(), signal);
      await this.head();
    }
  }

  /** Reads the blocks down to this height where they are not kept any more. @throws EffectError `wait`, rpc_unavailable */
  async placeOf(block: { readonly number: bigint; readonly hash: Hash }): Promise<Place> {
    const head = await this.head();
    if (this.#isContested) return { at: 'contested' };
    if (block.number > head.number) return { at: 'ahead' };
    const depth = head.number - block.number;
    const own =
      depth > LINKED_DEPTH ? await this.#source.byNumber(block.number) : await this.#at(block.number);
    if (own === null) return { at: 'contested' };
    return own.hash === block.hash ? { at: 'chain', depth } : { at: 'branch' };
  }

  /** The block of this chain that holds the transaction, among those that are kept; null: none does. */
  holding(transaction: Hash): Block | null {
    return this.#chain.findLast(({ transactions }) => transactions.includes(transaction)) ?? null;
  }

  /** The block of this height in the chain as it is now, not above the head; null: no node links it to the head. */
  async #at(number: bigint): Promise<Block | null> {
    const first = this.#chain[0];
    if (first === undefined) throw new Error('no block was read yet: expected a head');
    if (number < first.number) return this.#below(first, number);
    const found = this.#chain[Number(number - first.number)];
    if (found === undefined) throw new Error(`block ${number} is above the head`);
    return found;
  }

  /** By parent hashes from `first` down; what is read is not kept. */
  async #below(first: Block, number: bigint): Promise<Block | null> {
    let child = first;
    while (child.number > number) {
      const lowest = child.number - FETCHED_AT_ONCE > number ? child.number - FETCHED_AT_ONCE : number;
      const numbers = Array.from(
        { length: Number(child.number - lowest) },
        (_, index) => child.number - 1n - BigInt(index),
      );
      for (const found of await Promise.all(numbers.map((each) => this.#source.byNumber(each)))) {
        const parent = found?.hash === child.parentHash ? found : await this.#byHash(child.parentHash);
        if (parent === null) return null;
        child = parent;
      }
    }
    return child;
  }

  /** Asked again where a node does not have it: the next request may reach another. */
  async #byHash(hash: Hash): Promise<Block | null> {
    for (let asked = 1; ; asked += 1) {
      const block = await this.#source.byHash(hash);
      if (block !== null || asked === ASKED_BY_HASH) return block;
    }
  }

  #look(): Promise<Block> {
    this.#looking ??= this.#follow().finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #follow(): Promise<Block> {
    const latest = await this.#source.latest();
    this.#lookedAt = this.#elapsed();
    const head = this.#chain.at(-1);
    if (head !== undefined && latest.number <= head.number && !this.#isGoneBackTo(head, latest)) return head;
    const branch = await this.#branchTo(latest);
    if (branch === null) return head ?? latest;
    this.#isContested = false;
    this.#lowerHeads = 0;
    this.#learnInterval(head, latest);
    this.#take(branch);
    return latest;
  }

  /** False: the head is kept. A node that lags tells of a block of this chain; one on another branch contests it. */
  #isGoneBackTo(head: Block, { number, hash }: Block): boolean {
    if (hash === head.hash) {
      this.#isContested = false;
      this.#lowerHeads = 0;
      return false;
    }
    const first = this.#chain[0] ?? head;
    const own = number < first.number ? null : this.#chain[Number(number - first.number)];
    this.#isContested = own !== null && own?.hash !== hash;
    if (this.#isContested && this.#contestedAt !== head.hash) {
      this.#contestedAt = head.hash;
      this.#events.onContested({ head: head.number, told: number });
    }
    this.#lowerHeads += 1;
    return this.#lowerHeads >= LOWER_HEADS_BELIEVED;
  }

  /** The blocks from the first that is not in the chain up to `latest`. Null: they cannot be had now. */
  async #branchTo(latest: Block): Promise<readonly Block[] | null> {
    const branch = [latest];
    const [first] = this.#chain;
    for (;;) {
      const [lowest] = branch;
      if (first === undefined || lowest === undefined) return branch;
      const isJoined = this.#chain.some(({ hash }) => hash === lowest.parentHash);
      // At or below all that is kept, or after an idle time longer than that, the chain is begun anew.
      if (isJoined || lowest.number <= first.number || branch.length >= this.#settings.kept) return branch;
      const parent = await this.#byHash(lowest.parentHash);
      if (parent === null) return null;
      branch.unshift(parent);
    }
  }

  #take(branch: readonly Block[]): void {
    const [first] = branch;
    if (first === undefined) return;
    const joint = this.#chain.findIndex(({ hash }) => hash === first.parentHash);
    // Kept blocks from the heights of the branch on; a head that is the branch's first block went back to it alone.
    const left = this.#chain.filter(
      ({ number, hash }) => number >= first.number && hash !== first.hash,
    ).length;
    if (left > 0) this.#events.onReorganised({ from: first.number, depth: left });
    this.#chain = [...(joint < 0 ? [] : this.#chain.slice(0, joint + 1)), ...branch].slice(
      -this.#settings.kept,
    );
  }

  #learnInterval(head: Block | undefined, latest: Block): void {
    const now = this.#elapsed();
    if (head !== undefined && latest.number > head.number) {
      const each = (now - this.#headSince) / Number(latest.number - head.number);
      this.#intervalMs =
        this.#intervalMs === null ? each : this.#intervalMs + LEARNING * (each - this.#intervalMs);
    }
    this.#headSince = now;
  }

  /** Until it is worth looking for the next block. */
  #pauseMs(): number {
    const { pollMs } = this.#settings;
    if (this.#intervalMs === null) return pollMs;
    const share = this.#intervalMs < EARLY_LOOK.fastBelowMs ? EARLY_LOOK.fast : EARLY_LOOK.slow;
    return Math.max(pollMs, this.#headSince + share * this.#intervalMs - this.#elapsed());
  }
}
