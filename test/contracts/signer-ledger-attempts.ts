import { expect, test } from '@jest/globals';
import type { TheLedger } from './signer-ledger.contract.ts';
import {
  anAttempt,
  anOutcome,
  anOwner,
  found,
  openedLane,
  taken,
  takenIn,
  takenInOrder,
} from './signer-ledger-samples.ts';

const ANY_OPEN = ['reserved', 'armed', 'cancelling', 'void'] as const;

export function attempts(theLedger: TheLedger): void {
  test('an attempt comes back exactly as it was kept, and is named in its slot', async () => {
    const lane = await openedLane(theLedger());
    const [, slot] = await takenInOrder(theLedger(), lane, 3);
    if (slot === undefined) throw new Error('three slots were taken');
    const attempt = anAttempt(lane, slot, {
      bytes: '0x02F8b1827a69AbCdEf00',
      maxFeePerGas: '115792089237316195423570985008687907853269984665640564039457584007913129639935',
      kind: 'approve',
    });
    expect(await theLedger().attempts.keep(attempt, ['reserved'])).toBe(true);
    expect(await theLedger().attempts.of(lane, slot)).toEqual([attempt]);
    const { open } = await theLedger().lanes.read(lane);
    expect(open.map(({ hashes }) => hashes)).toEqual([[], [attempt.hash], []]);
  });

  test.each(ANY_OPEN)('in a slot that is %s an attempt is named if that state is allowed', async (state) => {
    const lane = await openedLane(theLedger());
    const slot = await takenIn(theLedger(), lane, state);
    const [refused, allowed] = [anAttempt(lane, slot), anAttempt(lane, slot)];
    const others = ANY_OPEN.filter((other) => other !== state);
    expect(await theLedger().attempts.keep(refused, others)).toBe(false);
    expect(await theLedger().attempts.of(lane, slot)).toEqual([]);
    expect((await found(theLedger(), lane, slot)).hashes).toEqual([]);

    expect(await theLedger().attempts.keep(allowed, [state, 'reserved'])).toBe(true);
    expect((await found(theLedger(), lane, slot)).hashes).toEqual([allowed.hash]);
  });

  test('an attempt that was refused is named once its slot is in a state that is allowed', async () => {
    const lane = await openedLane(theLedger());
    const slot = await taken(theLedger(), lane);
    const attempt = anAttempt(lane, slot, { kind: 'cancel' });
    expect(await theLedger().attempts.keep(attempt, ['cancelling', 'void'])).toBe(false);
    await theLedger().slots.move(lane, slot, 'reserved', 'void');
    expect(await theLedger().attempts.keep(attempt, ['cancelling', 'void'])).toBe(true);
    expect(await theLedger().attempts.of(lane, slot)).toEqual([attempt]);
  });

  test('attempts are told in the order of signing', async () => {
    const lane = await openedLane(theLedger());
    const slot = await taken(theLedger(), lane);
    const kept = Array.from({ length: 6 }, () => anAttempt(lane, slot));
    for (const attempt of kept) await theLedger().attempts.keep(attempt, ['reserved']);
    expect((await found(theLedger(), lane, slot)).hashes).toEqual(kept.map(({ hash }) => hash));
    expect(await theLedger().attempts.of(lane, slot)).toEqual(kept);
  });

  test('an attempt that is kept again, by any number at once, is named once and keeps its place', async () => {
    const lane = await openedLane(theLedger());
    const slot = await taken(theLedger(), lane);
    const [first, second] = [anAttempt(lane, slot), anAttempt(lane, slot)];
    const keep = (attempt: typeof first) => theLedger().attempts.keep(attempt, ['reserved']);
    expect(await Promise.all(Array.from({ length: 20 }, () => keep(first)))).toEqual(
      Array.from({ length: 20 }, () => true),
    );
    await keep(second);
    expect(await keep(first)).toBe(true);
    expect(await theLedger().attempts.of(lane, slot)).toEqual([first, second]);
  });

  test('of many attempts of many slots that are kept at once, each is named in its own', async () => {
    const lane = await openedLane(theLedger());
    const slots = await takenInOrder(theLedger(), lane, 20);
    const kept = slots.flatMap((slot) => [1, 2, 3].map(() => anAttempt(lane, slot)));
    await Promise.all(kept.map((attempt) => theLedger().attempts.keep(attempt, ['reserved'])));
    for (const slot of slots) {
      const own = kept.filter(({ orderId }) => orderId === slot.orderId).map(({ hash }) => hash);
      const named = (await theLedger().attempts.of(lane, slot)).map(({ hash }) => hash);
      expect(named.toSorted()).toEqual(own.toSorted());
    }
  });

  test('a swap that races the abandoning of its slot is named before it, or not at all', async () => {
    const lane = await openedLane(theLedger());
    const slots = await takenInOrder(theLedger(), lane, 30);
    await Promise.all(
      slots.map(async (slot) => {
        const [kept] = await Promise.all([
          theLedger().attempts.keep(anAttempt(lane, slot), ['reserved', 'armed']),
          theLedger().slots.move(lane, slot, 'reserved', 'void'),
        ]);
        const { state, hashes } = await found(theLedger(), lane, slot);
        expect([state, hashes.length]).toEqual(['void', kept ? 1 : 0]);
      }),
    );
  });

  test('a closed slot takes no attempt, and tells those that it has, also after it left', async () => {
    const lane = await openedLane(theLedger());
    const [first, second] = await takenInOrder(theLedger(), lane, 2);
    if (first === undefined || second === undefined) throw new Error('two slots were taken');
    for (const slot of [second, first]) {
      const attempt = anAttempt(lane, slot);
      await theLedger().attempts.keep(attempt, ANY_OPEN);
      await theLedger().slots.close(lane, [{ ...slot, outcome: anOutcome({ hash: attempt.hash }) }]);
      expect(await theLedger().attempts.keep(anAttempt(lane, slot), ANY_OPEN)).toBe(false);
      expect(await theLedger().attempts.keep(attempt, ANY_OPEN)).toBe(false);
      expect(await theLedger().attempts.of(lane, slot)).toEqual([attempt]);
      expect(await found(theLedger(), lane, slot)).toMatchObject({ hashes: [attempt.hash] });
    }
  });

  test('an owner without a slot has no attempts and may keep none', async () => {
    const lane = await openedLane(theLedger());
    const slot = await taken(theLedger(), lane);
    const other = anOwner();
    expect(await theLedger().attempts.of(lane, other)).toEqual([]);
    expect(await theLedger().attempts.keep(anAttempt(lane, { ...slot, ...other }), ANY_OPEN)).toBe(false);
    const nextEpoch = { orderId: slot.orderId, epoch: 2 };
    expect(await theLedger().attempts.keep(anAttempt(lane, { ...slot, ...nextEpoch }), ANY_OPEN)).toBe(false);
    expect(await theLedger().attempts.of(lane, slot)).toEqual([]);
  });

  test('an attempt with another nonce than its slot is refused, by name, and is not named', async () => {
    const lane = await openedLane(theLedger(), 7);
    const slot = await taken(theLedger(), lane);
    const wrong = anAttempt(lane, slot, { nonce: 8 });
    await expect(theLedger().attempts.keep(wrong, ANY_OPEN)).rejects.toThrow(/nonce 8.* 7/);
    expect(await theLedger().attempts.of(lane, slot)).toEqual([]);
  });
}
