/** Waiting for a lock that another process holds, without blocking the event loop (`busy_timeout` would). */
import { sleep, type Random } from '../runtime/time.ts';
import { isLocked, LockTimeout } from './errors.ts';

export interface LockPatience {
  /** Names the file in errors. */
  readonly file: string;
  /** How long a lock is waited for, as the sum of the pauses asked for. */
  readonly limitMs: number;
  readonly random: Random;
}

/** 1-10 ms, drawn, so that two processes do not keep colliding. */
export function lockDelayMs(random: Random): number {
  return 1 + random() * 9;
}

/**
 * Repeats what a lock refuses.
 * @throws LockTimeout when the lock outlasts the limit; any other error of `act` at once
 */
export async function patiently<T>(act: () => T, { file, limitMs, random }: LockPatience): Promise<T> {
  let waitedMs = 0;
  for (;;) {
    try {
      return act();
    } catch (thrown) {
      if (!isLocked(thrown)) throw thrown;
      if (waitedMs >= limitMs) throw new LockTimeout(file, limitMs, { cause: thrown });
    }
    const delayMs = lockDelayMs(random);
    waitedMs += delayMs;
    await sleep(delayMs);
  }
}
