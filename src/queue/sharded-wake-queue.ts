/**
 * Wake-ups over several servers that know nothing of each other. An order's go to one of them, found from its id alone; a
 * server that is lost takes its share along and nothing else, and the sweeper finds that share's orders meanwhile. Every
 * worker listens to all servers, so that processes that were given other lists, or another order, still wake each other.
 */
import { Semaphore } from '../runtime/semaphore.ts';
import type { WakeQueue, WakeUp } from './port.ts';

export class ShardedWakeQueue implements WakeQueue {
  readonly #shares: readonly WakeQueue[];

  constructor(shares: readonly WakeQueue[]) {
    if (shares.length === 0) throw new Error('there is no server for wake-ups: expected at least one');
    this.#shares = shares;
  }

  /** Rejects when a share of them was lost; the other shares are held all the same. */
  async wake(wakeUps: readonly WakeUp[]): Promise<void> {
    const saved = await Promise.allSettled(
      this.#shares.map((share) =>
        share.wake(wakeUps.filter(({ orderId }) => this.#shareOf(orderId) === share)),
      ),
    );
    const reasons: unknown[] = [];
    for (const one of saved) if (one.status === 'rejected') reasons.push(one.reason);
    if (reasons.length === 0) return;
    throw new AggregateError(
      reasons,
      `${reasons.length} of ${this.#shares.length} servers did not take their wake-ups`,
    );
  }

  async wakeLater(wakeUp: WakeUp, delayMs: number): Promise<void> {
    await this.#shareOf(wakeUp.orderId).wakeLater(wakeUp, delayMs);
  }

  consume(concurrency: number, take: (orderId: string) => Promise<void>): void {
    const semaphore = new Semaphore(concurrency);
    // A server gives up to this many before one is done: all of them for each would keep them from workers that are free.
    const each = Math.ceil(concurrency / this.#shares.length);
    for (const share of this.#shares) share.consume(each, (orderId) => semaphore.run(() => take(orderId)));
  }

  /** The sum over the servers that answer; null when none does. */
  async depth(): Promise<{ readonly waiting: number; readonly delayed: number } | null> {
    const depths = await Promise.all(this.#shares.map((share) => share.depth()));
    const known = depths.filter((depth) => depth !== null);
    if (known.length === 0) return null;
    return {
      waiting: known.reduce((sum, { waiting }) => sum + waiting, 0),
      delayed: known.reduce((sum, { delayed }) => sum + delayed, 0),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#shares.map((share) => share.close()));
  }

  #shareOf(orderId: string): WakeQueue {
    const share = this.#shares[hashOf(orderId) % this.#shares.length];
    if (share === undefined) throw new Error('there is no server for wake-ups: expected at least one');
    return share;
  }
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
