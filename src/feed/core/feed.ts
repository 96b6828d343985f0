/**
 * The journal as a gapless stream, for all transports. A notification carries an entry; the journal decides what is sent. A lost
 * notification delays its entry until the next quiet check.
 */
import type { Logger } from 'pino';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JournaledMessage } from '../../protocol/messages.ts';
import type { OrderAccess } from '../../edge/order-access.ts';
import type { Journal, WorkStore } from '../../store/ports.ts';
import { every, type Clock, type Random } from '../../runtime/time.ts';
import { FeedConnection, SLOW_READER } from './connection.ts';
import { DrainMonitor } from './drain-monitor.ts';
import { heartbeatMessage } from './control-messages.ts';
import type { Held } from './order-position.ts';
import type { Reader } from './reader.ts';
import { Rooms } from './rooms.ts';
import type { FeedSettings } from './settings.ts';
import { StallMonitor } from './stall-monitor.ts';

/** Heartbeats are sent in slices, so that ten thousand rooms do not block the event loop. */
const ROOMS_A_SLICE = 200;
/** Held orders that heartbeats know of. */
const HELD_READ = 1_000;

/** A stall is noticed late by a tenth of its time, and by a second at most. */
const STALL_CHECKS = 10;
const STALL_CHECK_MS = 1_000;

/** Clients of a server that shuts down come back spread over this time. */
const COME_BACK_WITHIN_MS = 2_000;

export interface FeedDeps {
  readonly access: Pick<OrderAccess, 'load'>;
  readonly journal: Journal;
  /** Left out: heartbeats do not say which orders are held. */
  readonly work?: Pick<WorkStore, 'held'>;
  readonly settings: FeedSettings;
  readonly clock: Clock;
  readonly random?: Random;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export class Feed {
  readonly #deps: FeedDeps;
  readonly #rooms: Rooms;
  readonly #drainMonitor: DrainMonitor<Reader>;
  readonly #stallMonitor: StallMonitor<FeedConnection>;
  readonly #connections = new Set<FeedConnection>();
  #stopTimers: readonly (() => Promise<void>)[] = [];
  #closed = false;
  #journalAnswers = true;

  constructor(deps: FeedDeps) {
    this.#deps = deps;
    this.#rooms = new Rooms(deps.journal, (orderId, thrown) => this.#journalFailed({ orderId }, thrown));
    const { maxBufferedBytes, slowReaderMs, stalledReaderMs } = deps.settings;
    this.#drainMonitor = new DrainMonitor(
      { lowBytes: maxBufferedBytes / 2, patienceMs: slowReaderMs },
      deps.clock,
    );
    this.#stallMonitor = new StallMonitor(stalledReaderMs, deps.clock);
  }

