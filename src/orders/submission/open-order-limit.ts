/**
 * Limits the number of open orders. It adds the orders accepted by this process to the store's count, which is at most one
 * second old. Several processes together may exceed the limit by what they accept within a second.
 */
import type { Clock } from '../../runtime/time.ts';
import type { OrderStore } from '../../store/ports.ts';

export interface OpenOrderLimit {
  readonly limit: number;
  /** Counts one more order. Null: the limit is reached. @throws StoreUnavailable */
  tryAcquire(): Promise<OpenOrderPermit | null>;
}

/** One of the two is called, once. */
export interface OpenOrderPermit {
  /** The order is in the store. */
  stored(): void;
  /** The order was not stored: it no longer counts. */
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
  /** On the way to the store, where no count may have seen them yet. */
  let pending = 0;
  /** Stored since the last count of the store began. */
  let stored = 0;
  let counting: Promise<void> | null = null;

  async function count(): Promise<void> {
    const storedBefore = stored;
    const startedAt = clock.now();
    storeCount = await store.countOpen();
    countedAt = startedAt;
    // Orders stored during the count may be in it, too. Counting them twice only refuses too early.
    stored -= storedBefore;
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

  const permit: OpenOrderPermit = {
    stored: () => {
      pending -= 1;
      stored += 1;
    },
    release: () => {
      pending -= 1;
    },
  };

  return {
    limit,
    tryAcquire: async () => {
      await refresh();
      if (storeCount + pending + stored >= limit) return null;
      pending += 1;
      return permit;
    },
  };
}
