import { beforeEach, expect, test } from '@jest/globals';
import { orderAccess } from '../../../src/edge/order-access.ts';
import type { WakeUp } from '../../../src/queue/port.ts';
import { cancelOrder, type CancelOrder } from '../../../src/orders/commands/cancel-order.ts';
import { aNewOrder } from '../../contracts/order-store/order-store-samples.ts';
import { storeForTests, type StoreForTests } from '../../support/store-for-tests.ts';

let store: StoreForTests;
let notified: string[];
let woken: WakeUp[];
let cancel: CancelOrder;

beforeEach(() => {
  store = storeForTests(() => 0);
  notified = [];
  woken = [];
  cancel = cancelOrder({
    load: orderAccess(store.orders).load,
    inbox: store.inbox,
    queue: { wake: (wakeUps) => Promise.resolve(void woken.push(...wakeUps)) },
    notifyCommand: (orderId) => void notified.push(orderId),
    log: { warn: () => undefined, error: () => undefined },
  });
});

async function stored(owner = 'alice'): Promise<string> {
  const order = aNewOrder({ owner });
  await store.orders.create(order);
  return order.orderId;
}

test("an owner's command for the order of another is refused as if the order were not there, and lies in no inbox", async () => {
  const orderId = await stored();
  await expect(cancel('bob', orderId)).rejects.toMatchObject({ code: 'order_not_found' });
  expect([store.commandsOf(orderId), notified, woken]).toEqual([[], [], []]);
});

test('an order that waits without a worker is woken at the version that it has', async () => {
  const orderId = await stored();
  expect(await cancel('alice', orderId)).toEqual({ orderId, status: 'pending' });
  expect(woken).toEqual([{ orderId, version: 1 }]);
  expect(store.commandsOf(orderId)).toHaveLength(1);
});

test('an order that a worker runs is left to it: the worker is notified, and the queue wakes nothing', async () => {
  const orderId = await stored();
  store.tamper(orderId, { worker: 'a worker' });
  await cancel('alice', orderId);
  expect([notified, woken]).toEqual([[orderId], []]);
});
