import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../src/store/ports.ts';

interface Orphaned {
  readonly orderId: string;
  readonly at: number;
}

const LOOK_MS = 25;
const RESUMED_WITHIN_MS = 30_000;

/** Measures how long the orders of a silent worker wait for another worker, and for their next entries. */
export class Takeovers {
  readonly #store: Store;
  readonly #orphans: Orphaned[] = [];
  readonly #resumedAfterMs: number[] = [];
  readonly #looking = new Set<Promise<void>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** @param at when it became silent: Unix milliseconds */
  sawSilence(workerId: string | null, at: number): void {
    if (workerId === null) return;
    const looking: Promise<void> = this.#look(workerId, at)
      // The store does not answer either: such delays do not count.
      .catch(() => undefined)
      .finally(() => this.#looking.delete(looking));
    this.#looking.add(looking);
  }

  async #look(workerId: string, at: number): Promise<void> {
    const orderIds = await this.#store.work.runBy(workerId);
    this.#orphans.push(...orderIds.map((orderId) => ({ orderId, at })));
    let waiting: readonly string[] = orderIds;
    while (waiting.length > 0 && Date.now() - at < RESUMED_WITHIN_MS) {
      const orders = await Promise.all(waiting.map((orderId) => this.#store.orders.load(orderId)));
      waiting = orders.flatMap((order) => (order?.worker === workerId ? [order.orderId] : []));
      const afterMs = Date.now() - at;
      for (const order of orders) if (order?.worker !== workerId) this.#resumedAfterMs.push(afterMs);
      await sleep(LOOK_MS);
    }
    // An order that no worker took counts with the whole time.
    this.#resumedAfterMs.push(...waiting.map(() => RESUMED_WITHIN_MS));
  }

  /** Milliseconds from the silence until another worker had the order. */
  async resumedAfterMs(): Promise<readonly number[]> {
    await Promise.all(this.#looking);
    return this.#resumedAfterMs;
  }

  /** Milliseconds from the silence to the order's next entry, including the repeated effect. */
  async delaysMs(): Promise<readonly number[]> {
    await Promise.all(this.#looking);
    const delays: number[] = [];
    for (const { orderId, at } of this.#orphans) {
      const entries = await this.#store.journal.read(orderId, 0, 10_000);
      const next = entries.find((entry) => entry.at > at);
      if (next !== undefined) delays.push(next.at - at);
    }
    return delays;
  }
}
