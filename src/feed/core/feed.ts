/**
 * The journal as a gapless stream, whatever the transport. A notification carries an entry and is only ever a reason to look; the
 * journal is the truth. What a lost notification costs is one quiet check.
 */
import type { Logger } from 'pino';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JournaledMessage } from '../../protocol/messages.ts';
import type { OrderAccess } from '../../edge/order-access.ts';
import type { Journal } from '../../store/ports.ts';
import { every, type Clock } from '../../runtime/time.ts';
import { FeedConnection } from './connection.ts';
import { DrainMonitor } from './drain-monitor.ts';
import { heartbeatMessage } from './control-messages.ts';
import type { Reader } from './reader.ts';
import { Rooms } from './rooms.ts';
import type { FeedSettings } from './settings.ts';

/** Heartbeats go out in slices, so that ten thousand rooms do not hold up the event loop at once. */
const ROOMS_A_SLICE = 200;

export interface FeedDeps {
  readonly access: Pick<OrderAccess, 'load'>;
  readonly journal: Journal;
  readonly settings: FeedSettings;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export class Feed {
  readonly #deps: FeedDeps;
  readonly #rooms: Rooms;
  readonly #drainMonitor: DrainMonitor<Reader>;
  readonly #connections = new Set<FeedConnection>();
  #stopTimers: readonly (() => Promise<void>)[] = [];
  #closed = false;
  #journalAnswers = true;

  constructor(deps: FeedDeps) {
    this.#deps = deps;
    this.#rooms = new Rooms(deps.journal, (orderId, thrown) => this.#journalFailed({ orderId }, thrown));
    const { maxBufferedBytes, slowReaderMs } = deps.settings;
    this.#drainMonitor = new DrainMonitor(
      { lowBytes: maxBufferedBytes / 2, patienceMs: slowReaderMs },
      deps.clock,
    );
  }

  /** Begins the quiet checks and the heartbeats. */
  start(): void {
    const { quietCheckMs, heartbeatMs } = this.#deps.settings;
    const onFailure = (thrown: unknown) => this.#journalFailed({}, thrown);
    this.#stopTimers = [
      every(quietCheckMs, () => this.checkQuietRooms(), onFailure),
      every(heartbeatMs, () => this.beat(), onFailure),
    ];
  }

  /** Orders that somebody watches here. */
  get watchedOrders(): number {
    return this.#rooms.size;
  }

  watches(orderId: string): boolean {
    return this.#rooms.get(orderId) !== null;
  }

  /** For a new connection, which sees only this owner's orders. The caller calls `close` when it ends. */
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
      onClosed: (closed) => this.#connections.delete(closed),
    });
    this.#connections.add(connection);
    if (this.#closed) connection.giveUp('shutting_down', GOING_AWAY);
    return connection;
  }

  /** Tells whoever watches the order now. Throws nothing: a notification is never a reason to fail. */
  offer(message: JournaledMessage): void {
    try {
      this.#rooms.get(message.orderId)?.offer(message);
    } catch (thrown) {
      this.#deps.log.error({ err: thrown, orderId: message.orderId }, 'an entry could not be sent');
    }
  }

  /** Asks, in one query, how far the journals of the rooms reach that heard nothing since the last check. */
  async checkQuietRooms(): Promise<void> {
    const quiet = this.#rooms.all().filter((room) => room.wasQuiet());
    if (quiet.length === 0) return;
    const lastSeqs = await this.#deps.journal.lastSeqs(quiet.map(({ orderId }) => orderId));
    this.#journalAnswered();
    for (const room of quiet) room.hearOf(lastSeqs.get(room.orderId) ?? 0);
  }

  async beat(): Promise<void> {
    const rooms = this.#rooms.all();
    for (let sent = 0; sent < rooms.length; sent += ROOMS_A_SLICE) {
      const now = this.#deps.clock.now();
      for (const room of rooms.slice(sent, sent + ROOMS_A_SLICE)) {
        room.say((position) => heartbeatMessage(room.orderId, position, now));
      }
      await nextTurn();
    }
  }

  /** Tells every reader where to resume, and closes it. */
  async close(): Promise<void> {
    this.#closed = true;
    const stopped = Promise.all(this.#stopTimers.map((stop) => stop()));
    for (const connection of this.#connections) connection.giveUp('shutting_down', GOING_AWAY);
    await stopped;
  }

  #journalFailed(about: object, thrown: unknown): void {
    if (!this.#journalAnswers) return;
    this.#journalAnswers = false;
    this.#deps.log.warn({ ...about, err: thrown }, 'the journal cannot be read; watchers wait');
  }

  #journalAnswered(): void {
    if (!this.#journalAnswers) this.#deps.log.info({}, 'the journal is read again');
    this.#journalAnswers = true;
  }
}

const GOING_AWAY = 'This server is going away; connect again after lastSeq';
