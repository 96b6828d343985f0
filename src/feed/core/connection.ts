/** A reader with its subscriptions. */
import { FillstreamError, type ErrorCode } from '../../errors.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { After } from '../../protocol/fields.ts';
import type { Clock } from '../../runtime/time.ts';
import type { DrainMonitor } from './drain-monitor.ts';
import { errorMessage } from './control-messages.ts';
import type { Reader } from './reader.ts';
import type { Rooms } from './rooms.ts';
import type { OrderPosition } from './order-position.ts';
import { Subscription, type SubscriberConnection, type SubscriptionDeps } from './subscription.ts';
import { toPublicError } from '../../edge/public-error.ts';
import { Semaphore } from '../../runtime/semaphore.ts';

const REPLAYS_AT_ONCE = 4;

export const SLOW_READER =
  'The connection did not read what it was sent; connect again after lastSeq or with the token';

/** What a connection has beside its subscriptions to single orders: the one to all orders. */
export interface ConnectionPart {
  /** The connection has closed. */
  end(): void;
  /** The message that names the error and where to resume. */
  errorMessage(error: FillstreamError, now: number): MessageOf<'error'>;
}

export interface ConnectionDeps extends SubscriptionDeps {
  readonly rooms: Rooms;
  readonly drainMonitor: DrainMonitor<Reader>;
  readonly clock: Clock;
  readonly maxBufferedBytes: number;
  readonly maxSubscriptions: number;
  readonly onClosed: (connection: FeedConnection) => void;
}

export class FeedConnection implements SubscriberConnection {
  readonly reader: Reader;
  readonly #deps: ConnectionDeps;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #replays = new Semaphore(REPLAYS_AT_ONCE);
  #part: ConnectionPart | null = null;
  #draining: Promise<boolean> | null = null;
  #closed = false;

  constructor(reader: Reader, deps: ConnectionDeps) {
    this.reader = reader;
    this.#deps = deps;
  }

  /**
   * Sends `subscribed`, then the journal from `after`, then each entry as it is committed. A subscription to the same order
   * replaces the one before. Null: meanwhile the connection closed, or another `subscribe` or `unsubscribe` came for this order.
   * @throws FillstreamError order_not_found, after_ahead, too_many_subscriptions, store_unavailable
   */
  async subscribe(orderId: string, after: After): Promise<OrderPosition | null> {
    if (this.#closed) return null;
    this.unsubscribe(orderId);
    const { maxSubscriptions, rooms } = this.#deps;
    if (this.#subscriptions.size >= maxSubscriptions) {
      throw new FillstreamError(
        'too_many_subscriptions',
        `This connection already watches ${maxSubscriptions} orders, which is the most`,
      );
    }
    const subscription = new Subscription(rooms.acquire(orderId), this, this.#deps);
    this.#subscriptions.set(orderId, subscription);
    try {
      return await subscription.begin(after);
    } catch (thrown) {
      if (this.#subscriptions.get(orderId) !== subscription) return null;
      subscription.end();
      throw toPublicError(thrown);
    }
  }

  /** @returns false: there was no subscription */
  unsubscribe(orderId: string): boolean {
    const subscription = this.#subscriptions.get(orderId);
    subscription?.end();
    return subscription !== undefined;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** It replaces the one before, which is ended. Null: there is none any more. */
  setPart(part: ConnectionPart | null): void {
    const before = this.#part;
    this.#part = part;
    before?.end();
  }

  get part(): ConnectionPart | null {
    return this.#part;
  }

  /** The reader's connection has closed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.setPart(null);
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#deps.drainMonitor.forget(this.reader);
    this.#deps.onClosed(this);
  }

  /** Sends the reader, for each of its subscriptions, the error with where to resume, and closes it. */
  disconnect(code: ErrorCode, reason: string, retryAfterMs?: number): void {
    if (this.#closed) return;
    const error = new FillstreamError(code, reason, retryAfterMs === undefined ? {} : { retryAfterMs });
    const now = this.#deps.clock.now();
    const messages = [...this.#subscriptions].map(([orderId, { cursor, room }]) =>
      errorMessage(error, { orderId, progress: room.position?.progress ?? 0, lastSeq: cursor }, now),
    );
    if (this.#part !== null) messages.push(this.#part.errorMessage(error, now));
    this.close();
    this.reader.close(code, messages.length > 0 ? messages : [errorMessage(error, {}, now)]);
  }

  isOverfull(): boolean {
    return this.reader.bufferedBytes() > this.#deps.maxBufferedBytes;
  }

  async whenDrained(): Promise<boolean> {
    if (this.#closed || !this.isOverfull()) return !this.#closed;
    this.#draining ??= this.#drain().finally(() => (this.#draining = null));
    return this.#draining;
  }

  runReplay<Result>(act: () => Promise<Result>): Promise<Result> {
    return this.#replays.run(act);
  }

  release(subscription: Subscription): void {
    const { orderId } = subscription.room;
    if (this.#subscriptions.get(orderId) === subscription) this.#subscriptions.delete(orderId);
    this.#deps.rooms.release(subscription.room);
  }

  async #drain(): Promise<boolean> {
    const drained = await this.#deps.drainMonitor.whenDrained(this.reader);
    if (!drained) this.disconnect('slow_reader', SLOW_READER);
    return drained;
  }
}
