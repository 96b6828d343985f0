import { expect, test } from '@jest/globals';
import type { TheLedger } from './signer-ledger.contract.ts';
import {
  WIDE,
  anOutcome,
  anOwner,
  ascending,
  counted,
  found,
  openedLane,
  owners,
  spending,
  taken,
  takenInOrder,
} from './signer-ledger-samples.ts';

export function taking(theLedger: TheLedger): void {
  test('slots are taken in the order of their nonces, from base on', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slots = await takenInOrder(theLedger(), lane, 4);
    expect(slots.map(({ nonce }) => nonce)).toEqual([7, 8, 9, 10]);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 7, open: slots });
  });

  test('a slot is reserved, with what it spends and nothing else', async () => {
    const lane = await openedLane(theLedger(), 7);
    const [one, other] = [anOwner(3), anOwner()];
    const spends = spending();
    const fresh = { state: 'reserved', hashes: [], outcome: null };
    expect(await taken(theLedger(), lane, one, { window: 9, spends })).toEqual({
      ...one,
      ...fresh,
      nonce: 7,
      spends,
    });
    expect(await found(theLedger(), lane, one)).toEqual({ ...one, ...fresh, nonce: 7, spends });
    expect(await taken(theLedger(), lane, other)).toEqual({ ...other, ...fresh, nonce: 8, spends: null });
  });

  test('of 50 that ask for one owner at once, all get one slot', async () => {
    const lane = await openedLane(theLedger(), 7);
    const owner = anOwner();
    const slots = await Promise.all(Array.from({ length: 50 }, () => taken(theLedger(), lane, owner)));
    expect(new Set(slots.map(({ nonce }) => nonce))).toEqual(new Set([7]));
    expect((await theLedger().lanes.read(lane)).open).toHaveLength(1);
  });

  test('200 orders that ask at once get 200 nonces without a gap', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slots = await Promise.all(owners(200).map((owner) => taken(theLedger(), lane, owner)));
    expect(ascending(slots.map(({ nonce }) => nonce))).toEqual(counted(7, 200));
    const { open } = await theLedger().lanes.read(lane);
    expect(open).toEqual(slots.toSorted((one, other) => one.nonce - other.nonce));
  });

  test('another epoch of an order is another slot', async () => {
    const lane = await openedLane(theLedger(), 7);
    const { orderId } = anOwner();
    const nonces = [];
    for (const epoch of [1, 2, 1, 3, 2])
      nonces.push((await taken(theLedger(), lane, { orderId, epoch })).nonce);
    expect(nonces).toEqual([7, 8, 7, 9, 8]);
  });

  test('a full window says so, and is full no longer when its first slot is closed', async () => {
    const lane = await openedLane(theLedger(), 7);
    const rules = { window: 3, spends: null };
    const [first, second] = await takenInOrder(theLedger(), lane, 3);
    const late = anOwner();
    expect(await theLedger().slots.take(lane, late, rules)).toEqual({ outcome: 'full' });
    expect(await theLedger().slots.find(lane, late)).toBeNull();
    if (first === undefined || second === undefined) throw new Error('three slots were taken');

    // Its place is behind one that is open: as long as that one is, it stays.
    await theLedger().slots.close(lane, [{ ...second, outcome: anOutcome() }]);
    expect(await theLedger().slots.take(lane, late, rules)).toEqual({ outcome: 'full' });
    expect(await theLedger().slots.take(lane, first, rules)).toMatchObject({ slot: { nonce: 7 } });

    await theLedger().slots.close(lane, [{ ...first, outcome: anOutcome() }]);
    expect(await taken(theLedger(), lane, late, rules)).toMatchObject({ nonce: 10 });
  });

  test('a window of none is always full', async () => {
    const lane = await openedLane(theLedger());
    const rules = { window: 0, spends: null };
    expect(await theLedger().slots.take(lane, anOwner(), rules)).toEqual({ outcome: 'full' });
  });

  test('64 racers never have more slots open than the window, while slots come and go', async () => {
    const lane = await openedLane(theLedger(), 7);
    const rules = { window: 8, spends: null };
    let mostOpen = 0;
    const watching = { done: false };
    const watch = async (): Promise<void> => {
      while (!watching.done) {
        // A store may answer without a turn of the event loop, which the racers need.
        await new Promise((resolve) => setImmediate(resolve));
        mostOpen = Math.max(mostOpen, (await theLedger().lanes.read(lane)).open.length);
      }
    };
    const watched = watch();
    const nonces = await Promise.all(
      owners(64).map(async (owner) => {
        for (;;) {
          const answer = await theLedger().slots.take(lane, owner, rules);
          if (answer.outcome !== 'taken') continue;
          await theLedger().slots.close(lane, [{ ...owner, outcome: anOutcome() }]);
          return answer.slot.nonce;
        }
      }),
    );
    watching.done = true;
    await watched;
    expect(mostOpen).toBeGreaterThan(0);
    expect(mostOpen).toBeLessThanOrEqual(8);
    expect(ascending(nonces)).toEqual(counted(7, 64));
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 71, open: [] });
  });

  test('an owner that asks again gets its slot as it is by then, in a full window too', async () => {
    const lane = await openedLane(theLedger());
    const slot = await taken(theLedger(), lane, anOwner(), { window: 1, spends: spending() });
    await theLedger().slots.move(lane, slot, 'reserved', 'armed');
    const again = await theLedger().slots.take(lane, slot, { window: 1, spends: null });
    expect(again).toEqual({ outcome: 'taken', slot: { ...slot, state: 'armed' } });
  });

  test('an owner whose slot was closed and has left gets it still, with its outcome, and no other', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slot = await taken(theLedger(), lane, anOwner(), { window: 9, spends: spending() });
    const outcome = anOutcome({ kind: 'cancel', status: 'reverted' });
    await theLedger().slots.close(lane, [{ ...slot, outcome }]);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 8, open: [] });

    const closed = { ...slot, state: 'closed', outcome };
    expect(await theLedger().slots.take(lane, slot, WIDE)).toEqual({ outcome: 'taken', slot: closed });
    expect(await found(theLedger(), lane, slot)).toEqual(closed);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 8, open: [] });
  });

  test('owners that ask while others close their slots for them get no second nonce', async () => {
    const lane = await openedLane(theLedger(), 7);
    const all = owners(40);
    const asked = await Promise.all(
      all.flatMap((owner) =>
        Array.from({ length: 4 }, async () => {
          const { nonce } = await taken(theLedger(), lane, owner);
          await theLedger().slots.close(lane, [{ ...owner, outcome: anOutcome() }]);
          return { owner, nonce };
        }),
      ),
    );
    const pairs = new Set(asked.map(({ owner, nonce }) => `${owner.orderId} ${nonce}`));
    expect(pairs.size).toBe(40);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 47, open: [] });
  });
}
