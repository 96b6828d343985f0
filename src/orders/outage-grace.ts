/**
 * During an outage of the store no heartbeat arrives, so that after it all workers look dead and would take each other's orders.
 * This wrapper therefore treats no worker as dead until each live one has had time for a heartbeat.
 */
import type { DueOrder, DueQuery, WorkStore } from '../store/ports.ts';
import type { Clock } from '../runtime/time.ts';

/** Longer than the store remembers a worker. */
const NO_WORKER_IS_DEAD_MS = 7 * 86_400_000;

export function withOutageGrace(work: Pick<WorkStore, 'due'>, clock: Clock): Pick<WorkStore, 'due'> {
  let lastOutageAt = -Infinity;

  return {
    async due(query: DueQuery): Promise<readonly DueOrder[]> {
      const askedAt = clock.now();
      const isGraceOver = askedAt - lastOutageAt >= query.deadAfterMs;
      try {
        const orders = await work.due(isGraceOver ? query : { ...query, deadAfterMs: NO_WORKER_IS_DEAD_MS });
        // A slower answer may come from a store that missed too many heartbeats while it was unavailable.
        if (clock.now() - askedAt <= query.deadAfterMs / 2) return orders;
      } catch (thrown) {
        lastOutageAt = clock.now();
        throw thrown;
      }
      lastOutageAt = clock.now();
      return [];
    },
  };
}
