/** Waiting, and waiting longer after each failure. */

/** @throws the signal's reason */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted === true) reject(signal.reason as Error);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}

/** Pauses that double from `firstMs` to `longestMs`, each shortened by up to half at random, so that clients spread. */
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  #nextMs: number;

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#nextMs = firstMs;
  }

  next(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, this.#longestMs);
    return ms * (1 - Math.random() / 2);
  }

  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}

export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Forgets the signals that it follows. */
  release(): void;
}

/** A signal that aborts with any of these, and by itself. (`AbortSignal.any` is newer than the browsers that this runs in.) */
export function linkedAbort(...followed: readonly (AbortSignal | undefined)[]): LinkedAbort {
  const controller = new AbortController();
  const signals = followed.filter((signal) => signal !== undefined);
  const follow = (): void => {
    const aborted = signals.find((signal) => signal.aborted);
    if (aborted !== undefined) controller.abort(aborted.reason);
  };
  for (const signal of signals) signal.addEventListener('abort', follow);
  follow();
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => {
      for (const signal of signals) signal.removeEventListener('abort', follow);
    },
  };
}
