import type { WakeQueue, WakeUp } from '../queue/port.ts';
import type { Log } from '../telemetry/log.ts';

/** Asks for a worker and waits for nobody. A lost wake-up costs a second: the sweeper finds the order. */
export function wakeFor(
  { queue, log }: { readonly queue: Pick<WakeQueue, 'wake'>; readonly log: Log },
  wakeUp: WakeUp,
): void {
  queue.wake([wakeUp]).catch((error: unknown) => {
    log.warn({ err: error, orderId: wakeUp.orderId }, 'a wake-up was lost; the sweeper will find the order');
  });
}
