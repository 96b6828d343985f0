/**
 * Wakes on this release's queue, and consumes also those of the releases before it: during a roll-out or a roll-back their api
 * processes wake the orders that they accept there.
 */
import { Semaphore } from '../runtime/semaphore.ts';
import type { WakeQueue, WakeUp } from './port.ts';

export class MultiVersionQueue implements WakeQueue {
  readonly #own: WakeQueue;
  readonly #openOlder: () => readonly WakeQueue[];
  /** Opened by `consume`: an api process does not need them. */
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

  consume(concurrency: number, handle: (orderId: string) => Promise<void>): void {
    const semaphore = new Semaphore(concurrency);
    this.#older = this.#openOlder();
    for (const queue of [this.#own, ...this.#older]) {
      queue.consume(concurrency, (orderId) => semaphore.run(() => handle(orderId)));
    }
  }

  depth(): ReturnType<WakeQueue['depth']> {
    return this.#own.depth();
  }

  async close(): Promise<void> {
    await Promise.all([this.#own, ...this.#older].map((queue) => queue.close()));
  }
}
