/**
 * Wakes on this release's queue, and listens to those of the releases before it, too: while they are rolled out or
 * back, their apis still wake the orders that they accept there.
 */
import { Semaphore } from '../runtime/semaphore.ts';
import type { WakeQueue, WakeUp } from './port.ts';

export class MultiVersionQueue implements WakeQueue {
  readonly #own: WakeQueue;
  readonly #openOlder: () => readonly WakeQueue[];
  /** Opened by who listens: an api needs none of them. */
  #older: readonly WakeQueue[] = [];

  constructor(own: WakeQueue, openOlder: () => readonly WakeQueue[]) {
    this.#own = own;
    this.#openOlder = openOlder;
  }

  wake(wakeUps: readonly WakeUp[]): Promise<void> {
    return this.#own.wake(wakeUps);
  }

  wakeLater(wakeUp: WakeUp, delayMs: number): Promise<void> {
    return this.#own.wakeLater(wakeUp, delayMs);
  }

  consume(concurrency: number, take: (orderId: string) => Promise<void>): void {
    const semaphore = new Semaphore(concurrency);
    this.#older = this.#openOlder();
    for (const queue of [this.#own, ...this.#older]) {
      queue.consume(concurrency, (orderId) => semaphore.run(() => take(orderId)));
    }
  }

  depth(): ReturnType<WakeQueue['depth']> {
    return this.#own.depth();
  }

  async close(): Promise<void> {
    await Promise.all([this.#own, ...this.#older].map((queue) => queue.close()));
  }
}
