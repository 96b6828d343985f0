/** A token bucket: how many requests a connection may make at once, and then in a second. */
import type { Clock } from '../../runtime/time.ts';

/** A client that comes back subscribes to all of its orders at once. */
const BURST = 3_000;
const PER_SECOND = 200;

export class RequestRate {
  readonly #clock: Clock;
  #left = BURST;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** @returns false: there were too many */
  take(): boolean {
    const now = this.#clock.now();
    const refill = (Math.max(0, now - this.#at) * PER_SECOND) / 1_000;
    this.#left = Math.min(BURST, this.#left + refill);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
