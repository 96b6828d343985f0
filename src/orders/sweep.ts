/**
 * Finds orders that need a worker and have no wake-up on its way: their worker is dead, their backoff is over, or the queue lost
 * the job. Recovery depends on the sweep alone; the queue only makes it faster.
 */
import type { Logger } from 'pino';
import type { WakeQueue } from '../queue/port.ts';
import type { DueOrder, WorkStore } from '../store/ports.ts';

/** The worker of the same process. */
export interface LocalWorker {
  readonly freeSlots: number;
  /** Claims the order if a slot is free. */
  claimIfFree(orderId: string): Promise<void>;
}

export interface SweepDeps {
  readonly work: Pick<WorkStore, 'due'>;
  readonly queue: Pick<WakeQueue, 'wake' | 'depth'>;
  readonly worker: LocalWorker | null;
  readonly machineVersion: number;
  readonly release: string;
  readonly deadAfterMs: number;
  readonly log: Logger;
}

/** A process reads more only if its worker has room for them, so that a long backlog is not read repeatedly. */
const BATCH = 200;

/** An order that is overdue by less may still have a job in the queue. */
const OVERDUE_MS = 1_000;

/** An order that is overdue by more has lost its job, even if the queue is busy with others. */
const FORGOTTEN_MS = 10_000;

/** One pass. Every process calls it periodically. */
export async function sweep(deps: SweepDeps): Promise<void> {
  const { work, queue, worker, machineVersion, release, deadAfterMs } = deps;
  const free = worker?.freeSlots ?? 0;
  // A full worker leaves the search to other processes.
  if (worker !== null && free === 0) return;
  const query = { machineVersion, release, deadAfterMs, limit: Math.max(BATCH, free) };
  const due = await work.due({ ...query, overdueByMs: OVERDUE_MS });
  if (due.length === 0) return;
  if (worker !== null)
    await Promise.all(due.slice(0, free).map(({ orderId }) => worker.claimIfFree(orderId)));
  const rest = due.slice(free);
  if (rest.length === 0) return;
  const depth = await queue.depth();
  if (depth?.waiting === 0) await wakeAgain(deps, rest);
  else await wakeAgain(deps, await work.due({ ...query, overdueByMs: FORGOTTEN_MS }));
}

async function wakeAgain({ queue, log }: SweepDeps, due: readonly DueOrder[]): Promise<void> {
  if (due.length === 0) return;
  try {
    await queue.wake(due);
    log.debug({ orders: due.length }, 'woke overdue orders');
  } catch (thrown) {
    log.debug(
      { err: thrown, orders: due.length },
      'the queue does not answer: these orders wait until a worker has a free slot',
    );
  }
}
