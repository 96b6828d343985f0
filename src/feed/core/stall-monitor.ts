/**
 * Finds readers that leave bytes unread and take none: below the cap of what a connection may buffer nothing else would end them.
 * What the kernel still takes for a client that stopped reading cannot be seen, and costs this process nothing.
 */
import type { Clock } from '../../runtime/time.ts';
import type { Drainable } from './drain-monitor.ts';

interface Stall {
  readonly progress: string;
  readonly since: number;
}

export class StallMonitor<Connection extends { readonly reader: Drainable }> {
  readonly #stalledReaderMs: number;
  readonly #clock: Clock;
  /** Those alone that leave bytes unread. */
  readonly #stalls = new Map<Connection, Stall>();

  constructor(stalledReaderMs: number, clock: Clock) {
    this.#stalledReaderMs = stalledReaderMs;
    this.#clock = clock;
  }

  /** @param connections all that are open @returns those that have taken nothing for too long */
  check(connections: Iterable<Connection>): readonly Connection[] {
    const now = this.#clock.now();
    const stalled: Connection[] = [];
    for (const connection of connections) {
      const { reader } = connection;
      const progress = reader.bufferedBytes() > 0 ? reader.readProgress() : null;
      const stall = this.#stalls.get(connection);
      if (progress === null) this.#stalls.delete(connection);
      else if (stall?.progress !== progress) this.#stalls.set(connection, { progress, since: now });
      else if (now - stall.since >= this.#stalledReaderMs) stalled.push(connection);
    }
    return stalled;
  }

  forget(connection: Connection): void {
    this.#stalls.delete(connection);
  }
}
