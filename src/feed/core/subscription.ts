/**
 * One order on one connection: replays the journal from `after`, joins the room in the same tick in which it reaches the room's
 * cursor, and leaves it to replay again whenever its connection is overfull.
 */
import { afterAhead } from '../../errors.ts';
import type { After } from '../../protocol/fields.ts';
import type { JournalEntry } from '../../journal/entry.ts';
import type { OrderAccess } from '../../edge/order-access.ts';
import type { Journal } from '../../store/ports.ts';
import type { Clock } from '../../runtime/time.ts';
import { CatchUpLoop } from './catch-up-loop.ts';
import { errorMessage, subscribedMessage } from './control-messages.ts';
import type { Reader } from './reader.ts';
import type { Room, RoomMember } from './room.ts';
import { hasEnded, positionOf, type OrderPosition } from './order-position.ts';
import { toPublicError } from '../../edge/public-error.ts';

/** Entries a page. With a few pages at a time on a connection, this bounds what replays hold beside the buffer. */
const PAGE_ENTRIES = 50;

/** The connection, as much of it as its subscriptions need. */
export interface SubscriberConnection {
  readonly reader: Reader;
  isOverfull(): boolean;
  /** Resolves once the connection is not overfull. False: it is closed. */
  whenDrained(): Promise<boolean>;
  /** Bounds the reads that a connection with many subscriptions has at a time. */
  runReplay<Result>(act: () => Promise<Result>): Promise<Result>;
  /** The subscription is over. */
  release(subscription: Subscription): void;
}

export interface SubscriptionDeps {
  readonly access: Pick<OrderAccess, 'load'>;
  readonly owner: string;
  readonly journal: Pick<Journal, 'read'>;
  readonly clock: Clock;
  readonly replayPatienceMs: number;
  readonly onReplayFailed: (orderId: string, thrown: unknown) => void;
}

export class Subscription implements RoomMember {
  readonly room: Room;
  readonly #connection: SubscriberConnection;
  readonly #deps: SubscriptionDeps;
  /** The last `seq` that was sent, while the subscription is not a member of the room. */
  #cursor = 0;
  #state: 'replaying' | 'live' | 'over' = 'replaying';
  readonly #catchUp: CatchUpLoop;

  constructor(room: Room, connection: SubscriberConnection, deps: SubscriptionDeps) {
    this.room = room;
    this.#connection = connection;
    this.#deps = deps;
    this.#catchUp = new CatchUpLoop(
      {
        whenDrained: () => connection.whenDrained(),
        isBehind: () => this.#state === 'replaying',
        tryJoin: () => this.#tryJoin(),
        advance: () => this.#advance(),
        fail: (thrown) => this.#fail(thrown),
      },
      deps.clock,
      deps.replayPatienceMs,
    );
  }

  get reader(): Reader {
    return this.#connection.reader;
  }

  /** The last `seq` that the reader was sent. */
  get cursor(): number {
    return this.#state === 'live' ? this.room.cursor : this.#cursor;
  }

  /**
   * Sends `subscribed` and begins to replay. Null: the subscription was ended meanwhile, and nothing was sent.
   * @throws FillstreamError order_not_found, after_ahead
   * @throws StoreUnavailable
   */
  async begin(after: After): Promise<OrderPosition | null> {
    const { orderId } = this.room;
    const order = await this.#connection.runReplay(async () =>
      this.#isOver() ? null : this.#deps.access.load(this.#deps.owner, orderId),
    );
    if (this.#isOver() || order === null) return null;
    const read = positionOf(order);
    this.room.observePosition(read);
    const room = this.room.position;
    const position = room !== null && room.lastSeq > read.lastSeq ? room : read;
    const { lastSeq } = position;
    if (after !== 'latest' && after > lastSeq) throw afterAhead(orderId, after, lastSeq);
    this.#cursor = after === 'latest' ? lastSeq : after;
    this.reader.send(subscribedMessage(orderId, position, this.#deps.clock.now()));
    void this.#catchUp.run();
    return position;
  }

  /** From now on nothing is sent for this subscription. */
  end(): void {
    if (this.#state === 'over') return;
    if (this.#state === 'live') this.#leaveRoom();
    this.#state = 'over';
    this.#connection.release(this);
  }

  isOverfull(): boolean {
    return this.#connection.isOverfull();
  }

  fallBehind(): void {
    this.#leaveRoom();
    this.#state = 'replaying';
    void this.#catchUp.run();
  }

  finish(): void {
    this.end();
    this.reader.endSubscription(this.room.orderId);
  }

  /** @returns false: the journal had no entries where it must have some */
  async #advance(): Promise<boolean> {
    if (this.#cursor > this.room.cursor) {
      await this.room.catchUp();
      return this.#cursor <= this.room.cursor;
    }
    return this.#connection.runReplay(async () => {
      if (this.#isOver()) return true;
      const entries = await this.#deps.journal.read(this.room.orderId, this.#cursor, PAGE_ENTRIES);
      this.#replay(entries);
      // What lies after the room's cursor goes to all of its members together.
      for (const { message } of entries) if (message.seq === this.room.cursor + 1) this.room.offer(message);
      return entries.length > 0;
    });
  }

  #replay(entries: readonly JournalEntry[]): void {
    for (const { message } of entries) {
      if (this.#state !== 'replaying' || this.#connection.isOverfull()) return;
      this.reader.send(message);
      this.#cursor = message.seq;
      if (this.#cursor === this.room.cursor) this.#join();
    }
  }

  #tryJoin(): boolean {
    if (this.#cursor !== this.room.cursor) return false;
    this.#join();
    return true;
  }

  #join(): void {
    const { position } = this.room;
    if (position !== null && hasEnded(position)) {
      this.finish();
      return;
    }
    this.#state = 'live';
    this.room.join(this);
    this.reader.joinRoom(this.room.orderId);
  }

  #leaveRoom(): void {
    this.#cursor = this.room.cursor;
    this.room.leave(this);
    this.reader.leaveRoom(this.room.orderId);
  }

  #fail(thrown: unknown): void {
    const { orderId, position } = this.room;
    const error = toPublicError(thrown);
    const progress = position?.progress ?? 0;
    const about = { orderId, progress, lastSeq: this.#cursor };
    this.#deps.onReplayFailed(orderId, thrown);
    this.end();
    this.reader.failSubscription(error.code, errorMessage(error, about, this.#deps.clock.now()));
  }

  #isOver(): boolean {
    return this.#state === 'over';
  }
}
