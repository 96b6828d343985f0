/**
 * A store that was away has heard from nobody, so that everybody seems dead when it is back. Whoever asks it for due
 * orders then leaves the workers alone for as long as a living one needs to say so; else all of them would take each
 * other's orders.
 */
import type { DueOrder, DueQuery, WorkStore } from '../store/ports.ts';
import type { Clock } from '../runtime/time.ts';

/** Longer than a worker is remembered. */
const NOBODY_IS_DEAD_MS = 7 * 86_400_000;

export function dueAfterOutage(work: Pick<WorkStore, 'due'>, clock: Clock): Pick<WorkStore, 'due'> {
  let awayUntil = -Infinity;

  return {
    async due(query: DueQuery): Promise<readonly DueOrder[]> {
      const askedAt = clock.now();
      const isBack = askedAt - awayUntil >= query.deadAfterMs;
      try {
        const orders = await work.due(isBack ? query : { ...query, deadAfterMs: NOBODY_IS_DEAD_MS });
        // One that took longer may be about a store that has been away for too many heartbeats.
        if (clock.now() - askedAt <= query.deadAfterMs / 2) return orders;
      } catch (thrown) {
        awayUntil = clock.now();
        throw thrown;
      }
      awayUntil = clock.now();
      return [];
    },
  };
}
