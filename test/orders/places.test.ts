/** Places among the open orders, and amounts of a day: taken once for an order, and given back where none was stored. */
import { expect, test } from '@jest/globals';
import { DEFAULT_RETRY_POLICY } from '../../machines/order/retry-policy.ts';
import { machineRegistry } from '../../machines/registry.ts';
import { countOpenOrders } from '../../src/orders/open-orders.ts';
import { NO_LIMITS } from '../../src/orders/order-limits.ts';
import { submitOrder, type SubmitDeps } from '../../src/orders/submit-order.ts';
import { submissionSchema } from '../../src/protocol/requests.ts';
import { StoreUnavailable } from '../../src/store/ports.ts';
import { memoryStore } from '../support/memory-store.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const BODY = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '5' };

/** The clock stands still: the store is counted once. */
function submitting(limit: number, over: Partial<SubmitDeps> = {}) {
  const clock = { now: () => NOW };
  const store = memoryStore(clock.now);
  const submit = submitOrder({
    store: store.orders,
    queue: { wake: () => Promise.resolve() },
    openOrders: countOpenOrders(store.orders, clock, limit),
    limits: NO_LIMITS,
    registry: machineRegistry,
    policy: DEFAULT_RETRY_POLICY,
    clock,
    drawKey: () => 'drawn',
    passCrashPoint: () => undefined,
    log: { warn: () => undefined, error: () => undefined },
    ...over,
  });
  const submission = submissionSchema.parse(BODY);
  return {
    submit: (idempotencyKey: string) => submit({ owner: 'local', idempotencyKey, body: BODY, submission }),
  };
}

test('an order that is submitted again takes no second place', async () => {
  const { submit } = submitting(2);
  expect(await submit('first')).toMatchObject({ created: true });
  expect(await submit('first')).toMatchObject({ created: false });
  expect(await submit('second')).toMatchObject({ created: true });
  await expect(submit('third')).rejects.toMatchObject({ code: 'too_many_orders' });
});

test('an order that could not be stored takes no place', async () => {
  const { orders } = memoryStore(() => NOW);
  let isAway = true;
  const store: SubmitDeps['store'] = {
    load: (orderId) => orders.load(orderId),
    create: (order) => (isAway ? Promise.reject(new StoreUnavailable('away')) : orders.create(order)),
  };
  const { submit } = submitting(1, { store });
  await expect(submit('first')).rejects.toBeInstanceOf(StoreUnavailable);
  isAway = false;
  expect(await submit('first')).toMatchObject({ created: true });
});

test('an order that is submitted again is not counted for its day again', async () => {
  const counted: string[] = [];
  const limits = {
    ...NO_LIMITS,
    isCounted: () => true,
    count: ({ orderId }: { readonly orderId: string }) => Promise.resolve(void counted.push(orderId)),
  };
  const { submit } = submitting(5, { limits });
  const { order } = await submit('first');
  expect(await submit('first')).toMatchObject({ created: false });
  expect(counted).toEqual([order.orderId]);
});

test('a place that is taken while the store counts is not forgotten when it has counted', async () => {
  let now = 0;
  const openOrders = countOpenOrders({ countOpen: () => Promise.resolve(0) }, { now: () => now }, 1);
  expect(await openOrders.takePlace()).toBe(true);
  openOrders.giveBack();
  now = 999;
  const before = openOrders.takePlace();
  now = 1_000;
  const after = openOrders.takePlace();
  expect([await before, await after]).toEqual([true, false]);
});
