/**
 * Timers for the order machine. Node fires a timer of more than 2^31-1 ms at once; these are armed again instead, so
 * that an order may wait for a month.
 */
const LONGEST_MS = 2 ** 31 - 1;

/** Node's timers run by another clock than `Date` and may ring this much before it; a deadline must not come early. */
const EARLY_MS = 1;

class LongTimer {
  #timer: NodeJS.Timeout | undefined;

  constructor(fire: () => void, delayMs: number) {
    this.#arm(fire, delayMs);
  }

  #arm(fire: () => void, leftMs: number): void {
    const step = Math.min(leftMs + EARLY_MS, LONGEST_MS);
    this.#timer = setTimeout(() => {
      if (leftMs > step) this.#arm(fire, leftMs - step);
      else fire();
    }, step);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** As XState's `clock` option wants it. */
export const longTimers = {
  setTimeout: (fire: () => void, delayMs: number): LongTimer => new LongTimer(fire, delayMs),
  clearTimeout: (timer: unknown): void => {
    if (timer instanceof LongTimer) timer.clear();
  },
};
