import { expect, test } from '@jest/globals';
import { OtherChain, UnknownLane } from '../../src/store/ledger.ts';
import type { TheLedger } from './signer-ledger.contract.ts';
import {
  GENESIS,
  WIDE,
  aLane,
  anAttempt,
  anOutcome,
  anOwner,
  found,
  hex,
  openedLane,
  taken,
} from './signer-ledger-samples.ts';

export function lanes(theLedger: TheLedger): void {
  test('a lane that is opened begins at its base, with nothing open', async () => {
    const lane = aLane();
    const fresh = { lane, genesis: GENESIS, base: 41, open: [], halted: null };
    expect(await theLedger().lanes.open(lane, GENESIS, 41)).toEqual(fresh);
    expect(await theLedger().lanes.read(lane)).toEqual(fresh);
  });

  test('opening a lane again leaves it as it is', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slot = await taken(theLedger(), lane);
    expect(await theLedger().lanes.open(lane, GENESIS, 99)).toMatchObject({ base: 7, open: [slot] });
  });

  test('of 30 that open one lane at once, with other bases, one makes it', async () => {
    const lane = aLane();
    const opened = await Promise.all(
      Array.from({ length: 30 }, (_, base) => theLedger().lanes.open(lane, GENESIS, base)),
    );
    const { base } = await theLedger().lanes.read(lane);
    expect(new Set(opened.map((answer) => answer.base))).toEqual(new Set([base]));
  });

  test('a lane of another chain is refused, by name, and left as it is', async () => {
    const lane = await openedLane(theLedger(), 7);
    const opening = theLedger().lanes.open(lane, hex(32), 0);
    await expect(opening).rejects.toThrow(OtherChain);
    await expect(opening).rejects.toThrow(lane);
    expect(await theLedger().lanes.read(lane)).toMatchObject({ genesis: GENESIS, base: 7 });
  });

  test('two lanes know nothing of each other', async () => {
    const [one, other] = [await openedLane(theLedger(), 7), await openedLane(theLedger(), 500)];
    const owner = anOwner();
    expect((await taken(theLedger(), one, owner)).nonce).toBe(7);
    expect(await theLedger().slots.find(other, owner)).toBeNull();
    expect((await taken(theLedger(), other, owner)).nonce).toBe(500);
    await theLedger().slots.close(one, [{ ...owner, outcome: anOutcome() }]);
    expect(await found(theLedger(), other, owner)).toMatchObject({ state: 'reserved' });
  });

  test('a halted lane takes no slot and says why, until the halt is lifted', async () => {
    const lane = await openedLane(theLedger());
    const halt = {
      code: 'foreign_transaction',
      message: 'nonce 7 was used by 0xab…: look, then lift the halt',
    };
    await taken(theLedger(), lane);
    await theLedger().lanes.halt(lane, halt);
    expect((await theLedger().lanes.read(lane)).halted).toEqual(halt);
    const owner = anOwner();
    expect(await theLedger().slots.take(lane, owner, WIDE)).toEqual({ outcome: 'halted', halt });
    expect(await theLedger().slots.find(lane, owner)).toBeNull();

    await theLedger().lanes.halt(lane, null);
    expect((await theLedger().lanes.read(lane)).halted).toBeNull();
    expect(await theLedger().slots.take(lane, owner, WIDE)).toMatchObject({ outcome: 'taken' });
  });

  test('what was taken before a halt goes on to its end', async () => {
    const lane = await openedLane(theLedger());
    const slot = await taken(theLedger(), lane);
    await theLedger().lanes.halt(lane, { code: 'x', message: 'x' });

    expect(await theLedger().slots.take(lane, slot, WIDE)).toEqual({ outcome: 'taken', slot });
    expect(await theLedger().attempts.keep(anAttempt(lane, slot), ['reserved'])).toBe(true);
    expect(await theLedger().slots.move(lane, slot, 'reserved', 'armed')).toBe(true);
    await theLedger().slots.close(lane, [{ ...slot, outcome: anOutcome() }]);
    expect(await theLedger().slots.take(lane, slot, WIDE)).toMatchObject({ slot: { state: 'closed' } });
  });

  test('whatever is asked of a lane that was never opened is refused, by name', async () => {
    const { lanes: theLanes, slots, attempts } = theLedger();
    const [lane, owner] = [aLane(), anOwner()];
    const slot = await taken(theLedger(), await openedLane(theLedger()), owner);
    const calls: readonly (() => Promise<unknown>)[] = [
      () => theLanes.read(lane),
      () => theLanes.halt(lane, null),
      () => theLanes.halt(lane, { code: 'x', message: 'x' }),
      () => slots.take(lane, owner, WIDE),
      () => slots.find(lane, owner),
      () => slots.move(lane, owner, 'reserved', 'armed'),
      () => slots.close(lane, [{ ...owner, outcome: anOutcome() }]),
      () => attempts.keep(anAttempt(lane, slot), ['reserved']),
      () => attempts.of(lane, owner),
    ];
    for (const call of calls) {
      const asked = call();
      await expect(asked).rejects.toThrow(UnknownLane);
      await expect(asked).rejects.toThrow(`lane ${lane} was never opened`);
    }
  });
}
