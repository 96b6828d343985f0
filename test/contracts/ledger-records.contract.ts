/** What carrying a ledger needs of every store: each adapter runs this suite. It knows nothing but the ports. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LaneRecord, SettledRecord } from '../../src/store/ledger-records.ts';
import { UnknownLane } from '../../src/store/ledger.ts';
import type { Store } from '../../src/store/ports.ts';
import type { StorePlace } from './signer-ledger.contract.ts';
import { GENESIS, WIDE, anAttempt, anOutcome, openedLane, taken } from './signer-ledger-samples.ts';
import { filledLane } from './ledger-records-samples.ts';

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

    async function onlyLane(store: Store): Promise<LaneRecord> {
      const [lane, ...more] = await store.ledgerRecords.lanes();
      if (lane === undefined || more.length > 0) throw new Error('the store has not exactly one lane');
      return lane;
    }

    test('a lane is read with what is open in it, and what has left it is read page by page', async () => {
      const store = await opened();
      const { lane, slots } = await filledLane(store.ledger, 7);
      const read = await onlyLane(store);
      expect(read).toMatchObject({ lane, genesis: GENESIS, base: 12, halted: { code: 'x' } });
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
          slots.slice(0, 5).map(({ orderId }) => orderId),
        );
        expect(settled.every((each) => each.lane === lane && each.outcome !== null)).toBe(true);
        expect(settled.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1, 1, 1]);
      }
    });

    test('what is put elsewhere is read there the same, and goes on there', async () => {
      const [from, to] = [await opened(), await opened()];
      const { lane, slots } = await filledLane(from.ledger, 7);
      const record = await onlyLane(from);
      const settled = byNonce(await allSettled(from));
      expect(await to.ledgerRecords.putLane(record)).toEqual({ written: true });
      for (const each of settled) expect(await to.ledgerRecords.putSettled(each)).toEqual({ written: true });
      expect(await onlyLane(to)).toEqual(record);
      expect(byNonce(await allSettled(to))).toEqual(settled);

      expect(await to.ledger.lanes.read(lane)).toEqual(await from.ledger.lanes.read(lane));
      for (const slot of slots) {
        expect(await to.ledger.slots.find(lane, slot)).toEqual(await from.ledger.slots.find(lane, slot));
        expect(await to.ledger.attempts.of(lane, slot)).toEqual(await from.ledger.attempts.of(lane, slot));
        expect(await to.ledger.slots.take(lane, slot, WIDE)).toMatchObject({ slot: { nonce: slot.nonce } });
      }
      await to.ledger.lanes.halt(lane, null);
      expect((await taken(to.ledger, lane)).nonce).toBe(17);
      for (const slot of record.open) await to.ledger.slots.close(lane, [{ ...slot, outcome: anOutcome() }]);
      expect(await to.ledger.lanes.read(lane)).toMatchObject({ base: 17 });
    });

    test('what is there is not overwritten, and is answered', async () => {
      const [from, to] = [await opened(), await opened()];
      await filledLane(from.ledger, 7);
      const record = await onlyLane(from);
      const [settled] = await allSettled(from);
      if (settled === undefined) throw new Error('five slots are settled');
      await to.ledgerRecords.putLane(record);
      await to.ledgerRecords.putSettled(settled);
      expect(await to.ledgerRecords.putLane({ ...record, base: 99 })).toEqual({
        written: false,
        existing: record,
      });
      const other = { ...settled, outcome: anOutcome() };
      expect(await to.ledgerRecords.putSettled(other)).toEqual({ written: false, existing: settled });
      expect(await onlyLane(to)).toEqual(record);
    });

    test('of 20 that put one lane at once, one writes it', async () => {
      const [from, to] = [await opened(), await opened()];
      await filledLane(from.ledger, 7);
      const record = await onlyLane(from);
      const puts = await Promise.all(Array.from({ length: 20 }, () => to.ledgerRecords.putLane(record)));
      expect(puts.filter(({ written }) => written)).toHaveLength(1);
      expect(await onlyLane(to)).toEqual(record);
    });

    test('a settled slot without its lane is refused, by the name of the lane', async () => {
      const [from, to] = [await opened(), await opened()];
      await filledLane(from.ledger, 7);
      const [settled] = await allSettled(from);
      if (settled === undefined) throw new Error('five slots are settled');
      await expect(to.ledgerRecords.putSettled(settled)).rejects.toThrow(UnknownLane);
    });

    test('an empty ledger, and an empty lane, are read as such', async () => {
      const store = await opened();
      expect(await store.ledgerRecords.lanes()).toEqual([]);
      expect(await store.ledgerRecords.settled(null, 10)).toEqual({ records: [], next: null });
      const lane = await openedLane(store.ledger, 3);
      expect(await store.ledgerRecords.lanes()).toEqual([
        { lane, genesis: GENESIS, base: 3, open: [], halted: null },
      ]);
    });

    test('an attempt that its slot never named is not carried', async () => {
      const [from, to] = [await opened(), await opened()];
      const lane = await openedLane(from.ledger, 3);
      const slot = await taken(from.ledger, lane);
      expect(await from.ledger.attempts.keep(anAttempt(lane, slot), ['armed'])).toBe(false);
      const record = await onlyLane(from);
      expect(record.open).toMatchObject([{ hashes: [], attempts: [] }]);
      await to.ledgerRecords.putLane(record);
      expect(await to.ledger.attempts.of(lane, slot)).toEqual([]);
    });
  });
}
