/** Places among the open orders, and amounts of a day: taken once for an order, and given back where none was stored. */
import { expect, test } from '@jest/globals';
import { DEFAULT_RETRY_POLICY } from '../../../machines/order/retry-policy.ts';
import { machineRegistry } from '../../../machines/registry.ts';
import { limitOpenOrders } from '../../../src/orders/submission/open-order-limit.ts';
import { NO_LIMITS } from '../../../src/orders/submission/order-limits.ts';
import { submitOrder, type SubmitDeps } from '../../../src/orders/submission/submit-order.ts';
import { submissionSchema } from '../../../src/protocol/requests.ts';
import { ANY_TOKEN } from '../../../src/settings/token-names.ts';
import { StoreUnavailable } from '../../../src/store/ports.ts';
import { storeForTests } from '../../support/store-for-tests.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const BODY = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '5' };

/** The clock stands still, unless one is given: the store is counted once. */
function submitting(limit: number, over: Partial<SubmitDeps> = {}, clock = { now: () => NOW }) {
  const store = storeForTests(clock.now);
  const submit = submitOrder({
    store: store.orders,
    queue: { wake: () => Promise.resolve() },
    openOrders: limitOpenOrders(store.orders, clock, limit),
    tokens: ANY_TOKEN,
    limits: NO_LIMITS,
    registry: machineRegistry,
    policy: DEFAULT_RETRY_POLICY,
    clock,
    newIdempotencyKey: () => 'drawn',
    notifyCreated: () => undefined,
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

test('a stored order counts once when the store is counted again', async () => {
  let now = NOW;
  const { submit } = submitting(2, {}, { now: () => now });
  await submit('first');
  now += 1_000;
  expect(await submit('second')).toMatchObject({ created: true });
  now += 1_000;
  await expect(submit('third')).rejects.toMatchObject({ code: 'too_many_orders' });
});

test('an order that could not be stored takes no place', async () => {
  const { orders } = storeForTests(() => NOW);
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
    hasDayLimit: () => true,
    addToDay: ({ orderId }: { readonly orderId: string }) => Promise.resolve(void counted.push(orderId)),
  };
  const { submit } = submitting(5, { limits });
  const { order } = await submit('first');
  expect(await submit('first')).toMatchObject({ created: false });
  expect(counted).toEqual([order.orderId]);
});

test('an order that is stored while the store counts is not forgotten when it has counted', async () => {
  let now = 0;
  const openOrders = limitOpenOrders({ countOpen: () => Promise.resolve(0) }, { now: () => now }, 1);
  const permit = await openOrders.tryAcquire();
  now = 1_000;
  const counting = openOrders.tryAcquire();
  permit?.stored();
  expect([await counting, await openOrders.tryAcquire()]).toEqual([null, null]);
});
