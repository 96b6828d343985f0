/**
 * One order on one connection: replays the journal privately from `after`, joins the room in the same tick in which it
 * reaches the room's cursor, and falls out of the room, back to replaying, whenever its connection is too full.
 */
import { afterAhead } from '../../errors.ts';
import type { After } from '../../protocol/fields.ts';
import type { JournalEntry } from '../../journal/entry.ts';
import type { OrderAccess } from '../../edge/order-access.ts';
import type { Journal } from '../../store/ports.ts';
import { sleep, type Clock } from '../../runtime/time.ts';
import { errorMessage, subscribedMessage } from './control-messages.ts';
import type { Reader } from './reader.ts';
import type { Room, RoomMember } from './room.ts';
import { hasEnded, positionOf, type OrderPosition } from './order-position.ts';
import { toPublicError } from '../../edge/public-error.ts';

/** Entries a page: with a few pages at a time on a connection, what a replay holds beside the buffer is bounded, too. */
const PAGE_ENTRIES = 50;
const REPEAT_READ_MS = 100;

/** The connection, as much of it as its subscriptions need. */
export interface Line {
  readonly reader: Reader;
  isOverfull(): boolean;
  /** Resolves once the connection takes more. False: it is closed. */
  drained(): Promise<boolean>;
  /** Keeps a connection with many subscriptions from reading for all of them at once. */
  inTurn<Result>(act: () => Promise<Result>): Promise<Result>;
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
  readonly #line: Line;
  readonly #deps: SubscriptionDeps;
  /** The last `seq` that was sent, while it is not the room that sends. */
  #cursor = 0;
  #state: 'replaying' | 'live' | 'over' = 'replaying';

  constructor(room: Room, line: Line, deps: SubscriptionDeps) {
    this.room = room;
    this.#line = line;
    this.#deps = deps;
  }

  get reader(): Reader {
    return this.#line.reader;
  }

  /** The last `seq` that the reader was sent. */
  get cursor(): number {
    return this.#state === 'live' ? this.room.cursor : this.#cursor;
  }

  /**
   * Sends `subscribed` and begins to replay. Null: the subscription was ended meanwhile, nothing was sent.
   * @throws FillstreamError order_not_found, after_ahead
   * @throws StoreUnavailable
   */
  async begin(after: After): Promise<OrderPosition | null> {
    const { orderId } = this.room;
    const order = await this.#line.inTurn(async () =>
      this.#isOver() ? null : this.#deps.access.load(this.#deps.owner, orderId),
    );
    if (this.#isOver() || order === null) return null;
    const read = positionOf(order);
    this.room.learn(read);
    const room = this.room.position;
    const position = room !== null && room.lastSeq > read.lastSeq ? room : read;
    const { lastSeq } = position;
    if (after !== 'latest' && after > lastSeq) throw afterAhead(orderId, after, lastSeq);
    this.#cursor = after === 'latest' ? lastSeq : after;
    this.reader.send(subscribedMessage(orderId, position, this.#deps.clock.now()));
    void this.#follow();
    return position;
  }

  /** Nothing is sent for this subscription any more. */
  end(): void {
    if (this.#state === 'over') return;
    if (this.#state === 'live') this.#leaveRoom();
    this.#state = 'over';
    this.#line.release(this);
  }

  isOverfull(): boolean {
    return this.#line.isOverfull();
  }

  fallBehind(): void {
    this.#leaveRoom();
    this.#state = 'replaying';
    void this.#follow();
  }

  finish(): void {
    this.end();
    this.reader.end(this.room.orderId);
  }

  async #follow(): Promise<void> {
    let failingSince: number | null = null;
    while ((await this.#line.drained()) && this.#state === 'replaying') {
      if (this.#cursor === this.room.cursor) {
        this.#join();
        return;
      }
      try {
        if (await this.#advance()) {
          failingSince = null;
          continue;
        }
      } catch (thrown) {
        const now = this.#deps.clock.now();
        failingSince ??= now;
        if (now - failingSince >= this.#deps.replayPatienceMs) {
          this.#fail(thrown);
          return;
        }
      }
      // The store is away for a moment, or the journal that was read ends before what the room was told.
      await sleep(REPEAT_READ_MS);
    }
  }

  /** @returns false: there was nothing where something must be */
  async #advance(): Promise<boolean> {
    if (this.#cursor > this.room.cursor) {
      await this.room.catchUp();
      return this.#cursor <= this.room.cursor;
    }
    return this.#line.inTurn(async () => {
      if (this.#isOver()) return true;
      const entries = await this.#deps.journal.read(this.room.orderId, this.#cursor, PAGE_ENTRIES);
      this.#replay(entries);
      // What lies behind the room's cursor comes to all of its members together.
      for (const { message } of entries) if (message.seq === this.room.cursor + 1) this.room.offer(message);
      return entries.length > 0;
    });
  }

  #replay(entries: readonly JournalEntry[]): void {
    for (const { message } of entries) {
      if (this.#state !== 'replaying' || this.#line.isOverfull()) return;
      this.reader.send(message);
      this.#cursor = message.seq;
      if (this.#cursor === this.room.cursor) this.#join();
    }
  }

  #join(): void {
    const { position } = this.room;
    if (position !== null && hasEnded(position)) {
      this.finish();
      return;
    }
    this.#state = 'live';
    this.room.enter(this);
    this.reader.enter(this.room.orderId);
  }

  #leaveRoom(): void {
    this.#cursor = this.room.cursor;
    this.room.leave(this);
    this.reader.leave(this.room.orderId);
  }

  #fail(thrown: unknown): void {
    const { orderId, position } = this.room;
    const error = toPublicError(thrown);
    const progress = position?.progress ?? 0;
    const about = { orderId, progress, lastSeq: this.#cursor };
    this.#deps.onReplayFailed(orderId, thrown);
    this.end();
    this.reader.fail(error.code, errorMessage(error, about, this.#deps.clock.now()));
  }

  #isOver(): boolean {
    return this.#state === 'over';
  }
}
