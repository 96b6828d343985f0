/** What carrying a ledger needs of every store: each adapter runs this suite. It uses only the ports. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccountRecord, SettledRecord } from '../../src/store/ledger-records.ts';
import { UnknownAccount } from '../../src/store/ledger.ts';
import type { Store } from '../../src/store/ports.ts';
import type { StorePlace } from './signer-ledger/signer-ledger.contract.ts';
import {
  GENESIS,
  WIDE,
  anAttempt,
  anOutcome,
  openedAccount,
  taken,
} from './signer-ledger/signer-ledger-samples.ts';
import { filledAccount } from './ledger-records-samples.ts';

/** @param newPlace gives an empty one, each time another */
export function ledgerRecordsContract(name: string, newPlace: () => Promise<StorePlace>): void {
  describe(`records of the ledger on ${name}`, () => {
    let places: StorePlace[];
    let stores: Store[];
    beforeEach(() => {
      places = [];
      stores = [];
    });
    afterEach(async () => {
      for (const store of stores) await store.close();
      for (const place of places) await place.remove();
    });

    async function opened(): Promise<Store> {
      const place = await newPlace();
      places.push(place);
      const store = await place.open();
      stores.push(store);
      return store;
    }

    async function allSettled(store: Store, limit = 200): Promise<readonly SettledRecord[]> {
      const found: SettledRecord[] = [];
      for (let after: string | null = null; ;) {
        const page = await store.ledgerRecords.settled(after, limit);
        found.push(...page.records);
        if (page.next === null) return found;
        after = page.next;
      }
    }

    const byNonce = (records: readonly SettledRecord[]): readonly SettledRecord[] =>
      records.toSorted((one, other) => one.nonce - other.nonce);

    async function onlyAccount(store: Store): Promise<AccountRecord> {
      const [account, ...more] = await store.ledgerRecords.accounts();
      if (account === undefined || more.length > 0) throw new Error('the store has not exactly one account');
      return account;
    }

    test('an account is read with what is open in it, and what has left it is read page by page', async () => {
      const store = await opened();
      const { accountId, reservations } = await filledAccount(store.ledger, 7);
      const read = await onlyAccount(store);
      expect(read).toMatchObject({ accountId, genesis: GENESIS, base: 12, halted: { code: 'x' } });
      expect(read.open.map(({ nonce, state }) => [nonce, state])).toEqual([
        [12, 'reserved'],
        [13, 'closed'],
        [14, 'armed'],
        [15, 'cancelling'],
        [16, 'void'],
      ]);
      expect(read.open.map(({ attempts }) => attempts.length)).toEqual([0, 1, 2, 3, 0]);
      for (const limit of [1, 2, 5, 200]) {
        const settled = byNonce(await allSettled(store, limit));
        expect(settled.map(({ nonce }) => nonce)).toEqual([7, 8, 9, 10, 11]);
        expect(settled.map(({ orderId }) => orderId)).toEqual(
          reservations.slice(0, 5).map(({ orderId }) => orderId),
        );
        expect(settled.every((each) => each.accountId === accountId && each.outcome !== null)).toBe(true);
        expect(settled.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1, 1, 1]);
      }
    });

    test('what is written to another store is read there unchanged, and continues there', async () => {
      const [from, to] = [await opened(), await opened()];
      const { accountId, reservations } = await filledAccount(from.ledger, 7);
      const record = await onlyAccount(from);
      const settled = byNonce(await allSettled(from));
      expect(await to.ledgerRecords.putAccount(record)).toEqual({ written: true });
      for (const each of settled) expect(await to.ledgerRecords.putSettled(each)).toEqual({ written: true });
      expect(await onlyAccount(to)).toEqual(record);
      expect(byNonce(await allSettled(to))).toEqual(settled);

      expect(await to.ledger.accounts.read(accountId)).toEqual(await from.ledger.accounts.read(accountId));
      for (const reservation of reservations) {
        expect(await to.ledger.reservations.find(accountId, reservation)).toEqual(
          await from.ledger.reservations.find(accountId, reservation),
        );
        expect(await to.ledger.attempts.of(accountId, reservation)).toEqual(
          await from.ledger.attempts.of(accountId, reservation),
        );
        expect(await to.ledger.reservations.take(accountId, reservation, WIDE)).toMatchObject({
          reservation: { nonce: reservation.nonce },
        });
      }
      await to.ledger.accounts.halt(accountId, null);
      expect((await taken(to.ledger, accountId)).nonce).toBe(17);
      for (const reservation of record.open)
        await to.ledger.reservations.close(accountId, [{ ...reservation, outcome: anOutcome() }]);
      expect(await to.ledger.accounts.read(accountId)).toMatchObject({ base: 17 });
    });

    test('an existing record is not overwritten, and is returned', async () => {
      const [from, to] = [await opened(), await opened()];
      await filledAccount(from.ledger, 7);
      const record = await onlyAccount(from);
      const [settled] = await allSettled(from);
      if (settled === undefined) throw new Error('five reservations are settled');
      await to.ledgerRecords.putAccount(record);
      await to.ledgerRecords.putSettled(settled);
      expect(await to.ledgerRecords.putAccount({ ...record, base: 99 })).toEqual({
        written: false,
        existing: record,
      });
      const other = { ...settled, outcome: anOutcome() };
      expect(await to.ledgerRecords.putSettled(other)).toEqual({ written: false, existing: settled });
      expect(await onlyAccount(to)).toEqual(record);
    });

    test('of 20 that put one account at once, one writes it', async () => {
      const [from, to] = [await opened(), await opened()];
      await filledAccount(from.ledger, 7);
      const record = await onlyAccount(from);
      const puts = await Promise.all(Array.from({ length: 20 }, () => to.ledgerRecords.putAccount(record)));
      expect(puts.filter(({ written }) => written)).toHaveLength(1);
      expect(await onlyAccount(to)).toEqual(record);
    });

    test('a settled reservation without its account is refused, by the name of the account', async () => {
      const [from, to] = [await opened(), await opened()];
      await filledAccount(from.ledger, 7);
      const [settled] = await allSettled(from);
      if (settled === undefined) throw new Error('five reservations are settled');
      await expect(to.ledgerRecords.putSettled(settled)).rejects.toThrow(UnknownAccount);
    });

    test('an empty ledger, and an empty account, are read as such', async () => {
      const store = await opened();
      expect(await store.ledgerRecords.accounts()).toEqual([]);
      expect(await store.ledgerRecords.settled(null, 10)).toEqual({ records: [], next: null });
      const accountId = await openedAccount(store.ledger, 3);
      expect(await store.ledgerRecords.accounts()).toEqual([
        { accountId, genesis: GENESIS, base: 3, open: [], halted: null },
      ]);
    });

    test('an attempt that its reservation never named is not carried', async () => {
      const [from, to] = [await opened(), await opened()];
      const accountId = await openedAccount(from.ledger, 3);
      const reservation = await taken(from.ledger, accountId);
      expect(await from.ledger.attempts.keep(anAttempt(accountId, reservation), ['armed'])).toBe(false);
      const record = await onlyAccount(from);
      expect(record.open).toMatchObject([{ hashes: [], attempts: [] }]);
      await to.ledgerRecords.putAccount(record);
      expect(await to.ledger.attempts.of(accountId, reservation)).toEqual([]);
    });
  });
}
