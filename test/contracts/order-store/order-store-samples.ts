/** Orders, commits and entries for the store's contract: as complete as the store needs them, with random ids. */
import type { Command } from '../../../machines/order/types.ts';
import type { OrderStatus } from '../../../machines/order/state.ts';
import type { StoredState } from '../../../machines/registry.ts';
import type { JournalEntry } from '../../../src/journal/entry.ts';
import type { Commit, NewOrder, OrderStore, Store, StoredOrder } from '../../../src/store/ports.ts';
import { drawHex, drawOrderId, seededRandom, type SeededRandom } from '../../support/seeded-random.ts';

/** Longer than any test runs. */
export const AN_HOUR_MS = 3_600_000;

/** Rules under which every worker that ever wrote a heartbeat is alive. */
export const ALL_ALIVE = { machineVersion: 1, release: 'this one', deadAfterMs: AN_HOUR_MS, earlyMs: 0 };

/** What the samples need of a store: less than all of it, so that a part of a store can be tested alone. */
export interface Orders {
  readonly orders: Pick<OrderStore, 'create' | 'load' | 'commit'>;
}

let ids: SeededRandom | null = null;

/** The draws of all ids: a page of equally old orders, for one, has them in the order of their ids. */
export function idDraws(): SeededRandom {
  ids ??= seededRandom('ids of samples');
  return ids;
}

/** For a process that shares a store with another one: no id of one is an id of the other. */
export function drawIdsFor(processName: string): void {
  ids = seededRandom(`ids of samples of ${processName}`);
}

export function anOrderId(): string {
  return drawOrderId(idDraws());
}

export function aWorkerId(): string {
  return `worker-${drawHex(idDraws(), 16)}`;
}

export function aCancel(): Command {
  return { type: 'CANCEL', commandId: drawHex(idDraws(), 16) };
}

export function anEntry(orderId: string, seq: number, over: Partial<JournalEntry> = {}): JournalEntry {
  const at = 1_800_000_000_000 + seq;
  return {
    seq,
    at,
    machineVersion: 1,
    event: { type: 'xstate.done.actor.quote', at, draw: 0.25, output: { quotes: [], refusals: [] } },
    edges: ['order@1.routing.quoting|xstate.done.actor.quote|0'],
    state: 'routing.quoting',
    message: {
      type: 'routing',
      orderId,
      seq,
      state: 'routing.quoting',
      progress: 10,
      message: `Step ${seq}`,
      timestamp: new Date(at).toISOString(),
      attempt: 1,
    },
    ...over,
  };
}

export function aState(context: unknown = {}, over: Partial<StoredState> = {}): StoredState {
  return { machineVersion: 1, value: { routing: 'quoting' }, context, status: 'active', ...over };
}

export function aNewOrder(over: Partial<NewOrder> = {}): NewOrder {
  const orderId = over.orderId ?? anOrderId();
  return {
    orderId,
    owner: 'local',
    clientOrderId: null,
    requestHash: 'ab'.repeat(32),
    status: 'pending',
    state: aState({ progress: 0 }, { value: 'pending' }),
    createdAt: 1_800_000_000_000,
    entry: anEntry(orderId, 1),
    ...over,
  };
}

type Seen = Pick<StoredOrder, 'orderId' | 'version' | 'lastSeq'>;

/** The next commit of an order that was seen like this. */
export function aCommit(seen: Seen, over: Partial<Commit> = {}): Commit {
  const seq = seen.lastSeq + 1;
  return {
    orderId: seen.orderId,
    expectedVersion: seen.version,
    commitId: drawHex(idDraws(), 16),
    status: 'routing',
    state: aState({ step: seq }),
    entries: [anEntry(seen.orderId, seq)],
    inboxDone: 0,
    ...over,
  };
}

export async function stored(store: Orders, orderId: string): Promise<StoredOrder> {
  const order = await store.orders.load(orderId);
  if (order === null) throw new Error(`order ${orderId} is not stored`);
  return order;
}

export async function created(store: Orders, over: Partial<NewOrder> = {}): Promise<StoredOrder> {
  const order = aNewOrder(over);
  await store.orders.create(order);
  return stored(store, order.orderId);
}

/** An order that a living worker runs. */
export async function running(
  store: Orders & Pick<Store, 'work'>,
  workerId: string,
  over: Partial<NewOrder> = {},
): Promise<StoredOrder> {
  const { orderId } = await created(store, over);
  await store.work.beat(workerId);
  const claimed = await store.work.claim(orderId, workerId, ALL_ALIVE);
  if (claimed === null) throw new Error(`order ${orderId} could not be claimed`);
  return stored(store, orderId);
}

/** Moves the order on by one entry. */
export async function advanced(
  store: Orders,
  orderId: string,
  over: Partial<Commit> = {},
): Promise<StoredOrder> {
  const answer = await store.orders.commit(aCommit(await stored(store, orderId), over));
  if (answer.outcome !== 'committed') throw new Error(`order ${orderId}: ${answer.outcome}`);
  return stored(store, orderId);
}

export function ended(
  store: Orders,
  orderId: string,
  status: OrderStatus = 'confirmed',
): Promise<StoredOrder> {
  return advanced(store, orderId, { status, state: aState({}, { value: status, status: 'done' }) });
}

/** An order that waits without a worker, due in an hour. */
export async function parked(store: Orders, over: Partial<NewOrder> = {}): Promise<StoredOrder> {
  const { orderId } = await created(store, over);
  return advanced(store, orderId, { parkForMs: AN_HOUR_MS });
}
