/** The role that runs orders. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../../settings/config.ts';
import type { Notifications } from '../../notifications/notifications.ts';
import { definitionsOf } from '../../inspection/inspection-events.ts';
import { openLiveInspection, type LiveInspection } from '../../inspection/live-inspection.ts';
import { systemClock } from '../../runtime/time.ts';
import { Worker } from '../../worker/worker.ts';
import type { Backends } from '../adapters/backends.ts';
import type { ShutdownSteps } from '../adapters/shutdown.ts';
import { openExecution } from '../adapters/open-execution.ts';
import type { SignersPart } from './signers-part.ts';

const RECONCILE_MS = 1_000;
const STOP_WITHIN_MS = 8_000;

export async function startWorker(
  config: Config,
  backends: Backends,
  notifications: Notifications,
  stops: ShutdownSteps,
  signers: SignersPart,
): Promise<Worker> {
  const { store, queue, registry, release, passCrashPoint, log } = backends;
  const { venues, submitter, signerStates } = await openExecution(config, backends, stops);
  if (signerStates !== null) signers.watch(signerStates);
  const workerId = randomUUID();
  const worker = new Worker(
    {
      workerId,
      store,
      queue,
      registry,
      release,
      venues,
      submitter,
      minNetValue: config.MIN_NET_VALUE,
      announce: (message, owner) => notifications.announce(message, owner),
      inspect: openInspection(config, backends, stops),
      clock: systemClock,
      random: Math.random,
      newCommitId: randomUUID,
      passCrashPoint,
      log,
    },
    {
      concurrency: config.CONCURRENCY,
      heartbeatMs: config.HEARTBEAT_MS,
      deadAfterMs: config.DEAD_AFTER_MS,
      reconcileMs: RECONCILE_MS,
      parkAfterMs: config.PARK_AFTER_MS,
      stopWithinMs: STOP_WITHIN_MS,
    },
  );
  notifications.onCommand((orderId) => void worker.readInbox(orderId).catch(() => undefined));
  await worker.start();
  log.info({ workerId, concurrency: config.CONCURRENCY }, 'worker runs');
  stops.push(() => worker.stop());
  return worker;
}

function openInspection(
  { INSPECT_URL: url, INSPECT_SHARE: share }: Config,
  { registry, log }: Backends,
  stops: ShutdownSteps,
): LiveInspection['inspect'] | undefined {
  if (url === undefined) return undefined;
  const inspection = openLiveInspection({
    url,
    share,
    definitions: definitionsOf(registry),
    onState: (state, reason) => log.info({ state, reason }, 'inspector'),
  });
  stops.push(() => {
    inspection.close();
    return Promise.resolve();
  });
  return inspection.inspect;
}
