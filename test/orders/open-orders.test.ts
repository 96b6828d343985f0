import { describe, expect, test } from '@jest/globals';
import { countOpenOrders } from '../../src/orders/open-orders.ts';
import { StoreUnavailable } from '../../src/store/ports.ts';

function given(limit: number) {
  const state = { now: 0, open: 0, counts: 0, away: false };
  const openOrders = countOpenOrders(
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

describe('places for open orders', () => {
  test('are not given out beyond the limit, however many ask at once', async () => {
    const { openOrders, state } = given(10);
    const taken = await Promise.all(Array.from({ length: 50 }, () => openOrders.takePlace()));
    expect(taken.filter(Boolean)).toHaveLength(10);
    expect(state.counts).toBe(1);
  });

  test('are counted by the store once a second', async () => {
    const { openOrders, state } = given(10);
    state.open = 10;
    expect(await openOrders.takePlace()).toBe(false);
    state.open = 0;
    state.now = 999;
    expect(await openOrders.takePlace()).toBe(false);
    state.now = 1_000;
    expect(await openOrders.takePlace()).toBe(true);
    expect(state.counts).toBe(2);
  });

  test('come back when nothing was stored', async () => {
    const { openOrders } = given(1);
    expect(await openOrders.takePlace()).toBe(true);
    openOrders.giveBack();
    expect(await openOrders.takePlace()).toBe(true);
    expect(await openOrders.takePlace()).toBe(false);
  });

  test('are asked for again after the store was away', async () => {
    const { openOrders, state } = given(1);
    state.away = true;
    await expect(openOrders.takePlace()).rejects.toBeInstanceOf(StoreUnavailable);
    state.away = false;
    expect(await openOrders.takePlace()).toBe(true);
  });
});
