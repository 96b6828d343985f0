import { beforeEach, expect, test } from '@jest/globals';
import { orderAccess } from '../../../src/edge/order-access.ts';
import type { WakeUp } from '../../../src/queue/port.ts';
import { retryOrder, type RetryOrder } from '../../../src/orders/commands/retry-order.ts';
import { aNewOrder, aState } from '../../contracts/order-store/order-store-samples.ts';
import { storeForTests, type StoreForTests } from '../../support/store-for-tests.ts';

let store: StoreForTests;
let notified: string[];
let woken: WakeUp[];
let retry: RetryOrder;

beforeEach(() => {
  store = storeForTests(() => 0);
  notified = [];
  woken = [];
  retry = retryOrder({
    load: orderAccess(store.orders).load,
    inbox: store.inbox,
    queue: { wake: (wakeUps) => Promise.resolve(void woken.push(...wakeUps)) },
    notifyCommand: (orderId) => void notified.push(orderId),
    log: { warn: () => undefined, error: () => undefined },
  });
});

async function waiting(retryAt: number): Promise<string> {
  const state = aState({ retryAt }, { value: { routing: 'backoff' } });
  const order = aNewOrder({ owner: 'alice', status: 'routing', state });
  await store.orders.create(order);
  return order.orderId;
}

test('an order in a backoff gets one command for it, however often it is asked for, and a worker is woken', async () => {
  const orderId = await waiting(5_000);
  expect(await retry('alice', orderId)).toEqual({ orderId, status: 'routing', waited: true });
  await retry('alice', orderId);
  expect(store.commandsOf(orderId)).toEqual([{ type: 'RETRY_NOW', commandId: 'retry-5000', retryAt: 5_000 }]);
  expect(woken[0]).toEqual({ orderId, version: 1 });
  expect(notified).toContain(orderId);
});

test('the next backoff takes another command', async () => {
  const orderId = await waiting(5_000);
  await retry('alice', orderId);
  store.tamper(orderId, { state: aState({ retryAt: 9_000 }, { value: { routing: 'backoff' } }) });
  await retry('alice', orderId);
  expect(store.commandsOf(orderId)).toHaveLength(2);
});

test('an order that is in no backoff is left alone', async () => {
  const order = aNewOrder({ owner: 'alice' });
  await store.orders.create(order);
  expect(await retry('alice', order.orderId)).toEqual({
    orderId: order.orderId,
    status: 'pending',
    waited: false,
  });
  expect([store.commandsOf(order.orderId), notified, woken]).toEqual([[], [], []]);
});

test('an order that has ended, and one of another owner, are refused', async () => {
  const orderId = await waiting(5_000);
  await expect(retry('bob', orderId)).rejects.toMatchObject({ code: 'order_not_found' });
  store.tamper(orderId, { status: 'failed' });
  await expect(retry('alice', orderId)).rejects.toMatchObject({ code: 'order_ended' });
  expect(store.commandsOf(orderId)).toEqual([]);
});
