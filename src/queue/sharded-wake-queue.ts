/**
 * Wake-ups over several independent Redis servers. The order's id alone decides the server. A server that is lost affects only its
 * shard, whose orders the sweeper finds meanwhile. Every worker consumes from all servers, so that processes whose lists of
 * servers differ still wake each other's orders.
 */
import { Semaphore } from '../runtime/semaphore.ts';
import type { WakeQueue, WakeUp } from './port.ts';

export class ShardedWakeQueue implements WakeQueue {
  readonly #shards: readonly WakeQueue[];

  constructor(shards: readonly WakeQueue[]) {
    if (shards.length === 0) throw new Error('there is no server for wake-ups: expected at least one');
    this.#shards = shards;
  }

  /** Rejects when a server did not take its wake-ups; the other servers have theirs. */
  async wake(wakeUps: readonly WakeUp[]): Promise<void> {
    const saved = await Promise.allSettled(
      this.#shards.map((shard) =>
        shard.wake(wakeUps.filter(({ orderId }) => this.#shardOf(orderId) === shard)),
      ),
    );
    const reasons: unknown[] = [];
    for (const one of saved) if (one.status === 'rejected') reasons.push(one.reason);
    if (reasons.length === 0) return;
    throw new AggregateError(
      reasons,
      `${reasons.length} of ${this.#shards.length} servers did not take their wake-ups`,
    );
  }

  async wakeLater(wakeUp: WakeUp, delayMs: number): Promise<void> {
    await this.#shardOf(wakeUp.orderId).wakeLater(wakeUp, delayMs);
  }

  consume(concurrency: number, handle: (orderId: string) => Promise<void>): void {
    const semaphore = new Semaphore(concurrency);
    // A server delivers up to this many before one is done: the whole concurrency for each would keep wake-ups from free workers.
    const each = Math.ceil(concurrency / this.#shards.length);
    for (const shard of this.#shards) shard.consume(each, (orderId) => semaphore.run(() => handle(orderId)));
  }

  /** The sum over the servers that answer; null when none does. */
  async depth(): Promise<{ readonly waiting: number; readonly delayed: number } | null> {
    const depths = await Promise.all(this.#shards.map((shard) => shard.depth()));
    const known = depths.filter((depth) => depth !== null);
    if (known.length === 0) return null;
    return {
      waiting: known.reduce((sum, { waiting }) => sum + waiting, 0),
      delayed: known.reduce((sum, { delayed }) => sum + delayed, 0),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#shards.map((shard) => shard.close()));
  }

  #shardOf(orderId: string): WakeQueue {
    const shard = this.#shards[hashOf(orderId) % this.#shards.length];
    if (shard === undefined) throw new Error('there is no server for wake-ups: expected at least one');
    return shard;
  }
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
