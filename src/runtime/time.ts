/** Where time and chance come from. Passed in, so that tests choose both. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A draw from [0, 1). */
export type Random = () => number;

/** Resolves after `ms`, or rejects with the signal's reason. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      if (signal !== undefined) reject(abortReason(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
/**
 * Does something again and again, the next time `intervalMs` after the last one ended: a slow store is not asked twice at
 * once. A failure is told and does not end it.
 * @returns stops it, and resolves when the last one has ended
 */
export function every(
  intervalMs: number,
  act: () => Promise<void>,
  onFailure: (thrown: unknown) => void,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const arm = (): void => {
    if (!stopped) timer = setTimeout(tick, intervalMs);
  };
  const tick = (): void => {
    running = act().catch(onFailure).then(arm);
  };
  arm();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
