import { expect, test } from '@jest/globals';
import type { TheLedger } from './signer-ledger.contract.ts';
import {
  anAttempt,
  anOutcome,
  anOwner,
  found,
  openedAccount,
  taken,
  takenIn,
  takenInOrder,
} from './signer-ledger-samples.ts';

const ANY_OPEN = ['reserved', 'armed', 'cancelling', 'void'] as const;

export function attempts(theLedger: TheLedger): void {
  test('an attempt comes back exactly as it was kept, and is named in its reservation', async () => {
    const accountId = await openedAccount(theLedger());
    const [, reservation] = await takenInOrder(theLedger(), accountId, 3);
    if (reservation === undefined) throw new Error('three reservations were taken');
    const attempt = anAttempt(accountId, reservation, {
      bytes: '0x02F8b1827a69AbCdEf00',
      maxFeePerGas: '115792089237316195423570985008687907853269984665640564039457584007913129639935',
      kind: 'approve',
    });
    expect(await theLedger().attempts.keep(attempt, ['reserved'])).toBe(true);
    expect(await theLedger().attempts.of(accountId, reservation)).toEqual([attempt]);
    const { open } = await theLedger().accounts.read(accountId);
    expect(open.map(({ hashes }) => hashes)).toEqual([[], [attempt.hash], []]);
  });

  test.each(ANY_OPEN)(
    'in a reservation that is %s an attempt is named if that state is allowed',
    async (state) => {
      const accountId = await openedAccount(theLedger());
      const reservation = await takenIn(theLedger(), accountId, state);
      const [refused, allowed] = [anAttempt(accountId, reservation), anAttempt(accountId, reservation)];
      const others = ANY_OPEN.filter((other) => other !== state);
      expect(await theLedger().attempts.keep(refused, others)).toBe(false);
      expect(await theLedger().attempts.of(accountId, reservation)).toEqual([]);
      expect((await found(theLedger(), accountId, reservation)).hashes).toEqual([]);

      expect(await theLedger().attempts.keep(allowed, [state, 'reserved'])).toBe(true);
      expect((await found(theLedger(), accountId, reservation)).hashes).toEqual([allowed.hash]);
    },
  );

  test('an attempt that was refused is named once its reservation is in a state that is allowed', async () => {
    const accountId = await openedAccount(theLedger());
    const reservation = await taken(theLedger(), accountId);
    const attempt = anAttempt(accountId, reservation, { kind: 'cancel' });
    expect(await theLedger().attempts.keep(attempt, ['cancelling', 'void'])).toBe(false);
    await theLedger().reservations.move(accountId, reservation, 'reserved', 'void');
    expect(await theLedger().attempts.keep(attempt, ['cancelling', 'void'])).toBe(true);
    expect(await theLedger().attempts.of(accountId, reservation)).toEqual([attempt]);
  });

  test('attempts are listed in the order of signing', async () => {
    const accountId = await openedAccount(theLedger());
    const reservation = await taken(theLedger(), accountId);
    const kept = Array.from({ length: 6 }, () => anAttempt(accountId, reservation));
    for (const attempt of kept) await theLedger().attempts.keep(attempt, ['reserved']);
    expect((await found(theLedger(), accountId, reservation)).hashes).toEqual(kept.map(({ hash }) => hash));
    expect(await theLedger().attempts.of(accountId, reservation)).toEqual(kept);
  });

  test('an attempt that is kept again, by any number at once, is named once and keeps its place', async () => {
    const accountId = await openedAccount(theLedger());
    const reservation = await taken(theLedger(), accountId);
    const [first, second] = [anAttempt(accountId, reservation), anAttempt(accountId, reservation)];
    const keep = (attempt: typeof first) => theLedger().attempts.keep(attempt, ['reserved']);
    expect(await Promise.all(Array.from({ length: 20 }, () => keep(first)))).toEqual(
      Array.from({ length: 20 }, () => true),
    );
    await keep(second);
    expect(await keep(first)).toBe(true);
    expect(await theLedger().attempts.of(accountId, reservation)).toEqual([first, second]);
  });

  test('of many attempts of many reservations that are kept at once, each is named in its own', async () => {
    const accountId = await openedAccount(theLedger());
    const reservations = await takenInOrder(theLedger(), accountId, 20);
    const kept = reservations.flatMap((reservation) =>
      [1, 2, 3].map(() => anAttempt(accountId, reservation)),
    );
    await Promise.all(kept.map((attempt) => theLedger().attempts.keep(attempt, ['reserved'])));
    for (const reservation of reservations) {
      const own = kept.filter(({ orderId }) => orderId === reservation.orderId).map(({ hash }) => hash);
      const named = (await theLedger().attempts.of(accountId, reservation)).map(({ hash }) => hash);
      expect(named.toSorted()).toEqual(own.toSorted());
    }
  });

  test('a swap that races the abandoning of its reservation is named before it, or not at all', async () => {
    const accountId = await openedAccount(theLedger());
    const reservations = await takenInOrder(theLedger(), accountId, 30);
    await Promise.all(
      reservations.map(async (reservation) => {
        const [kept] = await Promise.all([
          theLedger().attempts.keep(anAttempt(accountId, reservation), ['reserved', 'armed']),
          theLedger().reservations.move(accountId, reservation, 'reserved', 'void'),
        ]);
        const { state, hashes } = await found(theLedger(), accountId, reservation);
        expect([state, hashes.length]).toEqual(['void', kept ? 1 : 0]);
      }),
    );
  });

  test('a closed reservation accepts no attempt, and lists those that it has, also after it was retired', async () => {
    const accountId = await openedAccount(theLedger());
    const [first, second] = await takenInOrder(theLedger(), accountId, 2);
    if (first === undefined || second === undefined) throw new Error('two reservations were taken');
    for (const reservation of [second, first]) {
      const attempt = anAttempt(accountId, reservation);
      await theLedger().attempts.keep(attempt, ANY_OPEN);
      await theLedger().reservations.close(accountId, [
        { ...reservation, outcome: anOutcome({ hash: attempt.hash }) },
      ]);
      expect(await theLedger().attempts.keep(anAttempt(accountId, reservation), ANY_OPEN)).toBe(false);
      expect(await theLedger().attempts.keep(attempt, ANY_OPEN)).toBe(false);
      expect(await theLedger().attempts.of(accountId, reservation)).toEqual([attempt]);
      expect(await found(theLedger(), accountId, reservation)).toMatchObject({ hashes: [attempt.hash] });
    }
  });

  test('an owner without a reservation has no attempts and may keep none', async () => {
    const accountId = await openedAccount(theLedger());
    const reservation = await taken(theLedger(), accountId);
    const other = anOwner();
    expect(await theLedger().attempts.of(accountId, other)).toEqual([]);
    expect(
      await theLedger().attempts.keep(anAttempt(accountId, { ...reservation, ...other }), ANY_OPEN),
    ).toBe(false);
    const nextEpoch = { orderId: reservation.orderId, epoch: 2 };
    expect(
      await theLedger().attempts.keep(anAttempt(accountId, { ...reservation, ...nextEpoch }), ANY_OPEN),
    ).toBe(false);
    expect(await theLedger().attempts.of(accountId, reservation)).toEqual([]);
  });

  test('an attempt with another nonce than its reservation is refused, by name, and is not named', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservation = await taken(theLedger(), accountId);
    const wrong = anAttempt(accountId, reservation, { nonce: 8 });
    await expect(theLedger().attempts.keep(wrong, ANY_OPEN)).rejects.toThrow(/nonce 8.* 7/);
    expect(await theLedger().attempts.of(accountId, reservation)).toEqual([]);
  });
}
