/**
 * How many orders are in flight, well enough to refuse more: the store's count, at most a second old, and what was
 * accepted here since. Several processes may together exceed the limit by what they accept within a second.
 */
import type { Clock } from '../runtime/time.ts';
import type { OrderStore } from '../store/ports.ts';

export interface OpenOrders {
  readonly limit: number;
  /** Takes a place; false when none is free. @throws StoreUnavailable */
  takePlace(): Promise<boolean>;
  /** The place was taken for nothing: no order was stored. */
  giveBack(): void;
}

const REFRESH_MS = 1_000;

export function countOpenOrders(
  store: Pick<OrderStore, 'countOpen'>,
  clock: Clock,
  limit: number,
): OpenOrders {
  let counted = 0;
  let countedAt = -Infinity;
  /** Places taken since the count began, stored or about to be. */
  let taken = 0;
  let counting: Promise<void> | null = null;

  async function count(): Promise<void> {
    const takenBefore = taken;
    const startedAt = clock.now();
    counted = await store.countOpen();
    countedAt = startedAt;
    // What was taken while the store counted may or may not be in its count: counting it twice errs on the safe side.
    taken -= takenBefore;
  }

  /** One count a second, whoever asks; nobody decides on an older one. */
  function fresh(): Promise<void> | null {
    const age = clock.now() - countedAt;
    if (age >= 0 && age < REFRESH_MS) return null;
    counting ??= count().finally(() => {
      counting = null;
    });
    return counting;
  }

  return {
    limit,
    takePlace: async () => {
      await fresh();
      if (counted + taken >= limit) return false;
      taken += 1;
      return true;
    },
    giveBack: () => {
      taken = Math.max(0, taken - 1);
    },
  };
}
