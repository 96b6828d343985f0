/**
 * All orders of an owner on one connection: live with the room, or behind it with a cursor for each order that it has to catch up on.
 * What it was sent is always complete up to its token.
 */
import type { FillstreamError } from '../../errors.ts';
import { statusOf } from '../../../machines/order/state.ts';
import { toPublicError } from '../../edge/public-error.ts';
import type { JournalEntry } from '../../journal/entry.ts';
import type { JournaledMessage, MessageOf } from '../../protocol/messages.ts';
import type { Clock } from '../../runtime/time.ts';
import type { Changed, Changes } from '../../store/changes.ts';
import type { Journal } from '../../store/ports.ts';
import { CatchUpLoop } from '../core/catch-up-loop.ts';
import type { ConnectionPart, FeedConnection } from '../core/connection.ts';
import { errorMessage } from '../core/control-messages.ts';
import type { Reader } from '../core/reader.ts';
import type { KnownOrder } from './known-orders.ts';
import type { EntryFilter } from './orders-filter.ts';
import { ordersHeartbeat, resync, subscribedToOrders, type ResyncCode } from './orders-messages.ts';
import type { OwnerRoom, OwnerRoomMember } from './owner-room.ts';

/** Together they bound what a replay holds beside the buffer. */
const PAGE_ENTRIES = 50;
const ORDERS_AT_ONCE = 20;
/** A subscription that has to catch up on more orders is ended: each costs about 100 bytes. */
const MOST_BEHIND = 10_000;

export interface OwnerSubscriptionDeps {
  readonly changes: Pick<Changes, 'since'>;
  readonly journal: Pick<Journal, 'read'>;
  readonly clock: Clock;
  readonly replayPatienceMs: number;
  /** Resolves once a sweep that began after this call has ended. */
  readonly sweep: () => Promise<void>;
  readonly onReplayFailed: (thrown: unknown) => void;
  readonly onEnded: () => void;
}

export class OwnerSubscription implements OwnerRoomMember, ConnectionPart {
  readonly filter: EntryFilter;
  readonly #room: OwnerRoom;
  readonly #connection: FeedConnection;
  readonly #deps: OwnerSubscriptionDeps;
  #state: 'starting' | 'behind' | 'live' | 'over' = 'starting';
  /** While it is not live: the last `seq` that was sent of each order which has more. */
  readonly #cursors = new Map<string, number>();
  /** While it is not live: where it stands. */
  #token: string;
  readonly #catchUp: CatchUpLoop;
  /** The room left entries out while this subscription began. */
  #hasMissed = false;

  constructor(
    room: OwnerRoom,
    connection: FeedConnection,
    { filter, token }: { readonly filter: EntryFilter; readonly token: string },
    deps: OwnerSubscriptionDeps,
  ) {
    this.#room = room;
    this.#connection = connection;
    this.filter = filter;
    this.#token = token;
    this.#deps = deps;
    this.#catchUp = new CatchUpLoop(
      {
        whenDrained: () => connection.whenDrained(),
        isBehind: () => this.#state === 'behind',
        tryJoin: () => this.#tryJoin(),
        advance: () => connection.runReplay(() => this.#advance()),
        fail: (thrown) => this.#fail(thrown),
      },
      deps.clock,
      deps.replayPatienceMs,
    );
  }

  get reader(): Reader {
    return this.#connection.reader;
  }

  /** All entries up to it were sent. Empty: it has not begun. */
  get token(): string {
    return this.#state === 'live' ? this.#room.token : this.#token;
  }

