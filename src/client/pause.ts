/** Waiting, waiting longer after each failure, and signals that end it. */

const CALLBACKS = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the signal aborts; not for one that has aborted before. A program may share a signal among all of its calls, and
 * Node.js warns of more than ten listeners on one: each signal gets one listener here.
 * @returns forgets the callback
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = CALLBACKS.get(signal);
  if (callbacks === undefined) {
    const added = new Set<() => void>();
    callbacks = added;
    CALLBACKS.set(signal, added);
    signal.addEventListener(
      'abort',
      () => {
        for (const each of added) each();
      },
      { once: true },
    );
  }
  callbacks.add(callback);
  return () => void callbacks.delete(callback);
}

/** @throws the signal's reason */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = (): void => {
      clearTimeout(timer);
      forget?.();
      if (signal?.aborted === true) reject(signal.reason as Error);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    const forget = signal === undefined ? null : onAbort(signal, end);
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
  const forget = signals.map((signal) => onAbort(signal, follow));
  follow();
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => {
      for (const each of forget) each();
    },
  };
}
