import type { Store } from '../../src/store/ports.ts';

interface Orphaned {
  readonly orderId: string;
  readonly at: number;
}

/** How long the orders of a worker that fell silent had to wait for their next entry. */
export class Takeovers {
  readonly #store: Store;
  readonly #orphans: Orphaned[] = [];
  readonly #looking = new Set<Promise<void>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** @param at Unix milliseconds: when it fell silent */
  sawSilence(workerId: string | null, at: number): void {
    if (workerId === null) return;
    const looking: Promise<void> = this.#store.work
      .runBy(workerId)
      .then((orderIds) => {
        this.#orphans.push(...orderIds.map((orderId) => ({ orderId, at })));
      })
      // The store is away, too: what that costs is not the worker's death.
      .catch(() => undefined)
      .finally(() => this.#looking.delete(looking));
    this.#looking.add(looking);
  }

  /** Milliseconds from the silence to the order's next entry, the effect that was repeated for it included. */
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
