/**
 * When the next look at the chain is worth a request. The interval between blocks is learnt from the chain; a block is looked for
 * shortly before it is expected, then at growing pauses for as long as it is overdue. Where a node tells of blocks, a look follows what
 * it tells, and others are rare: one that finds a block which was not told of shows that nothing is told any more. All times in milliseconds of one monotonic
 * clock.
 */

/** Share of the interval after which a block is looked for first. The intervals of a fast chain vary more. */
const FIRST_LOOK = { slow: 0.95, fast: 0.9, fastBelowMs: 2_000 };
/** How much the newest interval counts for in the learnt one. */
const LEARNING = 0.2;
/** Of the interval: the shortest pause between two looks for one block. */
const SHORTEST_PAUSE = 0.1;
/** Of the time that a block is overdue: a chain that is slow today is not asked more often for it. */
const OVERDUE_PAUSE = 0.25;
const LONGEST_OVERDUE_PAUSE_MS = 5_000;
/** Before the first look for a block: a chain without a rhythm may go on at once after a long pause. */
const LONGEST_FIRST_PAUSE_MS = 12_000;
/** Where blocks are told of: in intervals, and at least and at most so long. */
const TOLD_PAUSE = { intervals: 3, leastMs: 3_000, mostMs: 30_000 };
/** A pause between two looks that is longer than this, or than twice the interval, teaches nothing: nothing looked meanwhile. */
const LONGEST_TAUGHT_PAUSE_MS = 10_000;

export class BlockPace {
  readonly #pollMs: number;
  #intervalMs: number | null = null;
  #headSince = 0;
  /** Whether the moment at which the head was first seen is about that at which it was made. */
  #sawHeadAppear = false;
  #lookedAt = -Infinity;
  #dueAt = -Infinity;
  /** Whether a node tells of blocks. */
  #isTold = false;
  /** Whether a block was told of that no look has found yet. */
  #isExpected = false;

  /** @param pollMs the shortest pause between two looks; 0: a look is always due */
  constructor(pollMs: number) {
    this.#pollMs = pollMs;
  }

  /** Between two blocks; null: not known yet. */
  get intervalMs(): number | null {
    return this.#intervalMs;
  }

  dueIn(now: number): number {
    return Math.max(0, this.#dueAt - now);
  }

  /** A node told of a block. */
  told(now: number): void {
    this.#isTold = true;
    this.#isExpected = true;
    if (this.#pollMs > 0) this.#dueAt = now;
  }

  /** No node tells of blocks any more. */
  untold(now: number): void {
    this.#isTold = false;
    this.#dueAt = Math.min(this.#dueAt, now + this.#pollMs);
  }

  /** What the chain's own timestamps say, before any block was seen to appear. */
  begin(intervalMs: number): void {
    this.#intervalMs ??= intervalMs;
  }

  /** A look found another head, `blocks` above the last. */
  moved(now: number, blocks: number): void {
    const wasWatched = now - this.#lookedAt <= Math.max(LONGEST_TAUGHT_PAUSE_MS, 2 * (this.#intervalMs ?? 0));
    if (blocks > 0 && wasWatched && this.#sawHeadAppear) this.#learn((now - this.#headSince) / blocks);
    this.#sawHeadAppear = wasWatched;
    this.#headSince = now;
    this.#lookedAt = now;
    if (!this.#isExpected) this.#isTold = false;
    this.#isExpected = false;
    const pause = this.#isTold ? this.#toldPauseMs() : Math.min(this.#firstPauseMs(), LONGEST_FIRST_PAUSE_MS);
    this.#dueAt = now + Math.max(this.#pollMs, pause);
    if (this.#pollMs === 0) this.#dueAt = now;
  }

  /** A look found no other head. */
  stayed(now: number): void {
    const interval = this.#intervalMs ?? 0;
    const overdue = Math.max(0, now - this.#headSince - interval);
    const rarely = this.#isTold && !this.#isExpected;
    const pause = rarely
      ? this.#toldPauseMs()
      : Math.min(Math.max(SHORTEST_PAUSE * interval, OVERDUE_PAUSE * overdue), LONGEST_OVERDUE_PAUSE_MS);
    this.#lookedAt = now;
    this.#dueAt = this.#pollMs === 0 ? now : now + Math.max(this.#pollMs, pause);
  }

  #toldPauseMs(): number {
    const { intervals, leastMs, mostMs } = TOLD_PAUSE;
    return Math.min(Math.max(intervals * (this.#intervalMs ?? 0), leastMs), mostMs);
  }

  #learn(each: number): void {
    const known = this.#intervalMs ?? each;
    this.#intervalMs = known + LEARNING * (each - known);
  }

  #firstPauseMs(): number {
    const interval = this.#intervalMs ?? 0;
    return (interval < FIRST_LOOK.fastBelowMs ? FIRST_LOOK.fast : FIRST_LOOK.slow) * interval;
  }
}
