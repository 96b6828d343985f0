import { expect, test } from '@jest/globals';
import { machineRegistry } from '../../../machines/registry.ts';
import type { OrderRecord } from '../../../src/store/order-records.ts';
import type { TheStore } from './order-store.contract.ts';
import {
  ALL_ALIVE,
  AN_HOUR_MS,
  aCancel,
  anOrderId,
  aWorkerId,
  advanced,
  created,
  ended,
  parked,
  running,
  stored,
} from './order-store-samples.ts';

export function records(theStore: TheStore): void {
  async function all(): Promise<OrderRecord[]> {
    const found: OrderRecord[] = [];
    for (let after: string | null = null; ; after = found.at(-1)?.orderId ?? null) {
      const page = await theStore().records.page(after, 2);
      found.push(...page);
      if (page.length < 2) return found;
    }
  }

  test('pages hold each order once, by id, with its journal and its inbox', async () => {
    const { orderId } = await running(theStore(), aWorkerId());
    const [first, second] = [aCancel(), aCancel()];
    for (const command of [first, second]) await theStore().inbox.push(orderId, command);
    const order = await advanced(theStore(), orderId, { inboxDone: 1 });
    await created(theStore());
    await ended(theStore(), (await created(theStore())).orderId);

    const found = await all();
    expect(found.map((record) => record.orderId)).toEqual(found.map((record) => record.orderId).toSorted());
    expect(found).toHaveLength(3);
    expect(await theStore().records.count()).toBe(3);
    const { worker, ...rest } = order;
    expect(worker).not.toBeNull();
    expect(found.find((record) => record.orderId === orderId)).toEqual({
      ...rest,
      heldBy: [],
      commitId: expect.any(String) as unknown,
      journal: await theStore().journal.read(orderId, 0, 10),
      inbox: [first, second],
      inboxDone: 1,
      wakeAt: order.updatedAt,
    });
  });

  test('an order that is written under another id equals the first one, and continues', async () => {
    const { orderId } = await parked(theStore(), { clientOrderId: 'mine' });
    const [record] = await all();
    if (record === undefined) throw new Error(`order ${orderId} is not in the pages`);
    const copy = { ...record, orderId: anOrderId() };

    expect(await theStore().records.put(copy)).toEqual({ written: true });
    const original = await stored(theStore(), orderId);
    expect(await stored(theStore(), copy.orderId)).toEqual({ ...original, orderId: copy.orderId });
    expect((await all()).find((each) => each.orderId === copy.orderId)).toEqual(copy);

    const early = { ...ALL_ALIVE, machineVersion: machineRegistry.current, earlyMs: 2 * AN_HOUR_MS };
    expect(await theStore().work.claim(copy.orderId, aWorkerId(), early)).toMatchObject({ commands: [] });
    expect((await advanced(theStore(), copy.orderId)).lastSeq).toBe(record.lastSeq + 1);
  });

  test('an order that a worker ran wants another one; commands that no commit has taken in are still unseen', async () => {
    const { orderId } = await running(theStore(), aWorkerId());
    const cancel = aCancel();
    await theStore().inbox.push(orderId, cancel);
    const [record] = await all();
    if (record === undefined) throw new Error(`order ${orderId} is not in the pages`);
    const copy = { ...record, orderId: anOrderId() };
    await theStore().records.put(copy);
    // Due since it was last written, which for these samples is next year.
    const early = { ...ALL_ALIVE, earlyMs: Math.max(0, record.updatedAt - Date.now()) + AN_HOUR_MS };
    expect(await theStore().work.claim(copy.orderId, aWorkerId(), early)).toMatchObject({
      commands: [cancel],
      inboxLength: 1,
    });
  });

  test('a held order stays held, an ended one ended', async () => {
    const held = await created(theStore());
    await theStore().work.hold(held.orderId, held.version, { code: 'why', message: 'Because' }, 'this one');
    const { orderId } = await ended(theStore(), (await created(theStore())).orderId, 'failed');
    for (const record of await all()) {
      const copy = { ...record, orderId: anOrderId() };
      await theStore().records.put(copy);
      expect(await theStore().work.claim(copy.orderId, aWorkerId(), ALL_ALIVE)).toBeNull();
      expect((await stored(theStore(), copy.orderId)).status).toBe(
        record.orderId === orderId ? 'failed' : 'pending',
      );
    }
    expect(await theStore().orders.countOpen()).toBe(2);
  });

  test('an existing order is not overwritten, and is returned', async () => {
    const { orderId } = await created(theStore());
    const [record] = await all();
    if (record === undefined) throw new Error(`order ${orderId} is not in the pages`);
    expect(await theStore().records.put({ ...record, version: 99 })).toEqual({
      written: false,
      existing: record,
    });
    expect(await all()).toEqual([record]);
  });

  test('workers are alive while their heartbeats are young', async () => {
    await theStore().work.beat(aWorkerId());
    await theStore().work.beat(aWorkerId());
    expect(await theStore().records.livingWorkers(AN_HOUR_MS)).toBe(2);
    expect(await theStore().records.livingWorkers(-AN_HOUR_MS)).toBe(0);
  });
}
