/**
 * Tells the other servers what was committed here. A hint saves its hearer a look at the journal, and nothing else depends
 * on it: it may be lost, late, doubled or, from a stranger on the same Redis, junk.
 */
import type { Logger } from 'pino';
import { z } from 'zod';
import { orderIdSchema } from '../protocol/fields.ts';
import { journaledMessageSchema, type JournaledMessage } from '../protocol/messages.ts';

export interface Hints {
  /** An entry was committed. */
  announce(message: JournaledMessage): void;
  /** A command lies in the order's inbox. */
  commandWaiting(orderId: string): void;
  onCommand(handler: (orderId: string) => void): void;
}

/** The bus between servers: `serverSideEmit` reaches all but this one. */
export interface ServerBus {
  serverSideEmit(event: 'hints', entries: unknown, commands: unknown): unknown;
  on(event: 'hints', heard: (entries: unknown, commands: unknown) => void): unknown;
}

export interface HintDeps {
  readonly bus: ServerBus;
  /** False: nothing would arrive; the work of encoding it is spared. */
  readonly isUp: () => boolean;
  /** Who is told of entries on this server. */
  readonly feed: { watches(orderId: string): boolean; offer(message: JournaledMessage): void };
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

/** Larger batches would hold up Redis and the hearers. */
const HINTS_A_BATCH = 200;

const batchSchema = z.tuple([
  z.array(z.looseObject({ orderId: orderIdSchema })).max(HINTS_A_BATCH),
  z.array(orderIdSchema).max(HINTS_A_BATCH),
]);

export class HintBus implements Hints {
  readonly #deps: HintDeps;
  readonly #handlers: ((orderId: string) => void)[] = [];
  #entries: JournaledMessage[] = [];
  #commands: string[] = [];
  #flushing: NodeJS.Immediate | null = null;
  #warned = false;

  constructor(deps: HintDeps) {
    this.#deps = deps;
    deps.bus.on('hints', (entries, commands) => this.#hear(entries, commands));
  }

  announce(message: JournaledMessage): void {
    this.#deps.feed.offer(message);
    if (!this.#deps.isUp()) return;
    this.#entries.push(message);
    this.#flushSoon();
  }

  commandWaiting(orderId: string): void {
    this.#handleCommand(orderId);
    if (!this.#deps.isUp()) return;
    this.#commands.push(orderId);
    this.#flushSoon();
  }

  onCommand(handler: (orderId: string) => void): void {
    this.#handlers.push(handler);
  }

  /** Sends what this turn of the event loop has gathered, in as few messages as may be. */
  flush(): void {
    if (this.#flushing !== null) clearImmediate(this.#flushing);
    this.#flushing = null;
    const entries = this.#entries;
    const commands = this.#commands;
    this.#entries = [];
    this.#commands = [];
    const longest = Math.max(entries.length, commands.length);
    for (let sent = 0; sent < longest; sent += HINTS_A_BATCH) {
      const until = sent + HINTS_A_BATCH;
      this.#deps.bus.serverSideEmit('hints', entries.slice(sent, until), commands.slice(sent, until));
    }
  }

  #flushSoon(): void {
    this.#flushing ??= setImmediate(() => this.flush());
  }

  #hear(entries: unknown, commands: unknown): void {
    const batch = batchSchema.safeParse([entries, commands]);
    if (!batch.success) {
      this.#warn();
      return;
    }
    const [heard, waiting] = batch.data;
    for (const entry of heard) {
      // Most orders are watched elsewhere, if at all: reading their entries would be the larger part of the work.
      if (!this.#deps.feed.watches(entry.orderId)) continue;
      const message = journaledMessageSchema.safeParse(entry);
      if (message.success) this.#deps.feed.offer(message.data);
      else this.#warn();
    }
    for (const orderId of waiting) this.#handleCommand(orderId);
  }

  #handleCommand(orderId: string): void {
    for (const handler of this.#handlers) {
      try {
        handler(orderId);
      } catch (thrown) {
        this.#deps.log.error({ err: thrown, orderId }, 'a command hint was not taken');
      }
    }
  }

  #warn(): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#deps.log.warn({}, 'a hint from another server is not understood; is another release running?');
  }
}
