/**
 * The store's clock, as this process can know it: what the server said last, and what has passed here since. A reading is
 * never ahead of the server's clock, so that a worker is never taken for dead too soon; it is behind by what the answer took.
 */

/** Milliseconds since some moment, never set back: `performance.now`. */
export type Elapsed = () => number;

/** An answer that took longer is too inaccurate. */
const SLOWEST_ANSWER_MS = 250;

export class StoreClock {
  readonly #elapsed: Elapsed;
  #serverTime = 0;
  #readAt = 0;

  constructor(elapsed: Elapsed) {
    this.#elapsed = elapsed;
  }

  /** Unix milliseconds. */
  now(): number {
    return Math.floor(this.#serverTime + this.#elapsed() - this.#readAt);
  }

  /** @param ask the server for its time */
  async read(ask: () => Promise<Date>): Promise<void> {
    const askedAt = this.#elapsed();
    const serverTime = await ask();
    const readAt = this.#elapsed();
    const isFirst = this.#serverTime === 0;
    if (!isFirst && readAt - askedAt > SLOWEST_ANSWER_MS) return;
    this.#serverTime = serverTime.getTime();
    this.#readAt = readAt;
  }
}
