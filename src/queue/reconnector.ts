/**
 * Keeps one generation of a queue alive: when the present one ends (a connection lost, its scripts flushed, no answer) another
 * takes its place, at once the first time and then slower and slower. A look once a second finds what reports no
 * error: a connection that is half open, and one that takes nothing while wake-ups wait.
 */
import type { Logger } from 'pino';
import { every, type Clock } from '../runtime/time.ts';
import type { BeeConnection } from './bee-connection.ts';
import { withTimeout } from '../runtime/timeout.ts';

export interface ReconnectorOptions {
  readonly begin: (onEnd: (error: unknown) => void) => BeeConnection;
  readonly isConsuming: () => boolean;
  /** The server's, for the log: it may be one of several. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

const LOOK_MS = 1_000;
const ANSWER_WITHIN_MS = 1_000;
/** A Redis that is paused accepts connections and answers when it goes on: those are waited for before new ones are made. */
const READY_WITHIN_MS = 10_000;
/** One that lived for this long was sound: what ended it was an event, and the next one may come at once. */
const SOUND_AFTER_MS = 1_000;
const FIRST_DELAY_MS = 50;
const DELAY_CAP_MS = 1_000;

interface Idle {
  readonly connection: BeeConnection;
  readonly taken: number;
}

export class Reconnector {
  readonly #options: ReconnectorOptions;
  readonly #stopLooking: () => Promise<void>;
  readonly #closing = new Set<Promise<void>>();
  #current: BeeConnection;
  #begunAt: number;
  #ended: BeeConnection | null = null;
  /** In a row: of generations that did not live long enough. */
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #idle: Idle | null = null;
  #isAway = false;
  #isClosed = false;

  constructor(options: ReconnectorOptions) {
    this.#options = options;
    this.#begunAt = options.clock.now();
    this.#current = this.#begin();
    this.#stopLooking = every(
      LOOK_MS,
      () => this.#look(),
      () => undefined,
    );
  }

  /** May have ended; then it refuses at once what is asked of it. */
  get current(): BeeConnection {
    return this.#current;
  }

  replace(ended: BeeConnection, error: unknown): void {
    if (this.#isClosed || ended !== this.#current || ended === this.#ended) return;
    this.#ended = ended;
    this.#tell(true, error);
    const closing = ended.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    const isSound = ended.isReady && this.#options.clock.now() - this.#begunAt >= SOUND_AFTER_MS;
    this.#failures = isSound ? 1 : this.#failures + 1;
    if (this.#failures === 1) this.#reconnect();
    else {
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (this.#failures - 2), DELAY_CAP_MS);
      this.#timer = setTimeout(() => this.#reconnect(), delayMs);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all([this.#stopLooking(), this.#current.close(), ...this.#closing]);
  }

  #reconnect(): void {
    this.#begunAt = this.#options.clock.now();
    this.#current = this.#begin();
  }

  #begin(): BeeConnection {
    const connection: BeeConnection = this.#options.begin((error) => this.replace(connection, error));
    connection.ready.then(
      () => this.#tell(false),
      () => undefined,
    );
    return connection;
  }

  async #look(): Promise<void> {
    const connection = this.#current;
    if (!connection.isReady) {
      if (this.#options.clock.now() - this.#begunAt >= READY_WITHIN_MS)
        this.replace(connection, new Error(`Redis did not answer within ${READY_WITHIN_MS} ms`));
      return;
    }
    try {
      const { waiting } = await withTimeout(connection.depth(), ANSWER_WITHIN_MS, "Redis' answer");
      const before = this.#idle;
      const isIdle = this.#options.isConsuming() && waiting > 0 && connection.active === 0;
      this.#idle = isIdle ? { connection, taken: connection.taken } : null;
      if (isIdle && before?.connection === connection && before.taken === connection.taken)
        this.replace(connection, new Error(`${waiting} wake-ups wait and none is delivered`));
    } catch (error) {
      this.replace(connection, error);
    }
  }

  /** Once a change, not once an attempt. */
  #tell(isAway: boolean, error?: unknown): void {
    if (isAway === this.#isAway || this.#isClosed) return;
    this.#isAway = isAway;
    const { log, name } = this.#options;
    if (isAway)
      log.warn(
        { err: error, redis: name },
        'the queue is away: orders go on through the sweeper until it is back',
      );
    else log.info({ redis: name }, 'the queue is back');
  }
}
