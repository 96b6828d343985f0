import { expect, test } from '@jest/globals';
import { ORDER_STATUSES } from '../../../machines/order/state.ts';
import { InvalidCursor, type OrderFilter, type StoredOrder } from '../../../src/store/ports.ts';
import type { TheStore } from './order-store.contract.ts';
import { advanced, anOrderId, created } from './order-store-samples.ts';

export function lists(theStore: TheStore): void {
  /** An owner of the test's own. */
  const anOwner = (): string => `owner-${anOrderId()}`;

  async function pages(filter: OrderFilter): Promise<StoredOrder[][]> {
    const found: StoredOrder[][] = [];
    let cursor: string | null = null;
    do {
      const page = await theStore().orders.list({ ...filter, ...(cursor === null ? {} : { cursor }) });
      found.push([...page.orders]);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return found;
  }

  async function ids(filter: OrderFilter): Promise<string[]> {
    return (await pages(filter)).flat().map(({ orderId }) => orderId);
  }

  async function createdOf(owner: string, times: readonly number[]): Promise<string[]> {
    const made: string[] = [];
    for (const createdAt of times) made.push((await created(theStore(), { owner, createdAt })).orderId);
    return made;
  }

  test('a page shows the newest orders first, each as it would load', async () => {
    const owner = anOwner();
    const [old, newest, middle] = await createdOf(owner, [100, 300, 200]);
    const page = await theStore().orders.list({ owner, limit: 10 });
    expect(page.orders.map(({ orderId }) => orderId)).toEqual([newest, middle, old]);
    expect(page.orders[0]).toEqual(await theStore().orders.load(newest ?? ''));
    expect(page.nextCursor).toBeNull();
  });

  test('an owner without orders gets one empty page', async () => {
    expect(await theStore().orders.list({ owner: anOwner(), limit: 10 })).toEqual({
      orders: [],
      nextCursor: null,
    });
  });

  test('pages follow one another without overlap, and the last one has no cursor even if it is full', async () => {
    const owner = anOwner();
    const made = await createdOf(owner, [1, 2, 3, 4, 5, 6]);
    const found = await pages({ owner, limit: 2 });
    expect(found.map((page) => page.length)).toEqual([2, 2, 2]);
    expect(found.flat().map(({ orderId }) => orderId)).toEqual(made.toReversed());
  });

  test('orders that were created years apart, and one of the future, are each listed once', async () => {
    const owner = anOwner();
    const now = Date.now();
    const ages = [20 * 365, 3 * 365, 40, 2, 0.2, 0.01, 0.0001, -1].map((days) => now - days * 86_400_000);
    const made = await createdOf(owner, ages);
    for (const limit of [1, 3, 8, 20]) {
      expect(await ids({ owner, limit })).toEqual(made.toReversed());
      expect(await ids({ owner, limit, status: 'pending' })).toEqual(made.toReversed());
    }
  });

  test('orders of one millisecond are each shown once', async () => {
    const owner = anOwner();
    const made = await createdOf(owner, [7, 7, 7, 7, 7, 7, 7]);
    const found = await ids({ owner, limit: 3 });
    expect(found).toHaveLength(7);
    expect(new Set(found)).toEqual(new Set(made));
  });

  test('pages stay what they are while orders come and move on', async () => {
    const owner = anOwner();
    const made = await createdOf(owner, [10, 20, 30, 40]);
    const first = await theStore().orders.list({ owner, limit: 2 });
    await createdOf(owner, [50, 60]);
    for (const orderId of made) await advanced(theStore(), orderId, { status: 'confirmed' });

    const second = await theStore().orders.list({ owner, limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.orders, ...second.orders].map(({ orderId }) => orderId)).toEqual(made.toReversed());
    expect(second.nextCursor).toBeNull();
  });

  test('a filter by status finds each status, open or ended, in pages', async () => {
    const owner = anOwner();
    const of = new Map<string, string[]>();
    let createdAt = 0;
    for (const status of [...ORDER_STATUSES, ...ORDER_STATUSES, ...ORDER_STATUSES]) {
      const { orderId } = await created(theStore(), { owner, createdAt: ++createdAt });
      if (status !== 'pending') await advanced(theStore(), orderId, { status });
      of.set(status, [orderId, ...(of.get(status) ?? [])]);
    }
    for (const status of ORDER_STATUSES) {
      expect(await ids({ owner, status, limit: 2 })).toEqual(of.get(status));
    }
  });

  test('a filter by clientOrderId finds it alone, with and without a status', async () => {
    const owner = anOwner();
    const mine: string[] = [];
    for (let createdAt = 1; createdAt <= 6; createdAt++) {
      mine.unshift((await created(theStore(), { owner, clientOrderId: 'bot-1', createdAt })).orderId);
      await created(theStore(), { owner, clientOrderId: 'bot-2', createdAt });
      await created(theStore(), { owner, createdAt });
    }
    const [sixth = '', fifth = '', ...open] = mine;
    await advanced(theStore(), fifth, { status: 'failed' });
    await advanced(theStore(), sixth, { status: 'failed' });

    const filter = { owner, clientOrderId: 'bot-1', limit: 2 };
    expect(await ids(filter)).toEqual(mine);
    expect(await ids({ ...filter, status: 'failed', limit: 1 })).toEqual([sixth, fifth]);
    expect(await ids({ ...filter, status: 'pending' })).toEqual(open);
    expect(await ids({ ...filter, status: 'routing' })).toEqual([]);
    expect(await ids({ ...filter, clientOrderId: 'bot-3' })).toEqual([]);
  });

  test("an owner never sees another's orders", async () => {
    const [owner, other] = [anOwner(), anOwner()];
    const [mine] = await createdOf(owner, [1]);
    await created(theStore(), { owner: other, clientOrderId: 'shared' });
    expect(await ids({ owner, limit: 10 })).toEqual([mine]);
    expect(await ids({ owner, clientOrderId: 'shared', limit: 10 })).toEqual([]);
  });

  test('a cursor that no page gave is invalid', async () => {
    const owner = anOwner();
    await createdOf(owner, [1, 2]);
    const { nextCursor } = await theStore().orders.list({ owner, limit: 1 });
    const given = nextCursor ?? '';
    const madeUp = [
      '',
      'x',
      '%%%',
      '1',
      'null',
      `${given}=`,
      ` ${given}`,
      `${given}!`,
      given.slice(0, 3),
      '🐝',
    ];
    for (const cursor of [...madeUp, Buffer.from('{}').toString('base64url'), 'A'.repeat(5_000)]) {
      await expect(theStore().orders.list({ owner, limit: 1, cursor })).rejects.toThrow(InvalidCursor);
    }
  });
}
