import type { HealthDeps } from '../../http/routes/health.ts';
import { releaseVersion } from '../../settings/release-version.ts';
import { systemClock } from '../../runtime/time.ts';
import type { Config } from '../../settings/config.ts';
import type { Backends } from '../adapters/backends.ts';
import type { SignersPart } from './signers-part.ts';

const PROBE_LIMIT_MS = 1_000;
const HELD_SHOWN = 5;

/** The health of the parts that every role runs on, and of the signers where it has some. */
export function healthOf(
  config: Config,
  { store, queue }: Backends,
  role: Pick<HealthDeps, 'connections' | 'isShuttingDown'>,
  signers: SignersPart | null,
): HealthDeps {
  return {
    ...role,
    probes: {
      store: async () => {
        await store.check();
        return undefined;
      },
      queue: async () => (await queue.depth()) ?? Promise.reject(new Error('Redis does not answer')),
      // How far the workers are behind: the number of open orders, and how long the oldest due one has waited for a worker.
      backlog: async () => {
        const [open, [oldest]] = await Promise.all([
          store.orders.countOpen(),
          store.work.due({
            // Also orders that only a newer release can run.
            machineVersion: Number.MAX_SAFE_INTEGER,
            release: null,
            deadAfterMs: config.DEAD_AFTER_MS,
            overdueByMs: 0,
            limit: 1,
          }),
        ]);
        return { openOrders: open, oldestDueMs: Math.round(oldest?.dueForMs ?? 0) };
      },
      // Orders that no release runs which has tried: an operator has to look.
      held: async () => {
        const { total, orders } = await store.work.held(HELD_SHOWN);
        if (total === 0) return { orders: 0 };
        return { orders: total, first: orders.map(({ orderId }) => orderId), status: 'degraded' };
      },
      ...(signers === null ? {} : { signers: signers.probe }),
    },
    version: releaseVersion(),
    clock: systemClock,
    probeLimitMs: PROBE_LIMIT_MS,
  };
}
