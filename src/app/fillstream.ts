/**
 * Builds a process of one role, each part on the ones below it, and takes it down in reverse. This folder alone picks
 * adapters.
 */
import { machineRegistry, type MachineRegistry } from '../../machines/registry.ts';
import type { Config } from '../settings/config.ts';
import { startApi } from './roles/api.ts';
import { openBackends } from './adapters/backends.ts';
import { startHealthServer } from './roles/health-server.ts';
import { startNotificationsOnly } from './roles/notifications-only.ts';
import type { ShutdownSteps } from './adapters/shutdown.ts';
import { startSweeper } from './roles/sweeper.ts';
import { startWorker } from './roles/worker.ts';

/**
 * - `api`: takes orders and serves their feeds
 * - `worker`: runs them
 * - `all`: both
 */
export type Role = 'all' | 'api' | 'worker';

export interface Running {
  /** Where it takes requests; null for a worker without a port. */
  readonly url: string | null;
  /** What it runs on, for people. */
  readonly uses: Readonly<Record<string, string>>;
  /** Hands over what runs and stops; every part that was started is stopped. */
  close(): Promise<void>;
}

/** @throws UserFault when something around it has to be put right */
export async function startFillstream(
  config: Config,
  role: Role,
  registry: MachineRegistry = machineRegistry,
): Promise<Running> {
  const stops: ShutdownSteps = [];
  const close = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const backends = await openBackends(config, registry, stops);
    const url = await startRole(role, config, backends, stops);
    return { url, uses: backends.uses, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function startRole(
  role: Role,
  config: Config,
  backends: Awaited<ReturnType<typeof openBackends>>,
  stops: ShutdownSteps,
): Promise<string | null> {
  if (role === 'worker') {
    const worker = await startWorker(config, backends, startNotificationsOnly(backends, stops), stops);
    startSweeper(config, backends, worker, stops);
    return startHealthServer(config, backends, stops);
  }
  const api = startApi(config, backends, stops);
  const worker = role === 'all' ? await startWorker(config, backends, api.notifications, stops) : null;
  startSweeper(config, backends, worker, stops);
  return api.listen();
}
