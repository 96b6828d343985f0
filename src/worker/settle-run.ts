import type { Logger } from 'pino';
import type { WakeQueue } from '../queue/port.ts';
import type { WorkStore } from '../store/ports.ts';
import type { RunEnd } from './order-run.ts';

export interface SettleDeps {
  readonly work: Pick<WorkStore, 'release' | 'hold'>;
  readonly queue: Pick<WakeQueue, 'wake' | 'wakeLater'>;
  /** Which release this is, in the words of `WorkStore.hold`. */
  readonly release: string;
  readonly log: Logger;
}

/** Does what the end of a run requires: schedules the next wake-up, releases the order, or holds it. */
export async function settleRun(
  { work, queue, release, log }: SettleDeps,
  orderId: string,
  end: RunEnd,
): Promise<void> {
  switch (end.kind) {
    case 'ended':
      return;
    case 'parked':
      return queue.wakeLater({ orderId, version: end.version }, end.forMs);
    case 'lost':
      log.info({ orderId }, 'order runs on another worker now');
      return;
    case 'stopped':
      if (await work.release(orderId, end.version, 0)) {
        await queue.wake([{ orderId, version: end.version + 1 }]);
      }
      return;
    case 'broken': {
      log.error({ orderId, err: end.thrown }, 'order held: its machine or a commit failed unexpectedly');
      const message = end.thrown instanceof Error ? end.thrown.message : String(end.thrown);
      await work.hold(orderId, end.version, { code: 'machine_broken', message }, release);
    }
  }
}
