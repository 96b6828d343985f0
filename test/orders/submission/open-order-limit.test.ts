import { describe, expect, test } from '@jest/globals';
import { limitOpenOrders } from '../../../src/orders/submission/open-order-limit.ts';
import { StoreUnavailable } from '../../../src/store/ports.ts';

function given(limit: number) {
  const state = { now: 0, open: 0, counts: 0, away: false };
  const openOrders = limitOpenOrders(
    {
      countOpen: async () => {
        state.counts += 1;
        await Promise.resolve();
        if (state.away) throw new StoreUnavailable('away');
        return state.open;
      },
    },
    { now: () => state.now },
    limit,
  );
  return { state, openOrders };
}

describe('the limit of open orders', () => {
  test('is not exceeded by submissions at the same time', async () => {
    const { openOrders, state } = given(10);
    const taken = await Promise.all(Array.from({ length: 50 }, () => openOrders.tryAcquire()));
    expect(taken.filter((permit) => permit !== null)).toHaveLength(10);
    expect(state.counts).toBe(1);
  });

  test('reads the count of the store once a second', async () => {
    const { openOrders, state } = given(10);
    state.open = 10;
    expect(await openOrders.tryAcquire()).toBeNull();
    state.open = 0;
    state.now = 999;
    expect(await openOrders.tryAcquire()).toBeNull();
    state.now = 1_000;
    expect(await openOrders.tryAcquire()).not.toBeNull();
    expect(state.counts).toBe(2);
  });

  test('counts one less when an order was not stored', async () => {
    const { openOrders } = given(1);
    const permit = await openOrders.tryAcquire();
    permit?.release();
    expect(await openOrders.tryAcquire()).not.toBeNull();
    expect(await openOrders.tryAcquire()).toBeNull();
  });

  test('counts an order that was on its way to the store while the store was counted', async () => {
    const { openOrders, state } = given(1);
    const permit = await openOrders.tryAcquire();
    state.now = 1_000;
    expect(await openOrders.tryAcquire()).toBeNull();
    permit?.stored();
    expect(await openOrders.tryAcquire()).toBeNull();
    state.open = 1;
    state.now = 2_000;
    expect(await openOrders.tryAcquire()).toBeNull();
    state.open = 0;
    state.now = 3_000;
    expect(await openOrders.tryAcquire()).not.toBeNull();
  });

  test('reads the count again after an outage of the store', async () => {
    const { openOrders, state } = given(1);
    state.away = true;
    await expect(openOrders.tryAcquire()).rejects.toBeInstanceOf(StoreUnavailable);
    state.away = false;
    expect(await openOrders.tryAcquire()).not.toBeNull();
  });
});
