/**
 * What Fillstream needs of a store. Each invariant concerns one order, so that an adapter needs an atomic write of one
 * order (its row, its journal entry, its inbox mark) and no transaction over several.
 *
 * Every write resolves only once it is durable. Any method may reject with `StoreUnavailable`: nothing is known about
 * the write then, and repeating it is safe.
 *
 * Time that several processes must agree on is the store's own clock: durations go in, instants stay inside.
 */
import type { Command } from '../../machines/order/types.ts';
import type { OrderStatus } from '../../machines/order/state.ts';
import type { StoredState } from '../../machines/registry.ts';
import type { JournalEntry } from '../journal/entry.ts';
import type { Changes } from './changes.ts';
import type { DayTotals } from './day-totals.ts';
import type { IdentityStore } from './identity.ts';
import type { OrderRecords } from './order-records.ts';
import type { LedgerRecords } from './ledger-records.ts';
import type { SignerLedger } from './ledger.ts';

/** The store cannot be reached, is full, or stays locked. `message` says which store and what it answered. */
export class StoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailable';
  }
}

/** Why an order waits for another release, or for an operator. */
export interface Hold {
  readonly code: string;
  readonly message: string;
}

export interface StoredOrder {
  readonly orderId: string;
  readonly owner: string;
  readonly clientOrderId: string | null;
  /** SHA-256 (hex) of the client's own JSON in canonical form: what a repeated submission is compared with. */
  readonly requestHash: string;
  /** Counts the writes that contend for the order; every commit, claim and release raises it. */
  readonly version: number;
  readonly status: OrderStatus;
  readonly state: StoredState;
  /** `seq` of the last journal entry. */
  readonly lastSeq: number;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The worker process that runs it; null while it waits. */
  readonly worker: string | null;
  readonly held: Hold | null;
}

/** A claimed order, with the commands that no commit has taken in yet and the length of its inbox. */
export interface ClaimedOrder extends StoredOrder {
  readonly commands: readonly Command[];
  readonly inboxLength: number;
  /** A release has held it. The first commit says so (`endsHold`), and then every release may run the order again. */
  readonly wasHeld: boolean;
}

export type NewOrder = Pick<
  StoredOrder,
  'orderId' | 'owner' | 'clientOrderId' | 'requestHash' | 'status' | 'state' | 'createdAt'
> & { readonly entry: JournalEntry };

export type Created =
  { readonly created: true } | { readonly created: false; readonly existing: StoredOrder };

/** Transitions in a row: the state that the last one reached and the journal entry of each, written together or not at all. */
export interface Commit {
  readonly orderId: string;
  readonly expectedVersion: number;
  /** Drawn once for a commit and kept when it is repeated, so that a lost answer is not taken for a lost race. */
  readonly commitId: string;
  readonly status: OrderStatus;
  readonly state: StoredState;
  /** Their `seq` follows the order's last one without a gap. */
  readonly entries: readonly [JournalEntry, ...JournalEntry[]];
  /** How many commands of the inbox this state has taken in. */
  readonly inboxDone: number;
  /** On the way to a final state: the length of the inbox that was seen; a longer one refuses the commit. */
  readonly inboxSeen?: number;
  /** The order now waits without a worker and wants one after this many milliseconds. */
  readonly parkForMs?: number;
  /** This release can run the order: that others could not is forgotten. */
  readonly endsHold?: true;
}

/**
 * A commit that is made when it is written, so that it holds every transition taken until then. Once made it is the same at each
 * call, so that a repetition keeps its id.
 */
export type DeferredCommit = () => Commit;

export type Committed =
  | { readonly outcome: 'committed' }
  /** Another process moved the order: it is no longer this worker's. */
  | { readonly outcome: 'lost'; readonly storedVersion: number | null }
  /** The inbox holds more than was seen: read these and decide again. */
  | {
      readonly outcome: 'commands_waiting';
      readonly commands: readonly Command[];
      readonly inboxLength: number;
    };

