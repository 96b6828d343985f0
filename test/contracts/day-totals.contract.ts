/** What the totals of days must do, in any store: each adapter runs this suite. It uses only the port. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MAX_AMOUNT } from '../../machines/amount.ts';
import type { DayAccount, DayTotals } from '../../src/store/day-totals.ts';
import type { Store } from '../../src/store/ports.ts';
import { drawHex } from '../support/seeded-random.ts';
import { idDraws } from './order-store/order-store-samples.ts';
import type { StorePlace } from './signer-ledger/signer-ledger.contract.ts';

function anOwnerName(): string {
  return drawHex(idDraws(), 16);
}

function anAccount(over: Partial<DayAccount> = {}): DayAccount {
  return {
    owner: anOwnerName(),
    token: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
    day: '2026-11-22',
    ...over,
  };
}

/** @param newPlace gives an empty one, each time another */
export function dayTotalsContract(name: string, newPlace: () => StorePlace): void {
  describe(`the totals of days on ${name}`, () => {
    let place: StorePlace;
    let stores: readonly Store[];
    beforeAll(async () => {
      place = newPlace();
      stores = [await place.open(), await place.open()];
    });
    afterAll(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await place.remove();
    });
    /** Of two that are open on the same store, as two processes have them. */
    const totals = (which = 0): DayTotals => {
      const store = stores[which % 2];
      if (store === undefined) throw new Error('two stores are open within a test');
      return store.dayTotals;
    };

    test('amounts add up, to the limit and not above', async () => {
      const account = anAccount();
      const add = (id: string, amount: bigint) => totals().add(account, { id, amount, most: 10n });
      expect(await add('a', 4n)).toEqual({ isAdded: true, total: 4n });
      expect(await add('b', 7n)).toEqual({ isAdded: false, total: 4n });
      expect(await add('c', 6n)).toEqual({ isAdded: true, total: 10n });
      expect(await add('d', 1n)).toEqual({ isAdded: false, total: 10n });
    });

    test('a total can be read, and is 0 where nothing was added', async () => {
      const account = anAccount();
      expect(await totals().total(account)).toBe(0n);
      await totals().add(account, { id: 'a', amount: 4n, most: 10n });
      expect(await totals(1).total(account)).toBe(4n);
      expect(await totals(1).total({ ...account, day: '2026-11-23' })).toBe(0n);
    });

    test('what is added under one id is added once, also when much was added since', async () => {
      const account = anAccount();
      const add = (id: string) => totals().add(account, { id, amount: 1n, most: 100n });
      for (const id of ['a', 'b', 'c']) await add(id);
      for (const id of ['a', 'b', 'c']) expect(await add(id)).toEqual({ isAdded: true, total: 3n });
      expect(await totals(1).add(account, { id: 'a', amount: 1n, most: 0n })).toEqual({
        isAdded: true,
        total: 3n,
      });
    });

    test('what was refused can be added once the limit is higher', async () => {
      const account = anAccount();
      expect(await totals().add(account, { id: 'a', amount: 5n, most: 4n })).toMatchObject({
        isAdded: false,
      });
      expect(await totals().add(account, { id: 'a', amount: 5n, most: 5n })).toEqual({
        isAdded: true,
        total: 5n,
      });
      expect(await totals().add(account, { id: 'b', amount: 1n, most: 3n })).toEqual({
        isAdded: false,
        total: 5n,
      });
    });

    test.each([2n ** 53n + 1n, 2n ** 64n + 1n, 2n ** 255n + 1n])('%s is added exactly', async (amount) => {
      const account = anAccount();
      await totals().add(account, { id: 'a', amount, most: MAX_AMOUNT });
      expect(await totals(1).add(account, { id: 'b', amount: 1n, most: amount + 1n })).toEqual({
        isAdded: true,
        total: amount + 1n,
      });
      expect(await totals().add(account, { id: 'c', amount: 1n, most: amount + 1n })).toMatchObject({
        isAdded: false,
      });
    });

    test('owners, tokens and days are counted apart', async () => {
      const account = anAccount();
      const others = [
        account,
        { ...account, owner: `${account.owner}/x` },
        { ...account, token: 'USDC' },
        { ...account, day: '2026-11-23' },
      ];
      for (const each of others) {
        expect(await totals().add(each, { id: 'a', amount: 3n, most: 3n })).toEqual({
          isAdded: true,
          total: 3n,
        });
      }
    });

    test('of many that add at once over two openings, as many as fit are added', async () => {
      const account = anAccount();
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, n) =>
          totals(n).add(account, { id: `id-${n}`, amount: 3n, most: 100n }),
        ),
      );
      expect(answers.filter(({ isAdded }) => isAdded)).toHaveLength(33);
      expect(answers.every(({ total }) => total <= 100n)).toBe(true);
      expect(await totals().add(account, { id: 'last', amount: 1n, most: 100n })).toEqual({
        isAdded: true,
        total: 100n,
      });
    });

    test('of many that add the same at once over two openings, one is counted and all are answered so', async () => {
      const account = anAccount();
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, n) =>
          totals(n).add(account, { id: `id-${n % 3}`, amount: 3n, most: 9n }),
        ),
      );
      expect(answers.every(({ isAdded }) => isAdded)).toBe(true);
      expect(await totals().add(account, { id: 'more', amount: 1n, most: 9n })).toEqual({
        isAdded: false,
        total: 9n,
      });
    });

    test('all totals are listed, each with its amount', async () => {
      const account = anAccount({ owner: `${anOwnerName()}/of two/parts` });
      for (const id of ['a', 'b']) await totals().add(account, { id, amount: 2n ** 70n, most: MAX_AMOUNT });
      const listed = await totals(1).all();
      expect(listed.filter(({ owner }) => owner === account.owner)).toEqual([
        { ...account, total: 2n ** 71n },
      ]);
    });

    test('what was added is there when the store is opened later', async () => {
      const account = anAccount();
      await totals().add(account, { id: 'a', amount: 2n, most: 2n });
      const later = await place.open();
      expect(await later.dayTotals.add(account, { id: 'b', amount: 1n, most: 2n })).toEqual({
        isAdded: false,
        total: 2n,
      });
      expect(await later.dayTotals.add(account, { id: 'a', amount: 2n, most: 2n })).toEqual({
        isAdded: true,
        total: 2n,
      });
      await later.close();
    });
  });
}
