import type { WakeQueue, WakeUp } from '../queue/port.ts';
import type { Log } from '../telemetry/log.ts';

/** Wakes a worker for the order without waiting. A lost wake-up delays the order by about a second: the sweeper finds it. */
export function wakeOrder(
  { queue, log }: { readonly queue: Pick<WakeQueue, 'wake'>; readonly log: Log },
  wakeUp: WakeUp,
): void {
  queue.wake([wakeUp]).catch((error: unknown) => {
    log.warn({ err: error, orderId: wakeUp.orderId }, 'wake-up failed; the sweeper will find the order');
  });
}
