import { expect, test } from '@jest/globals';
import type { Journal } from '../../../src/store/ports.ts';
import { advanced, anEntry, anOrderId, created, ended, type Orders } from './order-store-samples.ts';

/** @param theStore the part of a store that reads journals, with the orders that they belong to */
export function journal(theStore: () => Orders & { readonly journal: Journal }): void {
  test('entries are read in pages, in order, from after any seq', async () => {
    const { orderId } = await created(theStore());
    for (let seq = 2; seq <= 12; seq++) await advanced(theStore(), orderId);
    const seqs = async (after: number, limit: number) =>
      (await theStore().journal.read(orderId, after, limit)).map(({ seq }) => seq);

    expect(await seqs(0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(await seqs(5, 5)).toEqual([6, 7, 8, 9, 10]);
    expect(await seqs(10, 5)).toEqual([11, 12]);
    expect(await seqs(12, 5)).toEqual([]);
    expect(await seqs(99, 5)).toEqual([]);
    expect(await theStore().journal.read(orderId, 3, 1)).toEqual([anEntry(orderId, 4)]);
  });

  test('an optional field that an entry omits stays absent', async () => {
    const { orderId } = await created(theStore());
    await advanced(theStore(), orderId, { entries: [anEntry(orderId, 2, { refused: ['c1'] })] });
    const [first, second] = await theStore().journal.read(orderId, 0, 10);
    expect(first !== undefined && 'refused' in first).toBe(false);
    expect(second?.refused).toEqual(['c1']);
  });

  test('an order that was never stored has no entries', async () => {
    expect(await theStore().journal.read(anOrderId(), 0, 10)).toEqual([]);
  });

  test('the last seq of many orders comes in one answer, without those that were never stored', async () => {
    const [one, two] = [await created(theStore()), await created(theStore())];
    await advanced(theStore(), two.orderId);
    await ended(theStore(), two.orderId);
    const many = await Promise.all(
      Array.from({ length: 100 }, async () => (await created(theStore())).orderId),
    );

    const found = await theStore().journal.lastSeqs([one.orderId, anOrderId(), two.orderId, ...many]);

    const expected = [[one.orderId, 1], [two.orderId, 3], ...many.map((orderId) => [orderId, 1])];
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    expect(await theStore().journal.lastSeqs([])).toEqual(new Map());
  });
}
