/**
 * Keeps a queue connected: when the current connection ends (a socket closed, its scripts flushed, no answer) another replaces it,
 * at once the first time and then after longer and longer delays. A check once a second finds what reports no error: a connection
 * that is half open, and one that delivers nothing while wake-ups wait.
 */
import type { Logger } from 'pino';
import { every, type Clock } from '../runtime/time.ts';
import type { BeeConnection } from './bee-connection.ts';
import { withTimeout } from '../runtime/timeout.ts';

export interface ReconnectorOptions {
  readonly begin: (onEnd: (error: unknown) => void) => BeeConnection;
  readonly isConsuming: () => boolean;
  /** The server's name for the log: it may be one of several. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

const CHECK_EVERY_MS = 1_000;
const ANSWER_WITHIN_MS = 1_000;
/** A Redis that is paused accepts connections and answers once it goes on, so new ones are made only after this. */
const READY_WITHIN_MS = 10_000;
/** A connection that lasted this long was stable: the next one is opened without a delay. */
const STABLE_AFTER_MS = 1_000;
const FIRST_DELAY_MS = 50;
const DELAY_CAP_MS = 1_000;

interface Idle {
  readonly connection: BeeConnection;
  readonly delivered: number;
}

export class Reconnector {
  readonly #options: ReconnectorOptions;
  readonly #stopChecking: () => Promise<void>;
  readonly #closing = new Set<Promise<void>>();
  #current: BeeConnection;
  #begunAt: number;
  #ended: BeeConnection | null = null;
  /** Connections in a row that ended before they were stable. */
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #idle: Idle | null = null;
  #isAway = false;
  #isClosed = false;

  constructor(options: ReconnectorOptions) {
    this.#options = options;
    this.#begunAt = options.clock.now();
    this.#current = this.#begin();
    this.#stopChecking = every(
      CHECK_EVERY_MS,
      () => this.#check(),
      () => undefined,
    );
  }

  /** May have ended; then its methods reject at once. */
  get current(): BeeConnection {
    return this.#current;
  }

  replace(ended: BeeConnection, error: unknown): void {
    if (this.#isClosed || ended !== this.#current || ended === this.#ended) return;
    this.#ended = ended;
    this.#logChange(true, error);
    const closing = ended.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    const wasStable = ended.isReady && this.#options.clock.now() - this.#begunAt >= STABLE_AFTER_MS;
    this.#failures = wasStable ? 1 : this.#failures + 1;
    if (this.#failures === 1) this.#reconnect();
    else {
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (this.#failures - 2), DELAY_CAP_MS);
      this.#timer = setTimeout(() => this.#reconnect(), delayMs);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all([this.#stopChecking(), this.#current.close(), ...this.#closing]);
  }

  #reconnect(): void {
    this.#begunAt = this.#options.clock.now();
    this.#current = this.#begin();
  }

  #begin(): BeeConnection {
    const connection: BeeConnection = this.#options.begin((error) => this.replace(connection, error));
    connection.ready.then(
      () => this.#logChange(false),
      () => undefined,
    );
    return connection;
  }

  async #check(): Promise<void> {
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
      this.#idle = isIdle ? { connection, delivered: connection.delivered } : null;
      if (isIdle && before?.connection === connection && before.delivered === connection.delivered)
        this.replace(connection, new Error(`${waiting} wake-ups wait and none was delivered`));
    } catch (error) {
      this.replace(connection, error);
    }
  }

  /** Logs once a change, not once an attempt. */
  #logChange(isAway: boolean, error?: unknown): void {
    if (isAway === this.#isAway || this.#isClosed) return;
    this.#isAway = isAway;
    const { log, name } = this.#options;
    if (isAway)
      log.warn({ err: error, redis: name }, 'the queue is away: the sweeper wakes orders until it is back');
    else log.info({ redis: name }, 'the queue is back');
  }
}
