/** Waiting for a lock that another process holds, without ever blocking the event loop (`busy_timeout` would). */
import { sleep, type Random } from '../../runtime/time.ts';
import { isLocked, lockedTooLong, toStoreError } from './failures.ts';

export interface LockPatience {
  /** Names the store in errors. */
  readonly file: string;
  /** How long a lock is waited for, as the sum of the waits asked for. */
  readonly limitMs: number;
  readonly random: Random;
}

/** 1-10 ms, drawn, so that two processes do not keep meeting. */
export function lockDelayMs(random: Random): number {
  return 1 + random() * 9;
}

/**
 * Does something that a lock may refuse, until it is let in.
 * @throws StoreUnavailable when the lock outlasts the limit, or the file or its disk is at fault
 */
export async function patiently<T>(act: () => T, { file, limitMs, random }: LockPatience): Promise<T> {
  let waitedMs = 0;
  for (;;) {
    try {
      return act();
    } catch (thrown) {
      if (!isLocked(thrown)) throw toStoreError(file, thrown);
      if (waitedMs >= limitMs) throw lockedTooLong(file, limitMs, thrown);
    }
    const delayMs = lockDelayMs(random);
    waitedMs += delayMs;
    await sleep(delayMs);
  }
}
