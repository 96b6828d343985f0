import type { Config } from '../../settings/config.ts';
import { withOutageGrace } from '../../orders/outage-grace.ts';
import { sweep, type LocalWorker } from '../../orders/sweep.ts';
import { every, systemClock } from '../../runtime/time.ts';
import type { Backends } from '../adapters/backends.ts';
import type { ShutdownSteps } from '../adapters/shutdown.ts';

/** The orders of a dead worker wait at most this long, after `DEAD_AFTER_MS`. */
const SWEEP_MS = 500;

/** Every process sweeps, because any process may die. */
export function startSweeper(
  config: Config,
  { store, queue, registry, release, log }: Backends,
  worker: LocalWorker | null,
  stops: ShutdownSteps,
): void {
  const work = withOutageGrace(store.work, systemClock);
  const pass = () =>
    sweep({
      work,
      queue,
      worker,
      machineVersion: registry.current,
      release,
      deadAfterMs: config.DEAD_AFTER_MS,
      log,
    });
  const onFailure = (thrown: unknown) =>
    log.warn({ err: thrown }, `sweep failed; the next one starts in ${SWEEP_MS} ms`);
  stops.push(every(SWEEP_MS, pass, onFailure));
}
