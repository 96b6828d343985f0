import { expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import type { OpenedStore } from './order-store.contract.ts';
import { ALL_ALIVE, AN_HOUR_MS, aWorkerId, created, parked, running, stored } from './order-store-samples.ts';

const QUERY = { machineVersion: 1, release: ALL_ALIVE.release, overdueByMs: 0, limit: 100 };
/** Twice this long after its start a store takes no heartbeat of the future for a live one. */
const SHORT_MS = 100;

export function clockSetBack(opened: () => OpenedStore): void {
  const work = () => opened().store.work;

  test('a wait that began before the clock was set back is over, and the order is claimed', async () => {
    const { orderId } = await parked(opened().store);
    const query = { ...QUERY, deadAfterMs: AN_HOUR_MS };
    expect(await work().due(query)).toEqual([]);
    await opened().setBack(AN_HOUR_MS);
    expect(await work().due(query)).toMatchObject([{ orderId }]);
    expect(await work().claim(orderId, aWorkerId(), ALL_ALIVE)).toMatchObject({ orderId });
  });

  test('the same for an order that was handed back to wait', async () => {
    const { orderId, version } = await running(opened().store, aWorkerId());
    await work().release(orderId, version, AN_HOUR_MS);
    expect(await work().claim(orderId, aWorkerId(), ALL_ALIVE)).toBeNull();
    await opened().setBack(AN_HOUR_MS);
    expect(await work().claim(orderId, aWorkerId(), ALL_ALIVE)).toMatchObject({ orderId });
  });

  test('the orders of a worker that died before the clock was set back are taken over', async () => {
    const { orderId } = await running(opened().store, aWorkerId());
    await opened().setBack(AN_HOUR_MS);
    const rules = { ...ALL_ALIVE, deadAfterMs: SHORT_MS };
    await eventually(
      () => work().due({ ...QUERY, deadAfterMs: SHORT_MS }),
      (due) => due.length === 1,
    );
    expect(await work().claim(orderId, aWorkerId(), rules)).toMatchObject({ orderId });
  });

  test('a worker that lives keeps its orders when the clock is set back: its next heartbeat has the new time', async () => {
    const workerId = aWorkerId();
    const { orderId } = await running(opened().store, workerId);
    await opened().setBack(AN_HOUR_MS);
    await work().beat(workerId);
    // Another dead worker's order shows that the grace after the start is over.
    const other = await created(opened().store);
    await work().claim(other.orderId, aWorkerId(), ALL_ALIVE);
    const deadAfterMs = 2_000;
    await eventually(
      () => work().due({ ...QUERY, deadAfterMs }),
      (due) => due.some((order) => order.orderId === other.orderId),
    );
    await work().beat(workerId);
    expect(await work().claim(orderId, aWorkerId(), { ...ALL_ALIVE, deadAfterMs })).toBeNull();
    expect((await stored(opened().store, orderId)).worker).toBe(workerId);
  });
}
