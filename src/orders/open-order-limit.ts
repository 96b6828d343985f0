/**
 * Limits the number of open orders. It adds the orders accepted by this process to the store's count, which is at most one
 * second old. Several processes together may exceed the limit by what they accept within a second.
 */
import type { Clock } from '../runtime/time.ts';
import type { OrderStore } from '../store/ports.ts';

export interface OpenOrderLimit {
  readonly limit: number;
  /** Counts one more order. False: the limit is reached. @throws StoreUnavailable */
  tryAcquire(): Promise<boolean>;
  /** Takes one order off the count, because it was not stored. */
  release(): void;
}

const REFRESH_MS = 1_000;

export function limitOpenOrders(
  store: Pick<OrderStore, 'countOpen'>,
  clock: Clock,
  limit: number,
): OpenOrderLimit {
  let storeCount = 0;
  let countedAt = -Infinity;
  /** Acquired since the last count of the store began. */
  let acquired = 0;
  let counting: Promise<void> | null = null;

  async function count(): Promise<void> {
    const acquiredBefore = acquired;
    const startedAt = clock.now();
    storeCount = await store.countOpen();
    countedAt = startedAt;
    // Orders acquired during the count may be in it, too. Counting them twice only refuses too early.
    acquired -= acquiredBefore;
  }

  /** Counts at most once a second, and shares a running count. Null: the last count is recent enough. */
  function refresh(): Promise<void> | null {
    const age = clock.now() - countedAt;
    if (age >= 0 && age < REFRESH_MS) return null;
    counting ??= count().finally(() => {
      counting = null;
    });
    return counting;
  }

  return {
    limit,
    tryAcquire: async () => {
      await refresh();
      if (storeCount + acquired >= limit) return false;
      acquired += 1;
      return true;
    },
    release: () => {
      acquired = Math.max(0, acquired - 1);
    },
  };
}
