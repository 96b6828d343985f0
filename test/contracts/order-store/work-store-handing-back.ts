import { expect, test } from '@jest/globals';
import type { TheStore } from './order-store.contract.ts';
import {
  AN_HOUR_MS,
  ALL_ALIVE,
  aCancel,
  aCommit,
  anOrderId,
  aWorkerId,
  created,
  ended,
  parked,
  running,
  stored,
} from './order-store-samples.ts';

export function handingBack(theStore: TheStore): void {
  const HOLD = { code: 'unreadable_state', message: 'The stored state does not fit machine 1' };

  test('a released order waits without a worker until it is due', async () => {
    const order = await running(theStore(), aWorkerId());
    expect(await theStore().work.release(order.orderId, order.version, AN_HOUR_MS)).toBe(true);
    expect(await stored(theStore(), order.orderId)).toEqual({
      ...order,
      worker: null,
      version: order.version + 1,
    });
    expect(await theStore().work.claim(order.orderId, aWorkerId(), ALL_ALIVE)).toBeNull();
  });

  test('an order that is released for no time is due at once', async () => {
    const { orderId, version } = await running(theStore(), aWorkerId());
    await theStore().work.release(orderId, version, 0);
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).not.toBeNull();
  });

  test('a released order does not sleep on a command', async () => {
    const { orderId, version } = await running(theStore(), aWorkerId());
    await theStore().inbox.push(orderId, aCancel());
    await theStore().work.release(orderId, version, AN_HOUR_MS);
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).not.toBeNull();
  });

  test('an order is not released by a worker that no longer has it', async () => {
    const { orderId, version } = await running(theStore(), aWorkerId());
    expect(await theStore().work.release(orderId, version - 1, 0)).toBe(false);
    expect(await theStore().work.release(orderId, version, AN_HOUR_MS)).toBe(true);
    expect(await theStore().work.release(orderId, version, 0)).toBe(false);
    expect(await theStore().work.release(orderId, version + 1, 0)).toBe(false);
    expect(await theStore().work.release(anOrderId(), 1, 0)).toBe(false);
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).toBeNull();
  });

  test('the store lists the open orders that name a worker', async () => {
    const [workerId, otherId] = [aWorkerId(), aWorkerId()];
    const [one, two, released, gone] = [
      await running(theStore(), workerId),
      await running(theStore(), workerId),
      await running(theStore(), workerId),
      await running(theStore(), workerId),
    ];
    await running(theStore(), otherId);
    await theStore().work.release(released.orderId, released.version, 0);
    await ended(theStore(), gone.orderId);
    expect(new Set(await theStore().work.runBy(workerId))).toEqual(new Set([one.orderId, two.orderId]));
    expect(await theStore().work.runBy(aWorkerId())).toEqual([]);
  });

  test('a held order says why and runs nowhere, with its state as it was', async () => {
    const order = await parked(theStore());
    expect(await theStore().work.hold(order.orderId, order.version, HOLD, 'this one')).toBe(true);

    const held = await stored(theStore(), order.orderId);
    expect(held).toEqual({ ...order, held: HOLD, version: order.version + 1, updatedAt: held.updatedAt });
    const listed = await theStore().orders.list({ owner: order.owner, status: order.status, limit: 100 });
    expect(listed.orders.find(({ orderId }) => orderId === order.orderId)?.held).toEqual(HOLD);
    const early = { ...ALL_ALIVE, earlyMs: 2 * AN_HOUR_MS };
    expect(await theStore().work.claim(order.orderId, aWorkerId(), early)).toBeNull();
  });

  test('holding an order takes it from the worker that runs it', async () => {
    const workerId = aWorkerId();
    const order = await running(theStore(), workerId);
    await theStore().work.hold(order.orderId, order.version, HOLD, 'this one');
    expect((await stored(theStore(), order.orderId)).worker).toBeNull();
    expect(await theStore().work.runBy(workerId)).toEqual([]);
    expect((await theStore().orders.commit(aCommit(order))).outcome).toBe('lost');
    expect(await theStore().work.claim(order.orderId, workerId, ALL_ALIVE)).toBeNull();
  });

  test('a held order takes commands, and still runs nowhere', async () => {
    const { orderId, version } = await created(theStore());
    await theStore().work.hold(orderId, version, HOLD, 'this one');
    expect((await theStore().inbox.push(orderId, aCancel())).outcome).toBe('accepted');
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).toBeNull();
  });

  test('an order that moved on meanwhile, or ended, is not held', async () => {
    const order = await created(theStore());
    expect(await theStore().work.hold(order.orderId, order.version + 1, HOLD, 'this one')).toBe(false);
    const end = await ended(theStore(), order.orderId);
    expect(await theStore().work.hold(order.orderId, end.version, HOLD, 'this one')).toBe(false);
    expect((await stored(theStore(), order.orderId)).held).toBeNull();
  });
}
