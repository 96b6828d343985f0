/** Wake-ups within one process and without Redis: for tests of what the wake-ups wake. */
import type { WakeQueue, WakeUp } from '../../src/queue/port.ts';

export class InProcessQueue implements WakeQueue {
  readonly #consumers: ((orderId: string) => Promise<void>)[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #waiting: WakeUp[] = [];

  wake(wakeUps: readonly WakeUp[]): Promise<void> {
    for (const wakeUp of wakeUps) {
      const consumer = this.#consumers.at(-1);
      if (consumer === undefined) this.#waiting.push(wakeUp);
      else void consumer(wakeUp.orderId);
    }
    return Promise.resolve();
  }

  wakeLater(wakeUp: WakeUp, delayMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.wake([wakeUp]);
    }, delayMs);
    this.#timers.add(timer);
    return Promise.resolve();
  }

  consume(_concurrency: number, take: (orderId: string) => Promise<void>): void {
    this.#consumers.push(take);
    void this.wake(this.#waiting.splice(0));
  }

  depth(): Promise<{ waiting: number; delayed: number }> {
    return Promise.resolve({ waiting: this.#waiting.length, delayed: this.#timers.size });
  }

  close(): Promise<void> {
    this.#timers.forEach(clearTimeout);
    return Promise.resolve();
  }
}
