/**
 * Timers for the order machine that may be longer than Node's. Node fires a timer of more than 2^31-1 ms (25 days) at once;
 * a LongTimer is a sequence of shorter ones.
 */
const LONGEST_MS = 2 ** 31 - 1;

/** Node's timers use another clock than `Date`, and may fire this much too early. A deadline must not be early. */
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

/** For the `clock` option of XState's `createActor`. */
export const actorClock = {
  setTimeout: (fire: () => void, delayMs: number): LongTimer => new LongTimer(fire, delayMs),
  clearTimeout: (timer: unknown): void => {
    if (timer instanceof LongTimer) timer.clear();
  },
};
