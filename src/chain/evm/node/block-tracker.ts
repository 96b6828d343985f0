/**
 * The chain as this process sees it: the last blocks, each the parent of the next. Behind one address there may be several
 * nodes, at different heights or on different branches; what they answer is put together by parent hashes alone. So a block is
 * in this chain only if the present head descends from it, whichever node told of either.
 *
 * A head that does not exceed the present one is not followed at once: it comes from a node that lags, or hangs on a branch that
 * lost. Only where nothing else is told for several looks has the chain itself gone back. What follows is safe either way: what
 * counts is how deep a block lies below the head that was taken.
 *
 * It looks once a block, for all that wait, and only while something waits or asks for the head: an idle process sends no request.
 */
import type { Hash } from 'viem';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import { BlockPace } from './block-pace.ts';
import { KeptChain, type Block } from './kept-chain.ts';
import { NextLook } from './next-look.ts';

export interface BlockSource {
  latest(): Promise<Block>;
  /** Null: the node that answered does not have it. */
  byHash(hash: Hash): Promise<Block | null>;
  byNumber(number: bigint): Promise<Block | null>;
}

export interface BlockTrackerSettings {
  /** Blocks that are kept. More than a reorganisation may take back, and more than `confirmations`. */
  readonly kept: number;
  /** The shortest pause between two looks, in milliseconds. 0: whoever asks for the head gets it from the node. */
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

/** How many blocks below the first head tell the chain's pace. */
const PACE_DEPTH = 16n;
/** Where more blocks than this came since the last look, they are not read one by one: what they hold is asked for by its hash. */
const LONGEST_GAP_JOINED = 16n;
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
  readonly #pace: BlockPace;
  readonly #events: TrackerEvents;
  /** Milliseconds since some moment, never set back. */
  readonly #elapsed: () => number;
  readonly #chain: KeptChain;
  readonly #nextLook: NextLook;
  #looking: Promise<Block> | null = null;
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
    this.#chain = new KeptChain(settings.kept);
    this.#pace = new BlockPace(settings.pollMs);
    this.#events = events;
    this.#elapsed = elapsed;
    this.#nextLook = new NextLook(
      () => this.head(),
      () => this.#pace.dueIn(this.#elapsed()),
    );
  }

  /**
   * The last block; looked for only when another is expected. All that ask meanwhile share one request.
   * @throws EffectError `wait`, rpc_unavailable
   */
  async head(): Promise<Block> {
    const last = this.#chain.head;
    if (last !== undefined && this.#pace.dueIn(this.#elapsed()) > 0) return last;
    return this.#look();
  }

  /** A node told of a block. Those that wait look at once; where none waits, the next that asks does. */
  told(): void {
    this.#pace.told(this.#elapsed());
    this.#nextLook.wake();
  }

  /** No node tells of blocks any more: they are looked for as before. */
  untold(): void {
    this.#pace.untold(this.#elapsed());
    this.#nextLook.wake();
  }

  /** Between two blocks, in milliseconds; null: not known yet. */
  get intervalMs(): number | null {
    return this.#pace.intervalMs;
  }

  /** Resolves with the head once it is another than `seen`. @throws EffectError; the signal's reason */
  async next(seen: Hash, signal: AbortSignal): Promise<Block> {
    for (;;) {
      signal.throwIfAborted();
      const head = this.#chain.head ?? (await this.#look());
      if (head.hash !== seen) return head;
      await this.#nextLook.wait(signal);
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
    return this.#chain.holding(transaction) ?? null;
  }

  /** Whether the chain's block of this height is kept, so that `holding` knows what is in it. */
  keeps(number: bigint): boolean {
    return this.#chain.first !== undefined && this.#chain.first.number <= number;
  }

  /** The block of this height in the chain as it is now, not above the head; null: no node links it to the head. */
  async #at(number: bigint): Promise<Block | null> {
    const { first } = this.#chain;
    if (first === undefined) throw new Error('no block was read yet: expected a head');
    if (number < first.number) return this.#below(first, number);
    const found = this.#chain.at(number);
    if (found === undefined) throw new Error(`block ${number} is above the head`);
    return found;
  }

  /** By parent hashes from `first` down. What is read is kept as far as there is room for it. */
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
        this.#chain.putBelow(parent);
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
    const head = this.#chain.head;
    const isKept = head !== undefined && latest.number <= head.number && !this.#isGoneBackTo(head, latest);
    const branch = isKept ? null : await this.#branchTo(latest);
    if (branch === null) {
      this.#pace.stayed(this.#elapsed());
      return head ?? latest;
    }
    this.#isContested = false;
    this.#lowerHeads = 0;
    if (head === undefined) await this.#readPace(latest);
    this.#pace.moved(this.#elapsed(), head === undefined ? 0 : Number(latest.number - head.number));
    const [first = latest] = branch;
    const left = this.#chain.put(branch);
    if (left > 0) this.#events.onReorganised({ from: first.number, depth: left });
    return latest;
  }

  /** Before any block was seen to appear. */
  async #readPace({ number, timestamp }: Block): Promise<void> {
    if (this.#settings.pollMs === 0 || number <= PACE_DEPTH) return;
    const below = await this.#source.byNumber(number - PACE_DEPTH).catch((thrown: unknown) => {
      // A node that has pruned it: the pace is learnt from blocks that appear.
      if (thrown instanceof EffectError) return null;
      throw thrown;
    });
    if (below !== null) this.#pace.begin((Number(timestamp - below.timestamp) * 1000) / Number(PACE_DEPTH));
  }

  /** False: the head is kept. A node that lags tells of a block of this chain; one on another branch contests it. */
  #isGoneBackTo(head: Block, { number, hash }: Block): boolean {
    if (hash === head.hash) {
      this.#isContested = false;
      this.#lowerHeads = 0;
      return false;
    }
    const own = this.#chain.at(number);
    this.#isContested = own !== undefined && own.hash !== hash;
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
    const { first, head } = this.#chain;
    // After an idle time, or one without an answer, the chain is begun anew.
    if (head !== undefined && latest.number - head.number > LONGEST_GAP_JOINED) return branch;
    for (;;) {
      const [lowest] = branch;
      if (first === undefined || lowest === undefined) return branch;
      const isJoined = this.#chain.has(lowest.parentHash);
      // At or below all that is kept, too.
      if (isJoined || lowest.number <= first.number || branch.length >= this.#settings.kept) return branch;
      const parent = await this.#byHash(lowest.parentHash);
      if (parent === null) return null;
      branch.unshift(parent);
    }
  }
}
