/**
 * A store in memory, for tests of what stands on one: orders, journal and inbox as the port promises them, and an outage on
 * demand. It holds copies, so that nobody changes what is stored by changing what was read.
 */
import type { Command } from '../../machines/order/types.ts';
import { isFinal } from '../../machines/order/state.ts';
import type { JournalEntry } from '../../src/journal/entry.ts';
import {
  InvalidCursor,
  StoreUnavailable,
  type Inbox,
  type Journal,
  type OrderStore,
  type StoredOrder,
} from '../../src/store/ports.ts';

interface Row {
  order: StoredOrder;
  journal: JournalEntry[];
  inbox: Command[];
}

export interface MemoryStore {
  readonly orders: OrderStore;
  readonly journal: Journal;
  readonly inbox: Inbox;
  check(): Promise<void>;
  close(): Promise<void>;
  /** From now on every call rejects with StoreUnavailable, until it is called with `false`. */
  goAway(away?: boolean): void;
  /** What lies in an order's inbox. */
  commandsOf(orderId: string): readonly Command[];
  /** Changes a stored order past all rules, as only a test may. */
  tamper(orderId: string, change: Partial<StoredOrder>): void;
}

export function memoryStore(now: () => number = () => Date.now()): MemoryStore {
  const rows = new Map<string, Row>();
  let away = false;

  /** Every call takes a turn of the event loop, as one to a real store does, and may find nobody there. */
  async function turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (away) throw new StoreUnavailable('the store in memory was told to be away');
  }

  const orders: OrderStore = {
    create: async (order) => {
      await turn();
      const row = rows.get(order.orderId);
      if (row !== undefined) return { created: false, existing: structuredClone(row.order) };
      const { entry, ...rest } = structuredClone(order);
      rows.set(order.orderId, {
        order: {
          ...rest,
          version: 1,
          lastSeq: entry.seq,
          updatedAt: rest.createdAt,
          worker: null,
          held: null,
        },
        journal: [entry],
        inbox: [],
      });
      return { created: true };
    },
    load: async (orderId) => {
      await turn();
      return structuredClone(rows.get(orderId)?.order ?? null);
    },
    commit: async ({ orderId, expectedVersion, status, state, entry, inboxDone, inboxSeen }) => {
      await turn();
      const row = rows.get(orderId);
      if (row?.order.version !== expectedVersion) {
        return { outcome: 'lost', storedVersion: row?.order.version ?? null };
      }
      if (inboxSeen !== undefined && row.inbox.length > inboxSeen) {
        const commands = row.inbox.slice(inboxDone);
        return { outcome: 'commands_waiting', commands, inboxLength: row.inbox.length };
      }
      const written = structuredClone({ status, state, entry });
      row.journal.push(written.entry);
      row.order = {
        ...row.order,
        status: written.status,
        state: written.state,
        version: expectedVersion + 1,
        lastSeq: entry.seq,
        updatedAt: now(),
        worker: isFinal(status) ? null : row.order.worker,
      };
      return { outcome: 'committed' };
    },
    list: async ({ owner, status, clientOrderId, limit, cursor }) => {
      await turn();
      const sorted = [...rows.values()]
        .map(({ order }) => order)
        .filter((order) => order.owner === owner)
        .filter((order) => status === undefined || order.status === status)
        .filter((order) => clientOrderId === undefined || order.clientOrderId === clientOrderId)
        .sort((a, b) => b.createdAt - a.createdAt || (a.orderId < b.orderId ? 1 : -1));
      const position = cursor === undefined ? null : readCursor(cursor);
      const rest = sorted.filter((order) => position === null || isBehind(order, position));
      const page = rest.slice(0, limit);
      const last = page.at(-1);
      const more = rest.length > page.length && last !== undefined;
      return {
        orders: structuredClone(page),
        nextCursor: more ? Buffer.from(`${last.createdAt}:${last.orderId}`).toString('base64url') : null,
      };
    },
    countOpen: async () => {
      await turn();
      return [...rows.values()].filter(({ order }) => !isFinal(order.status)).length;
    },
  };

  const journal: Journal = {
    read: async (orderId, after, limit) => {
      await turn();
      const entries = rows.get(orderId)?.journal ?? [];
      return structuredClone(entries.filter(({ seq }) => seq > after).slice(0, limit));
    },
    lastSeqs: async (orderIds) => {
      await turn();
      return new Map(
        orderIds.flatMap((orderId) => {
          const row = rows.get(orderId);
          return row === undefined ? [] : [[orderId, row.order.lastSeq] as const];
        }),
      );
    },
  };

  const inbox: Inbox = {
    push: async (orderId, command) => {
      await turn();
      const row = rows.get(orderId);
      if (row === undefined) return { outcome: 'unknown' };
      if (isFinal(row.order.status)) return { outcome: 'ended', status: row.order.status };
      const isThere = row.inbox.some(({ commandId }) => commandId === command.commandId);
      if (!isThere) row.inbox.push(structuredClone(command));
      return { outcome: 'accepted', worker: row.order.worker, version: row.order.version };
    },
    waiting: async (workerId) => {
      await turn();
      return [...rows.values()]
        .filter(({ order, inbox: commands }) => order.worker === workerId && commands.length > 0)
        .map(({ order, inbox: commands }) => ({
          orderId: order.orderId,
          commands: structuredClone(commands),
          inboxLength: commands.length,
        }));
    },
  };

  return {
    orders,
    journal,
    inbox,
    check: turn,
    close: () => Promise.resolve(),
    goAway: (gone = true) => {
      away = gone;
    },
    commandsOf: (orderId) => rows.get(orderId)?.inbox ?? [],
    tamper: (orderId, change) => {
      const row = rows.get(orderId);
      if (row !== undefined) row.order = { ...row.order, ...change };
    },
  };
}

interface Position {
  readonly createdAt: number;
  readonly orderId: string;
}

function readCursor(cursor: string): Position {
  const match = /^(\d+):([a-z2-7]{32})$/.exec(Buffer.from(cursor, 'base64url').toString());
  const [, createdAt, orderId] = match ?? [];
  if (createdAt === undefined || orderId === undefined) throw new InvalidCursor(cursor);
  return { createdAt: Number(createdAt), orderId };
}

function isBehind(order: StoredOrder, position: Position): boolean {
  return (
    order.createdAt < position.createdAt ||
    (order.createdAt === position.createdAt && order.orderId < position.orderId)
  );
}
