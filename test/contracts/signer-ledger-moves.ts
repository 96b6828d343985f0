import { expect, test } from '@jest/globals';
import type { TheLedger } from './signer-ledger.contract.ts';
import {
  anOutcome,
  anOwner,
  found,
  openedLane,
  taken,
  takenIn,
  takenInOrder,
} from './signer-ledger-samples.ts';

export function moves(theLedger: TheLedger): void {
  test('a slot moves from the state that is named, and others stay where they are', async () => {
    const lane = await openedLane(theLedger());
    const [before, slot, behind] = await takenInOrder(theLedger(), lane, 3);
    if (slot === undefined) throw new Error('three slots were taken');
    expect(await theLedger().slots.move(lane, slot, 'reserved', 'armed')).toBe(true);
    expect((await theLedger().lanes.read(lane)).open).toEqual([before, { ...slot, state: 'armed' }, behind]);
  });

  test('a slot in another state is not moved', async () => {
    const lane = await openedLane(theLedger());
    const slot = await takenIn(theLedger(), lane, 'void');
    expect(await theLedger().slots.move(lane, slot, 'reserved', 'armed')).toBe(false);
    expect(await theLedger().slots.move(lane, slot, 'armed', 'cancelling')).toBe(false);
    expect(await found(theLedger(), lane, slot)).toEqual(slot);
  });

  test('a move that was made is true whoever repeats it, until the slot is moved on', async () => {
    const lane = await openedLane(theLedger());
    const slot = await taken(theLedger(), lane);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => theLedger().slots.move(lane, slot, 'reserved', 'armed')),
    );
    expect(answers).toEqual(Array.from({ length: 10 }, () => true));
    await theLedger().slots.move(lane, slot, 'armed', 'cancelling');
    expect(await theLedger().slots.move(lane, slot, 'reserved', 'armed')).toBe(false);
    expect((await found(theLedger(), lane, slot)).state).toBe('cancelling');
  });

  test('of an arm and a void that race, exactly one wins', async () => {
    const lane = await openedLane(theLedger());
    const slots = await takenInOrder(theLedger(), lane, 40);
    const races = await Promise.all(
      slots.map(async (slot, n) => {
        const arm = () => theLedger().slots.move(lane, slot, 'reserved', 'armed');
        const avoid = () => theLedger().slots.move(lane, slot, 'reserved', 'void');
        const [one, other] = n % 2 === 0 ? [arm, avoid] : [avoid, arm];
        const won = await Promise.all([one(), other()]);
        const [armed, voided] = n % 2 === 0 ? won : won.toReversed();
        return { armed, voided, state: (await found(theLedger(), lane, slot)).state };
      }),
    );
    for (const { armed, voided, state } of races) {
      expect([armed, voided]).toEqual([state === 'armed', state === 'void']);
    }
  });

  test('another epoch of the order is not moved', async () => {
    const lane = await openedLane(theLedger());
    const first = await taken(theLedger(), lane, anOwner(1));
    const second = await taken(theLedger(), lane, { orderId: first.orderId, epoch: 2 });
    expect(await theLedger().slots.move(lane, second, 'reserved', 'armed')).toBe(true);
    expect((await found(theLedger(), lane, first)).state).toBe('reserved');
    expect((await found(theLedger(), lane, second)).state).toBe('armed');
  });

  test('a closed slot, and one that was never taken, are not moved', async () => {
    const lane = await openedLane(theLedger());
    const [first, second] = await takenInOrder(theLedger(), lane, 2);
    if (first === undefined || second === undefined) throw new Error('two slots were taken');
    // The second stays in the lane, the first leaves it.
    for (const slot of [second, first]) {
      await theLedger().slots.close(lane, [{ ...slot, outcome: anOutcome() }]);
      expect(await theLedger().slots.move(lane, slot, 'reserved', 'armed')).toBe(false);
      expect((await found(theLedger(), lane, slot)).state).toBe('closed');
    }
    expect(await theLedger().slots.move(lane, anOwner(), 'reserved', 'armed')).toBe(false);
  });
}
