import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { StoreUnavailable, type Store } from '../../../src/store/ports.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { aCommit, aNewOrder, created, stored } from '../../contracts/order-store/order-store-samples.ts';
import { eventually } from '../../support/eventually.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';

let dir: TempDir;
let file: string;
let stores: Store[];
beforeEach(() => {
  dir = tempDir();
  file = join(dir.path, 'orders.sqlite');
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  dir.remove();
});

async function opened(lockLimitMs = 10_000): Promise<Store> {
  const store = await openSqliteStore({ file, lockLimitMs });
  stores.push(store);
  return store;
}

/** What another process holds while it writes. */
function writeLock(): { release(): void } {
  const other = new Database(file, { timeout: 0 });
  other.exec('BEGIN IMMEDIATE');
  return {
    release: () => {
      other.exec('COMMIT');
      other.close();
    },
  };
}

describe('two processes at one SQLite file', () => {
  test('a write waits for the lock of another, in its turn, while timers fire and reads are answered', async () => {
    const store = await opened();
    const order = await created(store);
    const lock = writeLock();
    let settled = 0;
    const writes = [store.orders.commit(aCommit(order)), store.orders.create(aNewOrder()), store.check()].map(
      async (write) => {
        await write;
        settled++;
      },
    );
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await eventually(
      () => ticks,
      (count) => count >= 20,
    );
    expect(await store.orders.load(order.orderId)).toEqual(order);
    expect(settled).toBe(0);

    lock.release();
    await Promise.all(writes);
    clearInterval(timer);
    expect((await stored(store, order.orderId)).lastSeq).toBe(2);
  });

  test('a lock that outlasts the limit makes writes unavailable, and no later ones', async () => {
    const store = await opened(30);
    const lock = writeLock();
    await expect(store.orders.create(aNewOrder())).rejects.toThrow(StoreUnavailable);
    await expect(store.check()).rejects.toThrow(/locked by another process for more than 30 ms/);
    lock.release();
    expect(await store.orders.create(aNewOrder())).toEqual({ created: true });
  });

  test('opening waits for the lock of another, too', async () => {
    await (await opened()).check();
    const lock = writeLock();
    const opening = opened();
    await new Promise((resolve) => setImmediate(resolve));
    lock.release();
    expect(await (await opening).orders.countOpen()).toBe(0);
  });

  test('of commits that two stores try on one version, one is taken', async () => {
    const [one, two] = [await opened(), await opened()];
    for (let round = 0; round < 20; round++) {
      const order = await created(round % 2 === 0 ? one : two);
      const answers = await Promise.all(
        [one, two, one, two].map((store) => store.orders.commit(aCommit(order))),
      );
      expect(answers.map(({ outcome }) => outcome).toSorted()).toEqual(['committed', 'lost', 'lost', 'lost']);
    }
  });

  test('of what two stores write at once, nothing is lost and each sees all of it', async () => {
    const [one, two] = [await opened(), await opened()];
    const before = await one.orders.countOpen();
    await Promise.all(
      Array.from({ length: 200 }, (_, turn) => (turn % 2 === 0 ? one : two).orders.create(aNewOrder())),
    );
    expect(await one.orders.countOpen()).toBe(before + 200);
    expect(await two.orders.countOpen()).toBe(before + 200);
  });
});