  /**
   * Sends `subscribed`, and goes on from the token, or live where there is none. Null: it was ended meanwhile.
   * @throws StoreUnavailable
   */
  async begin(ready: Promise<void>): Promise<string | null> {
    // From here on what the room passes on is noted.
    this.#room.join(this);
    await ready;
    const resumeFrom = this.#token;
    const changed = resumeFrom === '' ? null : await this.#changesSince(resumeFrom);
    if (this.#isOver()) return null;
    if (changed?.outcome === 'read' && !this.#hasMissed) {
      for (const { orderId, after } of changed.orders) {
        this.#cursors.set(orderId, Math.min(after, this.#cursors.get(orderId) ?? after));
      }
      this.#state = 'behind';
      this.reader.send(subscribedToOrders(resumeFrom, this.#deps.clock.now()), resumeFrom);
      void this.#catchUp.run();
      return resumeFrom;
    }
    this.#cursors.clear();
    const { token } = this.#room;
    this.reader.send(subscribedToOrders(token, this.#deps.clock.now()), token);
    if (changed !== null) this.#sendResync(changed.outcome === 'unknown' ? 'token_unknown' : 'token_too_old');
    this.#goLive();
    return token;
  }

  end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#room.leave(this);
    this.#cursors.clear();
    this.#deps.onEnded();
  }

  errorMessage(error: FillstreamError, now: number): MessageOf<'error'> {
    const { token } = this;
    return errorMessage(error, { scope: 'orders', ...(token === '' ? {} : { token }) }, now);
  }

  isOverfull(): boolean {
    return this.#connection.isOverfull();
  }

  fallBehind(order: KnownOrder | null, seq: number): void {
    this.#token = this.#room.token;
    this.#state = 'behind';
    this.#room.leaveLive(this);
    if (order !== null) this.#note(order.orderId, seq);
    void this.#catchUp.run();
  }

  take(order: KnownOrder, message: JournaledMessage): void {
    const { orderId } = order;
    if (this.#cursors.has(orderId)) return;
    if (this.#state !== 'behind') {
      this.#note(orderId, message.seq - 1);
      return;
    }
    if (!this.filter.wantsStatus(statusOf(message.state))) return;
    if (this.filter.needsPair) {
      if (order.pair === null) {
        this.#note(orderId, message.seq - 1);
        return;
      }
      if (!this.filter.wantsPair(order.pair)) return;
    }
    if (this.isOverfull()) this.#note(orderId, message.seq - 1);
    else this.reader.send(message, this.#token);
  }

  heartbeat(now: number): void {
    if (this.#state !== 'behind' || this.isOverfull()) return;
    this.reader.send(ordersHeartbeat(this.#token, now), this.#token);
  }

  resync(code: ResyncCode): void {
    if (this.#isOver()) return;
    if (this.#state === 'starting') {
      this.#hasMissed = true;
      return;
    }
    this.#cursors.clear();
    this.#sendResync(code);
    // One that is behind finds that there is nothing left to catch up on.
    this.#token = this.#room.token;
  }

  #sendResync(code: ResyncCode): void {
    const { token } = this.#room;
    this.reader.send(resync(code, token, this.#deps.clock.now()), token);
  }

  async #changesSince(token: string): Promise<Changed> {
    const changed = await this.#deps.changes.since(token, [this.#room.owner]);
    // After it the room knows every order that was new: of the others named, one that it does not know has ended before.
    if (changed.outcome === 'read' && !this.#isOver()) await this.#deps.sweep();
    return changed;
  }

  #note(orderId: string, seq: number): void {
    this.#cursors.set(orderId, seq);
    if (this.#cursors.size > MOST_BEHIND) {
      const reason = 'The connection does not read as fast as orders move; connect again with the token';
      this.#connection.disconnect('slow_reader', reason);
    }
  }

  #tryJoin(): boolean {
    if (this.#cursors.size > 0) return false;
    this.#goLive();
    return true;
  }

  #goLive(): void {
    this.#state = 'live';
    this.#room.goLive(this);
  }

  /** @returns false: nothing moved */
  async #advance(): Promise<boolean> {
    const next = [...this.#firstCursors()];
    const pages = await Promise.all(next.map(([orderId, seq]) => this.#read(orderId, seq)));
    let hasMoved = false;
    for (const [index, [orderId, seq]] of next.entries()) {
      const page = pages[index] ?? [];
      if (this.#state !== 'behind' || this.#cursors.get(orderId) !== seq) return true;
      if (page === 'unwanted') this.#cursors.delete(orderId);
      else if (!this.#replay(orderId, page)) continue;
      hasMoved = true;
    }
    return hasMoved;
  }

  *#firstCursors(): Generator<[string, number]> {
    let left = ORDERS_AT_ONCE;
    for (const cursor of this.#cursors) {
      yield cursor;
      left -= 1;
      if (left === 0) return;
    }
  }

  async #read(orderId: string, seq: number): Promise<readonly JournalEntry[] | 'unwanted'> {
    const cursor = this.#room.orders.get(orderId)?.cursor;
    if (cursor !== undefined && seq >= cursor.seq) {
      // The store that named the order was ahead of the room.
      if (seq > cursor.seq) await cursor.catchUp();
      return [];
    }
    if (this.filter.needsPair && !this.filter.wantsPair(await this.#room.pairOf(orderId))) return 'unwanted';
    return this.#deps.journal.read(orderId, seq, PAGE_ENTRIES);
  }

  /** @returns false: nothing moved */
  #replay(orderId: string, entries: readonly JournalEntry[]): boolean {
    for (const { message } of entries) {
      if (this.#isOver() || this.isOverfull()) return true;
      const cursor = this.#room.orders.get(orderId)?.cursor;
      // What lies after the room's cursor goes to the others, too.
      if (cursor !== undefined && message.seq > cursor.seq) cursor.offer(message);
      if (this.#isOver()) return true;
      if (this.filter.wantsStatus(statusOf(message.state))) this.reader.send(message, this.#token);
      this.#cursors.set(orderId, message.seq);
    }
    const cursor = this.#room.orders.get(orderId)?.cursor;
    const isAtEnd =
      cursor === undefined ? entries.length < PAGE_ENTRIES : this.#cursors.get(orderId) === cursor.seq;
    if (isAtEnd) this.#cursors.delete(orderId);
    return isAtEnd || entries.length > 0;
  }

  #fail(thrown: unknown): void {
    const error = toPublicError(thrown);
    const message = this.errorMessage(error, this.#deps.clock.now());
    this.#deps.onReplayFailed(thrown);
    if (this.#connection.part === this) this.#connection.setPart(null);
    this.reader.failSubscription(error.code, message);
  }

  #isOver(): boolean {
    return this.#state === 'over';
  }
}
