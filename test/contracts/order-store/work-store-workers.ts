import { expect, test } from '@jest/globals';
import type { TheStore } from './order-store.contract.ts';
import { ALL_ALIVE, aWorkerId, created, ended, running } from './order-store-samples.ts';

export function workers(theStore: TheStore): void {
  test('a worker is listed with how many open orders it runs, and the first of them by id', async () => {
    const workerId = aWorkerId();
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await running(theStore(), workerId)).orderId);
    await ended(theStore(), (await running(theStore(), workerId)).orderId);
    await created(theStore());
    const [worker, ...others] = await theStore().work.workers(10, 2);
    expect(others).toEqual([]);
    expect(worker).toEqual({
      workerId,
      silentMs: expect.any(Number),
      orderCount: 3,
      orders: ids
        .sort()
        .slice(0, 2)
        .map((orderId) => ({ orderId, status: 'pending' })),
    });
    expect(worker?.silentMs).toBeGreaterThanOrEqual(0);
    expect(worker?.silentMs).toBeLessThan(60_000);
  });

  test('workers without orders are listed, too, the latest heartbeat first, and those that retired are not', async () => {
    const [early, late, retired] = [aWorkerId(), aWorkerId(), aWorkerId()];
    for (const workerId of [early, retired, late]) {
      await theStore().work.beat(workerId);
      // Times are whole milliseconds.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await theStore().work.retire(retired);
    const listed = await theStore().work.workers(10, 1);
    expect(listed.map(({ workerId }) => workerId)).toEqual([late, early]);
    expect(listed.map(({ orderCount, orders }) => [orderCount, orders])).toEqual([
      [0, []],
      [0, []],
    ]);
    expect(await theStore().work.workers(1, 1)).toHaveLength(1);
  });

  test('an order that another worker took is listed with that one alone', async () => {
    const [dead, next] = [aWorkerId(), aWorkerId()];
    const { orderId } = await running(theStore(), dead);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await theStore().work.beat(next);
    await theStore().work.claim(orderId, next, { ...ALL_ALIVE, deadAfterMs: 1 });
    const counts = (await theStore().work.workers(10, 1)).map(({ workerId, orderCount }) => [
      workerId,
      orderCount,
    ]);
    expect(new Map(counts as [string, number][])).toEqual(
      new Map([
        [dead, 0],
        [next, 1],
      ]),
    );
  });
}
