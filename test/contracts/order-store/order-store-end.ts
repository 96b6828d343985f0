import { expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../../src/store/ports.ts';
import type { TheStore } from './order-store.contract.ts';
import {
  ALL_ALIVE,
  aCancel,
  aCommit,
  aNewOrder,
  anOrderId,
  aWorkerId,
  created,
} from './order-store-samples.ts';

export function endOfAStore(theStore: TheStore): void {
  test('a store that answers is in order', async () => {
    await expect(theStore().check()).resolves.toBeUndefined();
  });

  test('closing waits for what was begun', async () => {
    const store = theStore();
    const { orderId } = await created(store);
    const begun = Promise.all([
      ...Array.from({ length: 20 }, () => store.orders.create(aNewOrder())),
      store.orders.load(orderId),
      store.work.beat(aWorkerId()),
    ]);
    await store.close();
    expect(await begun).toHaveLength(22);
  });

  test('a closed store rejects everything as unavailable, and may be closed again', async () => {
    const store = theStore();
    const { orders, journal, inbox, work } = store;
    const order = await created(theStore());
    const { orderId, version } = order;
    await store.close();

    const due = { machineVersion: 1, release: 'this one', deadAfterMs: 1, overdueByMs: 0, limit: 1 };
    const calls: readonly (() => Promise<unknown>)[] = [
      () => orders.create(aNewOrder()),
      () => orders.load(orderId),
      () => orders.commit(aCommit(order)),
      () => orders.list({ owner: 'local', limit: 1 }),
      () => orders.countOpen(),
      () => journal.read(orderId, 0, 1),
      () => journal.lastSeqs([orderId]),
      () => inbox.push(orderId, aCancel()),
      () => inbox.waiting(aWorkerId()),
      () => work.beat(aWorkerId()),
      () => work.claim(anOrderId(), aWorkerId(), ALL_ALIVE),
      () => work.release(orderId, version, 0),
      () => work.due(due),
      () => work.runBy(aWorkerId()),
      () => work.hold(orderId, version, { code: 'x', message: 'x' }, 'this one'),
      () => work.retire(aWorkerId()),
      () => store.check(),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow(StoreUnavailable);
    await expect(store.close()).resolves.toBeUndefined();
  });
}
