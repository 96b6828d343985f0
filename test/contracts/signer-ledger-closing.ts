import { expect, test } from '@jest/globals';
import type { Slot } from '../../src/store/ledger.ts';
import type { TheLedger } from './signer-ledger.contract.ts';
import {
  anOutcome,
  anOwner,
  found,
  openedLane,
  spending,
  taken,
  takenInOrder,
} from './signer-ledger-samples.ts';

export function closing(theLedger: TheLedger): void {
  test('the first slot leaves when it is closed, and base rises by one', async () => {
    const lane = await openedLane(theLedger(), 7);
    const [first, second] = await takenInOrder(theLedger(), lane, 2);
    if (first === undefined) throw new Error('two slots were taken');
    const outcome = anOutcome();
    await theLedger().slots.close(lane, [{ ...first, outcome }]);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 8, open: [second] });
    expect(await found(theLedger(), lane, first)).toEqual({ ...first, state: 'closed', outcome });
  });

  test.each(['swap', 'approve', 'cancel', 'foreign'] as const)(
    'an outcome of the kind "%s" comes back exactly',
    async (kind) => {
      const lane = await openedLane(theLedger());
      const slot = await taken(theLedger(), lane, anOwner(), { window: 1, spends: spending() });
      const outcome = anOutcome({ kind, status: kind === 'swap' ? 'reverted' : 'success', hash: '0xAbCd' });
      await theLedger().slots.close(lane, [{ ...slot, outcome }]);
      expect(await found(theLedger(), lane, slot)).toEqual({ ...slot, state: 'closed', outcome });
    },
  );

  test('a slot that is closed in the middle stays until those before it are closed', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slots = await takenInOrder(theLedger(), lane, 5);
    const outcomes = slots.map((_, n) => anOutcome({ block: n }));
    const close = async (n: number): Promise<void> => {
      const [slot, outcome] = [slots[n], outcomes[n]];
      if (slot === undefined || outcome === undefined) throw new Error('five slots were taken');
      await theLedger().slots.close(lane, [{ ...slot, outcome }]);
    };
    const closed = (n: number): unknown => ({ ...slots[n], state: 'closed', outcome: outcomes[n] });

    await close(1);
    await close(2);
    expect(await theLedger().lanes.read(lane)).toMatchObject({
      base: 7,
      open: [slots[0], closed(1), closed(2), slots[3], slots[4]],
    });
    await close(0);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 10, open: [slots[3], slots[4]] });
    await close(4);
    await close(3);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 12, open: [] });
    for (const [n, slot] of slots.entries()) expect(await found(theLedger(), lane, slot)).toEqual(closed(n));
  });

  test('repeating a close changes nothing, and the first outcome stays', async () => {
    const lane = await openedLane(theLedger(), 7);
    const [first, second, third] = await takenInOrder(theLedger(), lane, 3);
    if (first === undefined || second === undefined) throw new Error('three slots were taken');
    const outcome = anOutcome();
    // The second is still in the lane when it is repeated, the first is not.
    for (const slot of [second, first]) {
      await theLedger().slots.close(lane, [{ ...slot, outcome }]);
      const before = await theLedger().lanes.read(lane);
      await Promise.all(
        [outcome, anOutcome()].map((same) => theLedger().slots.close(lane, [{ ...slot, outcome: same }])),
      );
      expect(await theLedger().lanes.read(lane)).toEqual(before);
      expect(await found(theLedger(), lane, slot)).toMatchObject({ outcome });
    }
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 9, open: [third] });
  });

  test('of racers that close one slot with other outcomes, one is believed by all', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slot = await taken(theLedger(), lane);
    const outcomes = Array.from({ length: 20 }, (_, block) => anOutcome({ block }));
    const read = await Promise.all(
      outcomes.map(async (outcome) => {
        await theLedger().slots.close(lane, [{ ...slot, outcome }]);
        return (await found(theLedger(), lane, slot)).outcome;
      }),
    );
    expect(new Set(read.map((outcome) => outcome?.block)).size).toBe(1);
    expect(outcomes).toContainEqual(read[0]);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 8, open: [] });
  });

  test('racers that close many slots, each several times and in any order, leave no gap', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slots = await takenInOrder(theLedger(), lane, 60);
    await Promise.all(
      shuffled([...slots, ...slots, ...slots]).map((slot) =>
        theLedger().slots.close(lane, [{ ...slot, outcome: anOutcome({ block: slot.nonce }) }]),
      ),
    );
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 67, open: [] });
    for (const slot of slots) {
      expect(await found(theLedger(), lane, slot)).toMatchObject({
        nonce: slot.nonce,
        state: 'closed',
        outcome: { block: slot.nonce },
      });
    }
    expect((await taken(theLedger(), lane)).nonce).toBe(67);
  });

  test('while slots are closed, those that are open keep their nonces', async () => {
    const lane = await openedLane(theLedger(), 7);
    const stays = (slot: Slot): boolean => slot.nonce % 10 === 6;
    const slots = await takenInOrder(theLedger(), lane, 40);
    await Promise.all([
      ...slots
        .filter((slot) => !stays(slot))
        .map((slot) => theLedger().slots.close(lane, [{ ...slot, outcome: anOutcome() }])),
      ...slots.filter(stays).map((slot) => theLedger().slots.move(lane, slot, 'reserved', 'armed')),
    ]);
    for (const slot of slots.filter(stays)) {
      expect(await found(theLedger(), lane, slot)).toEqual({ ...slot, state: 'armed' });
    }
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 16 });
  });

  test('a list of slots is closed together, in whatever order they stand in it', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slots = await takenInOrder(theLedger(), lane, 30);
    const closings = shuffled(slots.slice(0, 25)).map((slot) => ({
      ...slot,
      outcome: anOutcome({ block: slot.nonce }),
    }));
    await theLedger().slots.close(lane, closings);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 32, open: slots.slice(25) });
    for (const { outcome, ...slot } of closings) {
      expect(await found(theLedger(), lane, slot)).toEqual({ ...slot, state: 'closed', outcome });
    }
  });

  test('a list may hold what is closed already, what has left, and a slot twice: the first outcome stays', async () => {
    const lane = await openedLane(theLedger(), 7);
    const [gone, open, closed] = await takenInOrder(theLedger(), lane, 3);
    if (gone === undefined || open === undefined || closed === undefined) throw new Error('three were taken');
    const [first, second] = [anOutcome(), anOutcome()];
    for (const slot of [gone, closed]) await theLedger().slots.close(lane, [{ ...slot, outcome: first }]);
    const again = [closed, gone, open].map((slot) => ({ ...slot, outcome: second }));
    await theLedger().slots.close(lane, [{ ...open, outcome: first }, ...again]);
    for (const slot of [gone, open, closed]) {
      expect(await found(theLedger(), lane, slot)).toMatchObject({ state: 'closed', outcome: first });
    }
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 10, open: [] });
  });

  test('an empty list closes nothing', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slot = await taken(theLedger(), lane);
    await theLedger().slots.close(lane, []);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 7, open: [slot] });
  });

  test('lists that overlap and race close each slot once, and leave no gap', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slots = await takenInOrder(theLedger(), lane, 40);
    const lists = [shuffled(slots), slots, slots.toReversed(), slots.slice(10, 30)];
    await Promise.all(
      lists.map((list, block) =>
        theLedger().slots.close(
          lane,
          list.map((slot) => ({ ...slot, outcome: anOutcome({ block }) })),
        ),
      ),
    );
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 47, open: [] });
    for (const slot of slots) expect(await found(theLedger(), lane, slot)).toMatchObject({ state: 'closed' });
  });

  test('of a list with an owner that never had a slot, the others are closed, and that one is named', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slot = await taken(theLedger(), lane);
    const unknown = anOwner(2);
    const closing = theLedger().slots.close(
      lane,
      [unknown, slot].map((owner) => ({ ...owner, outcome: anOutcome() })),
    );
    await expect(closing).rejects.toThrow(`order ${unknown.orderId} never had a slot in epoch 2`);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ base: 8, open: [] });
  });

  test('a slot that was never taken cannot be closed, and is named', async () => {
    const lane = await openedLane(theLedger());
    const owner = anOwner(2);
    const closingIt = theLedger().slots.close(lane, [{ ...owner, outcome: anOutcome() }]);
    await expect(closingIt).rejects.toThrow(`order ${owner.orderId} never had a slot in epoch 2`);
  });
}

/** Sorted by the ends of their random ids: an order that has nothing to do with the nonces. */
function shuffled(slots: readonly Slot[]): readonly Slot[] {
  return slots.toSorted((one, other) => (one.orderId.slice(16) < other.orderId.slice(16) ? -1 : 1));
}
