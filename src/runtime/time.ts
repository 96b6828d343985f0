/** Where time and chance come from. Passed in, so that tests choose both. */
import { onceAborted } from './abort.ts';

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
    let stopListening = (): void => undefined;
    const timer = setTimeout(() => {
      stopListening();
      resolve();
    }, ms);
    if (signal === undefined) return;
    stopListening = onceAborted(signal, (reason) => {
      clearTimeout(timer);
      reject(reason);
    });
  });
}

/**
 * Repeats `act`, each time `intervalMs` after the last run ended, so that two runs never overlap. A failure is reported and does
 * not end the repetition.
 * @returns stops it, and resolves when the last run has ended
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
