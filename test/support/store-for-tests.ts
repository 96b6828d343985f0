/** The SQLite store in its own folder, for tests of what uses a store, with outages and tampering on demand. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Command } from '../../machines/order/types.ts';
import { isFinal } from '../../machines/order/state.ts';
import { StoreUnavailable, type Store, type StoredOrder } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { afterEverySuite } from './clean-up.ts';
import { tempDir } from './temp-dir.ts';

export interface StoreForTests extends Pick<
  Store,
  'orders' | 'journal' | 'changes' | 'inbox' | 'identity' | 'check'
> {
  readonly work: Pick<Store['work'], 'held' | 'liftHold' | 'workers'>;
  /** From now on every call rejects with StoreUnavailable, until it is called with `false`. */
  goAway(away?: boolean): void;
  /** From now on no call settles, until it is called with `false`. */
  hang(hangs?: boolean): void;
  /** The commands in an order's inbox. */
  commandsOf(orderId: string): readonly Command[];
  /** Changes what is stored of an order without any of the store's rules. */
  tamper(orderId: string, change: Tampering): void;
}

type Tampering = Partial<Pick<StoredOrder, 'owner' | 'version' | 'status' | 'state' | 'worker' | 'held'>>;

/** It is closed and removed after the tests of the file. */
export function storeForTests(now: () => number): StoreForTests {
  const dir = tempDir();
  const file = join(dir.path, 'orders.sqlite');
  const opening = openSqliteStore({ file, clock: { now } });
  let isAway = false;
  let whenBack: Promise<void> = Promise.resolve();
  let comeBack: () => void = () => undefined;

  async function opened(): Promise<Store> {
    const store = await opening;
    await whenBack;
    if (isAway) throw new StoreUnavailable('the store for tests is set to be unavailable');
    return store;
  }

  /** What another process sees and does; never in the middle of a write of the store, which are synchronous. */
  function beside<T>(act: (db: Database.Database) => T): T {
    const db = new Database(file, { timeout: 0 });
    try {
      return act(db);
    } finally {
      db.close();
    }
  }

  cleanUps.push(async () => {
    await (await opening).close();
    dir.remove();
  });

  return {
    orders: {
      create: async (order) => (await opened()).orders.create(order),
      load: async (orderId) => (await opened()).orders.load(orderId),
      commit: async (commit) => (await opened()).orders.commit(commit),
      list: async (filter) => (await opened()).orders.list(filter),
      counts: async (owner) => (await opened()).orders.counts(owner),
      countOpen: async () => (await opened()).orders.countOpen(),
    },
    journal: {
      read: async (orderId, after, limit) => (await opened()).journal.read(orderId, after, limit),
      lastSeqs: async (orderIds) => (await opened()).journal.lastSeqs(orderIds),
    },
    changes: {
      now: async () => (await opened()).changes.now(),
      since: async (token, owners) => (await opened()).changes.since(token, owners),
      openOrders: async (owner) => (await opened()).changes.openOrders(owner),
    },
    inbox: {
      push: async (orderId, command) => (await opened()).inbox.push(orderId, command),
      waiting: async (workerId) => (await opened()).inbox.waiting(workerId),
    },
    work: {
      held: async (limit) => (await opened()).work.held(limit),
      liftHold: async (orderId) => (await opened()).work.liftHold(orderId),
      workers: async (limit, ordersShown) => (await opened()).work.workers(limit, ordersShown),
    },
    identity: {
      keys: {
        add: async (key) => (await opened()).identity.keys.add(key),
        find: async (id) => (await opened()).identity.keys.find(id),
        list: async () => (await opened()).identity.keys.list(),
        any: async () => (await opened()).identity.keys.any(),
        revoke: async (id, at) => (await opened()).identity.keys.revoke(id, at),
      },
      shares: {
        add: async (share) => (await opened()).identity.shares.add(share),
        find: async (id) => (await opened()).identity.shares.find(id),
        ofOrder: async (orderId) => (await opened()).identity.shares.ofOrder(orderId),
        revoke: async (orderId, id, at) => (await opened()).identity.shares.revoke(orderId, id, at),
      },
      secrets: { keep: async (name, drawn) => (await opened()).identity.secrets.keep(name, drawn) },
      audit: {
        append: async (record) => (await opened()).identity.audit.append(record),
        list: async (limit, before) => (await opened()).identity.audit.list(limit, before),
      },
    },
    check: async () => (await opened()).check(),
    hang: (hangs = true) => {
      comeBack();
      if (hangs) whenBack = new Promise((resolve) => (comeBack = resolve));
    },
    goAway: (away = true) => {
      isAway = away;
    },
    commandsOf: (orderId) =>
      beside((db) =>
        db
          .prepare<[string], string>(
            'SELECT body FROM commands JOIN orders ON orders.no = order_no WHERE id = ? ORDER BY n',
          )
          .pluck()
          .all(orderId)
          .map((body) => JSON.parse(body) as Command),
      ),
    tamper: (orderId, change) =>
      beside((db) => {
        for (const [column, value] of Object.entries(columnsOf(change, now())))
          db.prepare(`UPDATE orders SET ${column} = ? WHERE id = ?`).run(value, orderId);
      }),
  };
}

function columnsOf(
  { owner, version, status, state, worker, held }: Tampering,
  now: number,
): Readonly<Record<string, string | number | null>> {
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(version === undefined ? {} : { version }),
    ...(status === undefined ? {} : { status, ended_at: isFinal(status) ? now : null }),
    ...(state === undefined ? {} : { state: JSON.stringify(state) }),
    ...(worker === undefined ? {} : { worker }),
    ...(held === undefined ? {} : { held: held === null ? null : JSON.stringify(held) }),
  };
}

const cleanUps: (() => Promise<void>)[] = [];
afterEverySuite(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});
