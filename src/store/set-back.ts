/**
 * Notices that a store's clock was set back. Heartbeats that were written before lie in the future then: for a moment those of all
 * workers, later only those of workers that are dead.
 */
import type { Clock } from '../runtime/time.ts';

/** Clocks that are merely inaccurate differ by less. */
const STEP_MS = 500;

/** Later than any time. */
const NO_LIMIT = 8_640_000_000_000_000;

export class SetBackMonitor {
  readonly #clock: Clock;
  readonly #elapsed: () => number;
  #ahead = -Infinity;
  /** The process does not know what happened before it started. */
  #setBackAt: number;

  /** @param elapsed milliseconds since some moment, never set back */
  constructor(clock: Clock, elapsed: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#elapsed = elapsed;
    this.#setBackAt = elapsed();
  }

  /**
   * The latest time that a live worker's heartbeat may have, in Unix milliseconds. For twice `deadAfterMs` after the clock was set
   * back there is no limit: a live worker has had time for the next heartbeat then.
   */
  latestBeat(deadAfterMs: number): number {
    const now = this.#clock.now();
    const elapsed = this.#elapsed();
    const ahead = now - elapsed;
    if (ahead < this.#ahead - STEP_MS) {
      this.#setBackAt = elapsed;
      this.#ahead = ahead;
    } else this.#ahead = Math.max(this.#ahead, ahead);
    return elapsed - this.#setBackAt < 2 * deadAfterMs ? NO_LIMIT : now + deadAfterMs;
  }
}
