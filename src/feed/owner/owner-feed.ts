/**
 * Streams of all orders of an owner. A server with such a stream has a room for its owner; while there is a room, a sweep asks once a
 * second which orders moved, and finds what notifications lost. Without a room nothing is asked.
 */
import type { Logger } from 'pino';
import type { OrderAccess } from '../../edge/order-access.ts';
import { toPublicError } from '../../edge/public-error.ts';
import type { JournaledMessage } from '../../protocol/messages.ts';
import type { OrdersFilter } from '../../protocol/requests.ts';
import { every, type Clock } from '../../runtime/time.ts';
import type { Changes } from '../../store/changes.ts';
import type { Journal } from '../../store/ports.ts';
import type { FeedConnection } from '../core/connection.ts';
import type { FeedSettings } from '../core/settings.ts';
import { entryFilter, type TokenName } from './orders-filter.ts';
import { OwnerRoom } from './owner-room.ts';
import { OwnerSubscription } from './owner-subscription.ts';
import { Sweeps } from './sweeps.ts';

export interface OwnerFeedDeps {
  readonly access: Pick<OrderAccess, 'load'>;
  readonly journal: Pick<Journal, 'read'>;
  readonly changes: Changes;
  readonly tokenName: TokenName;
  readonly settings: Pick<FeedSettings, 'quietCheckMs' | 'heartbeatMs' | 'replayPatienceMs'>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export interface WatchOrders {
  readonly owner: string;
  readonly filter: OrdersFilter;
  /** Where to go on; null: with what is committed from now on. */
  readonly token: string | null;
}

interface CountedRoom {
  readonly room: OwnerRoom;
  readonly ready: Promise<void>;
  refCount: number;
}

export class OwnerFeed {
  readonly #deps: OwnerFeedDeps;
  readonly #rooms = new Map<string, CountedRoom>();
  /** Where the next sweep begins. */
  #token = '';
  /** Resolves once there is a token, while there are rooms. */
  #begun: Promise<void> = Promise.resolve();
  /** A sweep could not go on, and not every room was loaded anew. */
  #isTornOff = false;
  readonly #sweeps: Sweeps;
  #stopHeartbeats: () => Promise<void> = () => Promise.resolve();

  constructor(deps: OwnerFeedDeps) {
    this.#deps = deps;
    this.#sweeps = new Sweeps({ sweep: () => this.#sweep(), clock: deps.clock, log: deps.log });
  }

  start(): void {
    const { quietCheckMs, heartbeatMs } = this.#deps.settings;
    this.#sweeps.start(quietCheckMs);
    this.#stopHeartbeats = every(
      heartbeatMs,
      () => this.#sendHeartbeats(),
      (thrown) => this.#deps.log.error({ err: thrown }, 'a heartbeat could not be sent'),
    );
  }

  /** The owners with a subscription on this server. */
  get watchedOwners(): number {
    return this.#rooms.size;
  }

  /** @param owner null: it is not known */
  isWatched(owner: string | null): boolean {
    return owner === null ? this.#rooms.size > 0 : this.#rooms.has(owner);
  }

