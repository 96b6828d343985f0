/**
 * The composition root: builds a process of one role, and stops its parts in reverse order. Only this folder chooses
 * adapters.
 */
import { machineRegistry, type MachineRegistry } from '../../machines/registry.ts';
import type { Config } from '../settings/config.ts';
import { checkPortIsFree } from '../http/listen.ts';
import { startApi } from './roles/api.ts';
import { openBackends } from './adapters/backends.ts';
import { openIdentities } from './adapters/open-identity.ts';
import { startHealthServer } from './roles/health-server.ts';
import { startNotificationsOnly } from './roles/notifications-only.ts';
import type { ShutdownSteps } from './adapters/shutdown.ts';
import { SignersPart } from './roles/signers-part.ts';
import { startSweeper } from './roles/sweeper.ts';
import { startWorker } from './roles/worker.ts';

const never = new Promise<never>(() => undefined);

/**
 * - `api`: accepts orders and serves their feeds
 * - `worker`: runs orders
 * - `all`: both
 */
export type Role = 'all' | 'api' | 'worker';

export interface Running {
  /** Where it serves HTTP. Null: a worker without HEALTH_PORT. */
  readonly url: string | null;
  /** Its store, Redis and chain, for people. */
  readonly uses: Readonly<Record<string, string>>;
  /** Releases its orders and stops all parts. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly registry?: MachineRegistry;
  /** Settles when the process is to stop. Before it has started, it stops what it has begun. */
  readonly interrupted?: Promise<unknown>;
}

/**
 * @returns null: it was interrupted while it started, and has stopped again
 * @throws OperatorError when the operator has to fix something
 */
export async function startFillstream(
  config: Config,
  role: Role,
  { registry = machineRegistry, interrupted = never }: StartOptions = {},
): Promise<Running | null> {
  const interruption = new AbortController();
  void interrupted.then(() => interruption.abort());
  const steps: ShutdownSteps = [];
  const close = async (): Promise<void> => {
    for (const step of steps.splice(0).reverse()) await step();
  };
  try {
    if (role !== 'worker') await checkPortIsFree(config.HOST, config.PORT);
    const backends = await openBackends(config, registry, steps);
    const url = interruption.signal.aborted ? null : await startRole(role, config, backends, steps);
    if (interruption.signal.aborted) {
      await close();
      return null;
    }
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
  steps: ShutdownSteps,
): Promise<string | null> {
  const signers = new SignersPart();
  if (role === 'worker') {
    const notifications = startNotificationsOnly(backends, steps);
    const worker = await startWorker(config, backends, notifications, steps, signers);
    startSweeper(config, backends, worker, steps);
    return startHealthServer(config, backends, steps, signers);
  }
  const identity = await openIdentities(config, backends, steps);
  const api = startApi(config, backends, identity, steps, role === 'all' ? signers : null);
  const worker =
    role === 'all' ? await startWorker(config, backends, api.notifications, steps, signers) : null;
  startSweeper(config, backends, worker, steps);
  return api.listen();
}