  /** Starts the quiet checks and the heartbeats. */
  start(): void {
    const { quietCheckMs, heartbeatMs, stalledReaderMs } = this.#deps.settings;
    const stallCheckMs = Math.min(STALL_CHECK_MS, stalledReaderMs / STALL_CHECKS);
    const onFailure = (thrown: unknown) => this.#journalFailed({}, thrown);
    this.#stopTimers = [
      every(quietCheckMs, () => this.checkQuietRooms(), onFailure),
      every(heartbeatMs, () => this.sendHeartbeats(), onFailure),
      every(stallCheckMs, () => this.endStalled(), onFailure),
    ];
  }

  /** Orders with a subscription on this server. */
  get watchedOrders(): number {
    return this.#rooms.size;
  }

  isWatched(orderId: string): boolean {
    return this.#rooms.get(orderId) !== null;
  }

  /** Adds a connection, which sees only this owner's orders. The caller calls its `close` when the transport has closed. */
  open(reader: Reader, owner: string): FeedConnection {
    const { access, journal, clock, settings } = this.#deps;
    const connection = new FeedConnection(reader, {
      access,
      owner,
      journal,
      clock,
      ...settings,
      rooms: this.#rooms,
      drainMonitor: this.#drainMonitor,
      onReplayFailed: (orderId, thrown) => this.#journalFailed({ orderId }, thrown),
      onClosed: (closed) => {
        this.#connections.delete(closed);
        this.#stallMonitor.forget(closed);
      },
    });
    this.#connections.add(connection);
    if (this.#closed) connection.disconnect('shutting_down', SHUTTING_DOWN);
    return connection;
  }

  /** Passes an entry to the order's room, if it has one. Never throws: a notification must not make its caller fail. */
  offer(message: JournaledMessage): void {
    try {
      this.#rooms.get(message.orderId)?.offer(message);
    } catch (thrown) {
      this.#deps.log.error({ err: thrown, orderId: message.orderId }, 'an entry could not be sent');
    }
  }

  /** Reads, in one query, the last `seq` of the rooms that had no notification since the last check. */
  async checkQuietRooms(): Promise<void> {
    const quiet = this.#rooms.all().filter((room) => room.checkQuiet());
    if (quiet.length === 0) return;
    const lastSeqs = await this.#deps.journal.lastSeqs(quiet.map(({ orderId }) => orderId));
    this.#journalAnswered();
    for (const room of quiet) room.noteSeq(lastSeqs.get(room.orderId) ?? 0);
  }

  async sendHeartbeats(): Promise<void> {
    const rooms = this.#rooms.all();
    const held = rooms.length === 0 ? NONE_HELD : await this.#readHeld();
    for (let sent = 0; sent < rooms.length; sent += ROOMS_A_SLICE) {
      const now = this.#deps.clock.now();
      for (const room of rooms.slice(sent, sent + ROOMS_A_SLICE)) {
        const why = held.get(room.orderId);
        room.sendControl(({ status, progress, lastSeq }) =>
          heartbeatMessage(
            room.orderId,
            { status, progress, lastSeq, ...(why === undefined ? {} : { held: why }) },
            now,
          ),
        );
      }
      await nextTurn();
    }
  }

  /** Closes the connections that leave bytes unread and have read nothing for too long. */
  endStalled(): Promise<void> {
    for (const stalled of this.#stallMonitor.check(this.#connections)) {
      stalled.disconnect('slow_reader', SLOW_READER);
    }
    return Promise.resolve();
  }

  /** In one query, of the few that there are. A heartbeat does not wait for a store that is away. */
  async #readHeld(): Promise<ReadonlyMap<string, Held>> {
    const { work, log } = this.#deps;
    if (work === undefined) return NONE_HELD;
    try {
      const { orders } = await work.held(HELD_READ);
      return new Map(orders.map(({ orderId, hold }) => [orderId, hold] as const));
    } catch (thrown) {
      log.info({ err: thrown }, 'heartbeats do not say which orders are held: the store does not answer');
      return NONE_HELD;
    }
  }

  /** Sends every reader where to resume, and closes it. */
  async close(): Promise<void> {
    this.#closed = true;
    const stopped = Promise.all(this.#stopTimers.map((stop) => stop()));
    const { random = Math.random } = this.#deps;
    for (const connection of this.#connections) {
      connection.disconnect('shutting_down', SHUTTING_DOWN, Math.round(random() * COME_BACK_WITHIN_MS));
    }
    await stopped;
  }

  #journalFailed(about: object, thrown: unknown): void {
    if (!this.#journalAnswers) return;
    this.#journalAnswers = false;
    this.#deps.log.warn({ ...about, err: thrown }, 'the journal cannot be read; subscriptions wait');
  }

  #journalAnswered(): void {
    if (!this.#journalAnswers) this.#deps.log.info({}, 'the journal can be read again');
    this.#journalAnswers = true;
  }
}

const NONE_HELD: ReadonlyMap<string, Held> = new Map();

const SHUTTING_DOWN = 'This server shuts down; connect again after lastSeq or with the token';
