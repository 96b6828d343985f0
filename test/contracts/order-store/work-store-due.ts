import { expect, test } from '@jest/globals';
import type { DueOrder, DueQuery } from '../../../src/store/ports.ts';
import { eventually } from '../../support/eventually.ts';
import type { TheStore } from './order-store.contract.ts';
import {
  ALL_ALIVE,
  AN_HOUR_MS,
  aCancel,
  aState,
  aWorkerId,
  created,
  ended,
  parked,
  running,
  stored,
} from './order-store-samples.ts';

export function dueOrders(theStore: TheStore): void {
  const due = (over: Partial<DueQuery> = {}): Promise<readonly DueOrder[]> =>
    theStore().work.due({
      machineVersion: 1,
      release: 'this one',
      deadAfterMs: AN_HOUR_MS,
      overdueByMs: 0,
      limit: 100,
      ...over,
    });
  const dueIds = async (over: Partial<DueQuery> = {}): Promise<string[]> =>
    (await due(over)).map(({ orderId }) => orderId);

  test('a new order is due, with what a wake-up needs', async () => {
    const { orderId, version } = await created(theStore());
    const dueForMs: unknown = expect.any(Number);
    expect(await due()).toEqual([{ orderId, version, machineVersion: 1, dueForMs }]);
  });

  test('the store reports how long an order has been due, whether it waits or was abandoned', async () => {
    await created(theStore());
    await running(theStore(), aWorkerId());
    const found = await eventually(
      () => due({ deadAfterMs: 1 }),
      (orders) => orders.length === 2 && orders.every(({ dueForMs }) => dueForMs >= 20),
    );
    for (const { dueForMs } of found) expect(dueForMs).toBeLessThan(AN_HOUR_MS);
  });

  test('what became due just now is left out while its wake-up is on the way', async () => {
    const { orderId } = await created(theStore());
    expect(await dueIds({ overdueByMs: AN_HOUR_MS })).toEqual([]);
    expect(
      await eventually(
        () => dueIds({ overdueByMs: 5 }),
        (ids) => ids.length > 0,
      ),
    ).toEqual([orderId]);
  });

  test('neither a parked, nor a running, nor an ended order is due', async () => {
    await parked(theStore());
    await running(theStore(), aWorkerId());
    await ended(theStore(), (await created(theStore())).orderId);
    await ended(theStore(), (await running(theStore(), aWorkerId())).orderId);
    expect(await due()).toEqual([]);
  });

  test('a parked order is due once its time has come, or a command has', async () => {
    const [brief, called] = [await running(theStore(), aWorkerId()), await parked(theStore())];
    await theStore().work.release(brief.orderId, brief.version, 20);
    await theStore().inbox.push(called.orderId, aCancel());
    const ids = await eventually(dueIds, (found) => found.length === 2);
    expect(new Set(ids)).toEqual(new Set([brief.orderId, called.orderId]));
  });

  test('an order is due when its worker has gone silent, was retired, or never had a heartbeat', async () => {
    const [silent, retired, living] = [aWorkerId(), aWorkerId(), aWorkerId()];
    const left = [await running(theStore(), silent), await running(theStore(), retired)];
    const never = await created(theStore());
    await theStore().work.claim(never.orderId, aWorkerId(), ALL_ALIVE);
    await theStore().work.retire(retired);
    const kept = await running(theStore(), living);
    expect(new Set(await dueIds())).toEqual(new Set([left[1]?.orderId, never.orderId]));

    const all = await eventually(
      () => due({ deadAfterMs: 1 }),
      (found) => found.length === 4,
    );
    const expected = [...left, kept, await stored(theStore(), never.orderId)];
    expect(new Map(all.map(({ orderId, version }) => [orderId, version]))).toEqual(
      new Map(expected.map(({ orderId, version }) => [orderId, version])),
    );
  });

  test('orders that waited longest come first, at most as many as the limit', async () => {
    const ids: string[] = [];
    for (let count = 1; count <= 3; count++) {
      ids.push((await created(theStore())).orderId);
      // The next one is created only when this one has been due for some milliseconds.
      await eventually(
        () => dueIds({ overdueByMs: 3 }),
        (found) => found.length === count,
      );
    }
    expect(await dueIds()).toEqual(ids);
    expect(await dueIds({ limit: 2 })).toEqual(ids.slice(0, 2));
  });

  test('abandoned and overdue orders share the limit', async () => {
    for (let count = 0; count < 3; count++) {
      await created(theStore());
      await theStore().work.claim((await created(theStore())).orderId, aWorkerId(), ALL_ALIVE);
    }
    expect(await due()).toHaveLength(6);
    expect(await due({ limit: 5 })).toHaveLength(5);
  });

  test('orders of newer machines are not listed, neither waiting nor abandoned ones', async () => {
    const state = aState({}, { machineVersion: 2 });
    await created(theStore(), { state });
    const abandoned = await created(theStore(), { state });
    await theStore().work.claim(abandoned.orderId, aWorkerId(), { ...ALL_ALIVE, machineVersion: 2 });
    expect(await due()).toEqual([]);
    expect((await due({ machineVersion: 2 })).map(({ machineVersion }) => machineVersion)).toEqual([2, 2]);
  });

  test('a held order is never due, though a command came', async () => {
    const hold = { code: 'unreadable_state', message: 'Why' };
    const [waiting, abandoned] = [await created(theStore()), await created(theStore())];
    await theStore().work.hold(waiting.orderId, waiting.version, hold, 'this one');
    await theStore().work.claim(abandoned.orderId, aWorkerId(), ALL_ALIVE);
    await theStore().work.hold(abandoned.orderId, abandoned.version + 1, hold, 'this one');
    await theStore().inbox.push(waiting.orderId, aCancel());
    expect(await due()).toEqual([]);
  });
}
