/**
 * Finds the orders that want a worker and that no wake-up reaches: their worker is dead, their time has come, or the
 * queue forgot them. Recovery rests on this alone; the queue only makes it fast.
 */
import type { Logger } from 'pino';
import type { WakeQueue } from '../queue/port.ts';
import type { DueOrder, WorkStore } from '../store/ports.ts';

/** The worker of the same process, where there is one. */
export interface WorkerHere {
  readonly freeCapacity: number;
  /** Takes the order if a slot is still free. */
  wakeIfFree(orderId: string): Promise<void>;
}

export interface SweepDeps {
  readonly work: Pick<WorkStore, 'due'>;
  readonly queue: Pick<WakeQueue, 'wake' | 'depth'>;
  readonly worker: WorkerHere | null;
  readonly machineVersion: number;
  readonly deadAfterMs: number;
  readonly log: Logger;
}

/** More are asked for only by who has room for them: a long line of waiting orders is not read again and again. */
const BATCH = 200;

/** What is overdue by less is still on its way through the queue. */
const OVERDUE_MS = 1_000;

/** What is overdue by more is taken for forgotten even while the queue is busy with others. */
const FORGOTTEN_MS = 10_000;

/** One pass. Called once a second, by every process. */
export async function sweep(deps: SweepDeps): Promise<void> {
  const { work, queue, worker, machineVersion, deadAfterMs } = deps;
  const free = worker?.freeCapacity ?? 0;
  // A busy worker leaves the search to those that have time: the queue holds more than it can take.
  if (worker !== null && free === 0) return;
  const query = { machineVersion, deadAfterMs, limit: Math.max(BATCH, free) };
  const due = await work.due({ ...query, overdueByMs: OVERDUE_MS });
  if (due.length === 0) return;
  if (worker !== null) await Promise.all(due.slice(0, free).map(({ orderId }) => worker.wakeIfFree(orderId)));
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
    log.debug({ orders: due.length }, 'woke orders that no job remembered');
  } catch (thrown) {
    log.debug(
      { err: thrown, orders: due.length },
      'the queue is away: these orders wait for a free reservation',
    );
  }
}