export interface OrderFilter {
  readonly owner: string;
  readonly status?: OrderStatus;
  readonly clientOrderId?: string;
  /** Excludes `clientOrderId`. */
  readonly search?: OrderSearch;
  /** Creation in Unix milliseconds: not before `since`, and before `until`. */
  readonly since?: number;
  readonly until?: number;
  /** By creation. Default: `newest`. A cursor belongs to the direction of its page. */
  readonly first?: 'newest' | 'oldest';
  readonly limit: number;
  /** As a page before gave it. */
  readonly cursor?: string;
}

/** At least one of these is true of each order that is found. */
export interface OrderSearch {
  /** As in order-terms.ts. */
  readonly terms: readonly string[];
  /** The id begins with this, of at least `SHORTEST_ID_PREFIX` characters. */
  readonly idPrefix?: string;
  readonly clientOrderId?: string;
}

/** A shorter beginning of an id belongs to too many orders to be looked up. */
export const SHORTEST_ID_PREFIX = 4;

export interface OrderPage {
  readonly orders: readonly StoredOrder[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
  /** Orders that ended in an older release are still being indexed: a search may lack some of them. */
  readonly isIncomplete?: true;
}

/** How many orders of an owner are in a status, with one code of why they ended so. */
export interface OrderCount {
  readonly status: OrderStatus;
  /** Null while an order is open, and of one that ended as it should. */
  readonly code: string | null;
  readonly orders: number;
}

export interface OrderCounts {
  readonly counts: readonly OrderCount[];
  /** When they were counted: Unix milliseconds. */
  readonly at: number;
}

/** The cursor was not made by this store. */
export class InvalidCursor extends Error {
  constructor(cursor: string) {
    super(`cursor "${cursor.slice(0, 40)}" was not given out by a page before`);
    this.name = 'InvalidCursor';
  }
}

export interface OrderStore {
  /** Writes the order as version 1 with its first entry, due at once, or answers the order that has its id. */
  create(order: NewOrder): Promise<Created>;
  load(orderId: string): Promise<StoredOrder | null>;
  /**
   * Compare-and-set on `expectedVersion`, which a commit raises by one, however many entries it has. Frees the worker where the
   * status is final.
   */
  commit(commit: Commit | DeferredCommit): Promise<Committed>;
  /**
   * Newest first by creation, unless the filter says otherwise; an order never moves between pages.
   * @throws InvalidCursor
   */
  list(filter: OrderFilter): Promise<OrderPage>;
  /** Of all orders of the owner. A store may answer with what it counted some seconds ago: `at` says when. */
  counts(owner: string): Promise<OrderCounts>;
  /** Orders that have not ended. */
  countOpen(): Promise<number>;
}

export interface Journal {
  /** Entries with `seq` above `after`, ascending, at most `limit`. */
  read(orderId: string, after: number, limit: number): Promise<readonly JournalEntry[]>;
  /** The last `seq` of each of these orders, in one query. Unknown ones are left out. */
  lastSeqs(orderIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

export type Pushed =
  | { readonly outcome: 'accepted'; readonly worker: string | null; readonly version: number }
  | { readonly outcome: 'ended'; readonly status: OrderStatus }
  | { readonly outcome: 'unknown' };

/** What a running order has not looked at yet. */
export interface WaitingCommands {
  readonly orderId: string;
  readonly commands: readonly Command[];
  readonly inboxLength: number;
}

/** Commands from outside. Leaves `version` alone, so that it never makes a worker lose its order. */
export interface Inbox {
  /**
   * Appends to an order that has not ended, unless a command of that id is there. One that waits without a worker becomes
   * due at once.
   */
  push(orderId: string, command: Command): Promise<Pushed>;
  /** Commands of the orders that this worker runs which no commit has taken in. */
  waiting(workerId: string): Promise<readonly WaitingCommands[]>;
}

/** An order that is due for a worker. */
export interface DueOrder {
  readonly orderId: string;
  readonly version: number;
  readonly machineVersion: number;
  /** Since when, as a duration. */
  readonly dueForMs: number;
}

export interface DueQuery {
  /** Orders of newer machines are left out. */
  readonly machineVersion: number;
  /** Orders that this release holds are left out. Null: all that are held. */
  readonly release: string | null;
  /** A worker whose last heartbeat is older is dead. */
  readonly deadAfterMs: number;
  /** Leaves out what became due less than this long ago: its wake-up is probably on the way. */
  readonly overdueByMs: number;
  readonly limit: number;
}

export interface ClaimRules {
  readonly machineVersion: number;
  /** Which release asks, in the words of `hold`. */
  readonly release: string;
  readonly deadAfterMs: number;
  readonly earlyMs: number;
}

export interface HeldOrders {
  readonly total: number;
  readonly orders: readonly (Pick<StoredOrder, 'orderId' | 'status'> & { readonly hold: Hold })[];
}

/** A worker that writes heartbeats, and what it runs. */
export interface RunningWorker {
  readonly workerId: string;
  /** Milliseconds since its last heartbeat; 0 also where the store's clock was set back. */
  readonly silentMs: number;
  /** How many open orders name it. */
  readonly orderCount: number;
  /** The first of them by id. */
  readonly orders: readonly Pick<StoredOrder, 'orderId' | 'status'>[];
}

/**
 * Which worker runs which order. A wait is bounded by its length also where the store's clock is set back: an order that began to
 * wait in what is now the future is due.
 *
 * A worker process draws a new id at each start.
 */
export interface WorkStore {
  /** Writes the worker's heartbeat. */
  beat(workerId: string): Promise<void>;
  /**
   * Gives the order to the worker if it is open, not held by its release, of this machine version or an older one, and either waits
   * and is due (give or take `earlyMs`) or is run by a worker that is dead. Ends a hold of other releases, raises `version`.
   * Null: nothing to do.
   */
  claim(orderId: string, workerId: string, rules: ClaimRules): Promise<ClaimedOrder | null>;
  /** Hands an order back, due after `dueInMs`. False: it was no longer this worker's at that version. */
  release(orderId: string, expectedVersion: number, dueInMs: number): Promise<boolean>;
  /** Open orders whose time has come or whose worker is dead, longest due first. */
  due(query: DueQuery): Promise<readonly DueOrder[]>;
  /** Ids of the open orders that name this worker. */
  runBy(workerId: string): Promise<readonly string[]>;
  /**
   * Those that have neither retired nor been silent for so long that they are forgotten, the latest heartbeat first.
   * @param limit of workers
   * @param ordersShown of each worker
   */
  workers(limit: number, ordersShown: number): Promise<readonly RunningWorker[]>;
  /**
   * Keeps an order from the workers of this release, visibly, in a compare-and-set on its version. Its state is left as it is.
   * Another release may still claim it.
   */
  hold(orderId: string, expectedVersion: number, hold: Hold, release: string): Promise<boolean>;
  /** Lets every release claim the order again. False: it is not held. */
  liftHold(orderId: string): Promise<boolean>;
  /** How many orders are held, and the first of them by id. */
  held(limit: number): Promise<HeldOrders>;
  /** Deletes the heartbeat of a worker that stopped in good order, so that orders that still name it are due at once. */
  retire(workerId: string): Promise<void>;
}

export interface Store {
  readonly orders: OrderStore;
  readonly journal: Journal;
  readonly changes: Changes;
  readonly inbox: Inbox;
  readonly work: WorkStore;
  readonly records: OrderRecords;
  readonly ledger: SignerLedger;
  readonly ledgerRecords: LedgerRecords;
  readonly dayTotals: DayTotals;
  readonly identity: IdentityStore;
  /** @throws StoreUnavailable */
  check(): Promise<void>;
  /** Waits for what was begun; later calls reject with `StoreUnavailable`. */
  close(): Promise<void>;
}