  /**
   * An entry from a notification. It moves the cursor of an order that is known; for any other, and that its owner is the one that the
   * notification says, the store is asked. Never throws: a notification must not make its caller fail.
   */
  offer(message: JournaledMessage, owner: string | null): void {
    if (!this.isWatched(owner)) return;
    const counted = owner === null ? undefined : this.#rooms.get(owner);
    const rooms = counted === undefined ? [...this.#rooms.values()] : [counted];
    const order = rooms.map(({ room }) => room.orders.get(message.orderId)).find((known) => known !== null);
    try {
      if (order === undefined) this.#sweeps.runSoon();
      else order.cursor.offer(message);
    } catch (thrown) {
      this.#deps.log.error({ err: thrown, orderId: message.orderId }, 'an entry could not be sent');
    }
  }

  /** The first entry of an order that this process created. */
  created(message: JournaledMessage, owner: string): void {
    const room = this.#rooms.get(owner)?.room;
    if (room?.isReady !== true) return;
    if (room.orders.get(message.orderId) === null) room.orders.add(message.orderId, message.seq - 1);
    this.offer(message, owner);
  }

  /**
   * Sends `subscribed`, and each entry of the owner's orders that the filter wants. A connection has one such subscription: another
   * replaces it. Resolves with the token that it goes on from; null: meanwhile the connection closed, or it was replaced or ended.
   * @throws FillstreamError unknown_token, store_unavailable
   */
  async subscribe(connection: FeedConnection, { owner, filter, token }: WatchOrders): Promise<string | null> {
    const wanted = entryFilter(filter, this.#deps.tokenName);
    if (connection.isClosed) return null;
    const counted = this.#acquire(owner);
    const { changes, journal, clock, settings, log } = this.#deps;
    const subscription = new OwnerSubscription(
      counted.room,
      connection,
      { filter: wanted, token: token ?? '' },
      {
        changes,
        journal,
        clock,
        replayPatienceMs: settings.replayPatienceMs,
        sweep: () => this.sweep(),
        onReplayFailed: (thrown) => log.warn({ err: thrown, owner }, 'a stream of all orders ended'),
        onEnded: () => this.#release(counted),
      },
    );
    connection.setPart(subscription);
    try {
      return await subscription.begin(counted.ready);
    } catch (thrown) {
      if (connection.part !== subscription) return null;
      connection.setPart(null);
      throw toPublicError(thrown);
    }
  }

  /** @returns false: there was no subscription */
  unsubscribe(connection: FeedConnection): boolean {
    const wasSubscribed = connection.part !== null;
    connection.setPart(null);
    return wasSubscribed;
  }

  /** Asks the store what moved, and passes it on. Resolves once a sweep that began after the call has ended. */
  sweep(): Promise<void> {
    return this.#sweeps.run();
  }

  async close(): Promise<void> {
    await Promise.all([this.#stopHeartbeats(), this.#sweeps.close()]);
  }

  async #sweep(): Promise<void> {
    if (this.#isTornOff) await this.#loadAnew();
    const rooms = [...this.#rooms.values()].map(({ room }) => room);
    const ready = new Map(rooms.filter(({ isReady }) => isReady).map((room) => [room.owner, room]));
    if (ready.size === 0) return;
    const changed = await this.#deps.changes.since(this.#token, [...ready.keys()]);
    if (changed.outcome !== 'read') {
      this.#isTornOff = true;
      await this.#loadAnew();
      return;
    }
    const seen = changed.orders.map(
      async ({ owner, orderId, lastSeq }) => (await ready.get(owner)?.see(orderId, lastSeq)) ?? true,
    );
    const isWhole = (await Promise.all(seen)).every(Boolean);
    // Else the next sweep asks from the same token again.
    if (!isWhole) return;
    this.#token = changed.token;
    const named = new Set(changed.orders.map(({ orderId }) => orderId));
    for (const room of ready.values()) room.advance(changed.token, named);
  }

  /** More has moved since the last sweep than is read, as after a long outage: what was missed is not repeated. */
  async #loadAnew(): Promise<void> {
    const counted = [...this.#rooms.values()];
    await Promise.allSettled(counted.map(({ ready }) => ready));
    const rooms = counted.map(({ room }) => room);
    this.#token = await this.#deps.changes.now();
    await Promise.all(rooms.map((room) => room.load(this.#token)));
    this.#isTornOff = false;
    for (const room of rooms) room.resync('token_too_old');
  }

  #sendHeartbeats(): Promise<void> {
    const now = this.#deps.clock.now();
    for (const { room } of this.#rooms.values()) room.heartbeat(now);
    return Promise.resolve();
  }

  #acquire(owner: string): CountedRoom {
    let counted = this.#rooms.get(owner);
    if (counted === undefined) {
      const room = new OwnerRoom(owner, {
        ...this.#deps,
        onReadFailed: (_orderId, thrown) => this.#sweeps.failed(thrown),
      });
      counted = { room, ready: this.#open(room), refCount: 0 };
      // The subscriptions that wait for it see the failure, too.
      counted.ready.catch(() => undefined);
      this.#rooms.set(owner, counted);
    }
    counted.refCount += 1;
    return counted;
  }

  async #open(room: OwnerRoom): Promise<void> {
    if (this.#rooms.size === 0) this.#begun = this.#begin();
    await this.#begun;
    await room.load(this.#token);
    // Notifications that came before found no order.
    this.#sweeps.runSoon();
  }

  async #begin(): Promise<void> {
    this.#token = await this.#deps.changes.now();
    this.#isTornOff = false;
  }

  #release(counted: CountedRoom): void {
    counted.refCount -= 1;
    if (counted.refCount > 0) return;
    const { room } = counted;
    if (this.#rooms.get(room.owner) === counted) this.#rooms.delete(room.owner);
    room.close();
  }
}
