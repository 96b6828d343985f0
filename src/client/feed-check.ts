/** Checks that a feed delivers each order's entries once, in order, numbered 1..n. */
import type { JournaledMessage } from '../protocol/messages.ts';

export class FeedCheck {
  readonly #lastSeq = new Map<string, number>();
  readonly #ended = new Map<string, JournaledMessage['type']>();
  readonly #faults: string[] = [];
  #entries = 0;

  add({ orderId, seq, type }: Pick<JournaledMessage, 'orderId' | 'seq' | 'type'>): void {
    const expected = (this.#lastSeq.get(orderId) ?? 0) + 1;
    if (seq !== expected) this.#faults.push(`order ${orderId}: received seq ${seq}, expected ${expected}`);
    this.#lastSeq.set(orderId, Math.max(seq, expected - 1));
    this.#entries += 1;
    if (type === 'confirmed' || type === 'failed' || type === 'cancelled') this.#ended.set(orderId, type);
  }

  hasEnded(orderId: string): boolean {
    return this.#ended.has(orderId);
  }

  /** Undefined: the order has not ended. */
  endedAs(orderId: string): JournaledMessage['type'] | undefined {
    return this.#ended.get(orderId);
  }

  get entries(): number {
    return this.#entries;
  }

  /** All gaps, repeats and entries out of order. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** The number of orders that ended with each type. */
  endings(): ReadonlyMap<JournaledMessage['type'], number> {
    const counts = new Map<JournaledMessage['type'], number>();
    for (const type of this.#ended.values()) counts.set(type, (counts.get(type) ?? 0) + 1);
    return counts;
  }
}
