/**
 * All orders of one owner on this server: each entry is passed on once, in the order of its order's journal, to the subscriptions that
 * want it. Live ones get it together; one that is behind keeps a cursor for each order that it has to catch up on.
 */
import { statusOf } from '../../../machines/order/state.ts';
import type { OrderAccess } from '../../edge/order-access.ts';
import { readStoredContext } from '../../journal/stored-context.ts';
import type { JournaledMessage } from '../../protocol/messages.ts';
import type { Changes } from '../../store/changes.ts';
import type { Reader, ReaderGroup } from '../core/reader.ts';
import { KnownOrders, type KnownOrder, type KnownOrdersDeps } from './known-orders.ts';
import { pairOf, type EntryFilter, type Pair, type TokenName } from './orders-filter.ts';
import { ordersHeartbeat, type ResyncCode } from './orders-messages.ts';

/** A subscription, as the room sees it. */
export interface OwnerRoomMember {
  readonly reader: Reader;
  readonly filter: EntryFilter;
  isOverfull(): boolean;
  /** Leaves the live ones, to catch up on its own. @param order whose entry after `seq` it did not get; null: it got all */
  fallBehind(order: KnownOrder | null, seq: number): void;
  /** It is not live, and an entry was passed on. */
  take(order: KnownOrder, message: JournaledMessage): void;
  heartbeat(now: number): void;
  /** What it missed is not repeated. It is live from here. */
  resync(code: ResyncCode): void;
}

/** Live subscriptions of one transport that want the same entries. */
interface LiveGroup {
  readonly name: string;
  readonly group: ReaderGroup;
  readonly filter: EntryFilter;
  readonly members: Map<Reader, OwnerRoomMember>;
}

export interface OwnerRoomDeps extends Omit<KnownOrdersDeps, 'onEntry'> {
  readonly access: Pick<OrderAccess, 'load'>;
  readonly changes: Changes;
  readonly tokenName: TokenName;
}

export class OwnerRoom {
  readonly owner: string;
  readonly orders: KnownOrders;
  readonly #deps: OwnerRoomDeps;
  readonly #live = new Map<ReaderGroup, Map<string, LiveGroup>>();
  readonly #others = new Set<OwnerRoomMember>();
  #token = '';
  #isReady = false;

  constructor(owner: string, deps: OwnerRoomDeps) {
    this.owner = owner;
    this.#deps = deps;
    this.orders = new KnownOrders({ ...deps, onEntry: (order, message) => this.#pass(order, message) });
  }

  /** All entries up to it were passed on. */
  get token(): string {
    return this.#token;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /**
   * Takes the orders as they are now, all of whose entries count as passed on.
   * @param token sweeps go on from here, or from later
   */
  async load(token: string): Promise<void> {
    const { changes } = this.#deps;
    this.#isReady = false;
    const open = await changes.openOrders(this.owner);
    // Also what has ended lately: a sweep may name it once more.
    const changed = await changes.since(token, [this.owner]);
    const seqs = new Map(open);
    if (changed.outcome === 'read') {
      for (const { orderId, lastSeq } of changed.orders)
        seqs.set(orderId, Math.max(lastSeq, seqs.get(orderId) ?? 0));
    }
    this.orders.clear();
    for (const [orderId, seq] of seqs) this.orders.add(orderId, seq);
    this.#token = changed.outcome === 'read' ? changed.token : token;
    this.#isReady = true;
  }

  /**
   * The order has entries up to this one, as a sweep says: one that is not known is new.
   * @returns false: the journal does not show them yet
   */
  async see(orderId: string, lastSeq: number): Promise<boolean> {
    const { cursor } = this.orders.get(orderId) ?? this.orders.add(orderId, 0);
    cursor.noteSeq(lastSeq);
    if (cursor.isBehind) await cursor.catchUp();
    return cursor.seq >= lastSeq;
  }

  /** All that a sweep named was passed on. */
  advance(token: string, named: ReadonlySet<string>): void {
    this.#token = token;
    this.orders.forgetEnded(named);
  }

  join(member: OwnerRoomMember): void {
    this.#others.add(member);
  }

  goLive(member: OwnerRoomMember): void {
    const { filter, reader } = member;
    this.#others.delete(member);
    const byFilter = this.#live.get(reader.group) ?? new Map<string, LiveGroup>();
    this.#live.set(reader.group, byFilter);
    const name = `orders:${this.owner}:${filter.key}`;
    const live = byFilter.get(filter.key) ?? { name, group: reader.group, filter, members: new Map() };
    byFilter.set(filter.key, live);
    live.members.set(reader, member);
    reader.joinRoom(name);
  }

  leaveLive(member: OwnerRoomMember): void {
    this.#remove(member);
    this.#others.add(member);
  }

  leave(member: OwnerRoomMember): void {
    this.#others.delete(member);
    this.#remove(member);
  }

  heartbeat(now: number): void {
    for (const live of this.#liveGroups()) {
      for (const member of live.members.values()) if (member.isOverfull()) member.fallBehind(null, 0);
      if (live.members.size > 0)
        live.group.broadcast(live.name, live.members, ordersHeartbeat(this.#token, now), this.#token);
    }
    for (const member of this.#others) member.heartbeat(now);
  }

  resync(code: ResyncCode): void {
    for (const { members } of this.#liveGroups()) for (const member of members.values()) member.resync(code);
    for (const member of [...this.#others]) member.resync(code);
  }

  /** What the order sells and buys. @throws FillstreamError order_not_found @throws StoreUnavailable */
  async pairOf(orderId: string): Promise<Pair> {
    const { access, tokenName } = this.#deps;
    const known = this.orders.get(orderId)?.pair ?? null;
    if (known !== null) return known;
    const stored = await access.load(this.owner, orderId);
    const pair = pairOf(readStoredContext(stored.state.context).terms, tokenName);
    const order = this.orders.get(orderId);
    if (order !== null) order.pair = pair;
    return pair;
  }

  close(): void {
    this.orders.clear();
  }

  #pass(order: KnownOrder, message: JournaledMessage): void {
    if (message.type === 'pending' && message.sellToken !== undefined && message.buyToken !== undefined) {
      const { sellToken, buyToken } = message;
      order.pair = pairOf({ sellToken, buyToken }, this.#deps.tokenName);
    }
    const status = statusOf(message.state);
    for (const { name, group, filter, members } of this.#liveGroups()) {
      if (!filter.wantsStatus(status)) continue;
      const isUnsure = filter.needsPair && order.pair === null;
      if (filter.needsPair && order.pair !== null && !filter.wantsPair(order.pair)) continue;
      for (const member of members.values()) {
        if (isUnsure || member.isOverfull()) member.fallBehind(order, message.seq - 1);
      }
      if (members.size > 0) group.broadcast(name, members, message, this.#token);
    }
    for (const member of this.#others) member.take(order, message);
  }

  #remove({ reader, filter }: OwnerRoomMember): void {
    const byFilter = this.#live.get(reader.group);
    const live = byFilter?.get(filter.key);
    if (live?.members.delete(reader) !== true) return;
    reader.leaveRoom(live.name);
    if (live.members.size === 0) byFilter?.delete(filter.key);
    if (byFilter?.size === 0) this.#live.delete(reader.group);
  }

  *#liveGroups(): Generator<LiveGroup> {
    // A Map may lose entries during an iteration.
    for (const byFilter of this.#live.values()) yield* byFilter.values();
  }
}
