import { expect, test } from '@jest/globals';
import type { OpenedStore } from './order-store.contract.ts';
import {
  ALL_ALIVE,
  AN_HOUR_MS,
  aCancel,
  aWorkerId,
  advanced,
  created,
  ended,
  parked,
  running,
  stored,
} from './order-store-samples.ts';

const HOLD = { code: 'unreadable_order', message: 'Why' };
const THIS = ALL_ALIVE.release;
const OTHER = { ...ALL_ALIVE, release: 'another one' };
const DUE = { machineVersion: 1, release: THIS, deadAfterMs: AN_HOUR_MS, overdueByMs: 0, limit: 100 };

export function holds(theStore: () => OpenedStore['store']): void {
  test('an order that one release holds is due for another, which claims it and ends the hold', async () => {
    const { orderId, version } = await created(theStore());
    await theStore().work.hold(orderId, version, HOLD, THIS);
    expect(await theStore().work.due(DUE)).toEqual([]);
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).toBeNull();

    const [due] = await theStore().work.due({ ...DUE, release: OTHER.release });
    expect(due).toMatchObject({ orderId });
    expect(await theStore().work.claim(orderId, aWorkerId(), OTHER)).toMatchObject({
      held: null,
      wasHeld: true,
    });
    expect((await theStore().work.held(10)).total).toBe(0);
  });

  test('two releases that cannot run an order hold it once each, and it does not go to and fro', async () => {
    const { orderId, version } = await created(theStore());
    await theStore().work.hold(orderId, version, HOLD, THIS);
    const claimed = await theStore().work.claim(orderId, aWorkerId(), OTHER);
    await theStore().work.hold(orderId, claimed?.version ?? 0, HOLD, OTHER.release);
    for (const rules of [ALL_ALIVE, OTHER]) {
      expect(await theStore().work.due({ ...DUE, release: rules.release })).toEqual([]);
      expect(await theStore().work.claim(orderId, aWorkerId(), rules)).toBeNull();
    }
    expect(await theStore().work.due({ ...DUE, release: 'a third one' })).toHaveLength(1);
  });

  test('the release that held an order leaves it to the one that claimed it, until that one has moved it on', async () => {
    const { orderId, version } = await created(theStore());
    await theStore().work.hold(orderId, version, HOLD, THIS);
    await theStore().work.claim(orderId, aWorkerId(), OTHER);
    const noneAlive = { ...ALL_ALIVE, deadAfterMs: 1 };
    expect(await theStore().work.claim(orderId, aWorkerId(), noneAlive)).toBeNull();

    await advanced(theStore(), orderId, { endsHold: true, parkForMs: 0 });
    const again = await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE);
    expect(again).toMatchObject({ orderId, wasHeld: false });
  });

  test('a held order is due for no release where none is named', async () => {
    const { orderId, version } = await created(theStore());
    await theStore().work.hold(orderId, version, HOLD, THIS);
    expect(await theStore().work.due({ ...DUE, release: null })).toEqual([]);
    await theStore().work.liftHold(orderId);
    expect(await theStore().work.due({ ...DUE, release: null })).toHaveLength(1);
  });

  test('a held order takes a place among the open ones until another release has ended it', async () => {
    const { orderId, version } = await running(theStore(), aWorkerId());
    await theStore().work.hold(orderId, version, HOLD, THIS);
    expect(await theStore().orders.countOpen()).toBe(1);
    await theStore().work.claim(orderId, aWorkerId(), OTHER);
    expect(await theStore().orders.countOpen()).toBe(1);
    await ended(theStore(), orderId);
    expect(await theStore().orders.countOpen()).toBe(0);
    expect((await theStore().work.held(10)).total).toBe(0);
  });

  test('lifting a hold lets every release claim the order, with the commands that came meanwhile', async () => {
    const { orderId, version } = await running(theStore(), aWorkerId());
    await theStore().work.hold(orderId, version, HOLD, THIS);
    const cancel = aCancel();
    await theStore().inbox.push(orderId, cancel);
    const before = await stored(theStore(), orderId);
    expect(await theStore().work.liftHold(orderId)).toBe(true);
    expect(await stored(theStore(), orderId)).toMatchObject({ held: null, version: before.version + 1 });
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).toMatchObject({
      commands: [cancel],
    });
  });

  test('lifting what is not held, has ended or is not there changes nothing', async () => {
    const order = await parked(theStore());
    const end = await ended(theStore(), (await running(theStore(), aWorkerId())).orderId);
    for (const orderId of [order.orderId, end.orderId, 'z'.repeat(32)]) {
      expect(await theStore().work.liftHold(orderId)).toBe(false);
    }
    expect(await stored(theStore(), order.orderId)).toEqual(order);
  });

  test('held orders are counted, and named with their reasons', async () => {
    const orders = [await created(theStore()), await created(theStore()), await created(theStore())];
    await created(theStore());
    for (const { orderId, version } of orders) await theStore().work.hold(orderId, version, HOLD, THIS);
    const { total, orders: first } = await theStore().work.held(2);
    const ids = orders.map(({ orderId }) => orderId).sort();
    expect(total).toBe(3);
    expect(first).toEqual(ids.slice(0, 2).map((orderId) => ({ orderId, status: 'pending', hold: HOLD })));
  });
}
