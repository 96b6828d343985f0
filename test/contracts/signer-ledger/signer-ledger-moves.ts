import { expect, test } from '@jest/globals';
import type { TheLedger } from './signer-ledger.contract.ts';
import {
  anOutcome,
  anOwner,
  found,
  openedAccount,
  taken,
  takenIn,
  takenInOrder,
} from './signer-ledger-samples.ts';

export function moves(theLedger: TheLedger): void {
  test('a reservation moves from the state that is named, and others stay where they are', async () => {
    const accountId = await openedAccount(theLedger());
    const [before, reservation, behind] = await takenInOrder(theLedger(), accountId, 3);
    if (reservation === undefined) throw new Error('three reservations were taken');
    expect(await theLedger().reservations.move(accountId, reservation, 'reserved', 'armed')).toBe(true);
    expect((await theLedger().accounts.read(accountId)).open).toEqual([
      before,
      { ...reservation, state: 'armed' },
      behind,
    ]);
  });

  test('a reservation in another state is not moved', async () => {
    const accountId = await openedAccount(theLedger());
    const reservation = await takenIn(theLedger(), accountId, 'void');
    expect(await theLedger().reservations.move(accountId, reservation, 'reserved', 'armed')).toBe(false);
    expect(await theLedger().reservations.move(accountId, reservation, 'armed', 'cancelling')).toBe(false);
    expect(await found(theLedger(), accountId, reservation)).toEqual(reservation);
  });

  test('a move that was made is true for each caller that repeats it, until the reservation is moved on', async () => {
    const accountId = await openedAccount(theLedger());
    const reservation = await taken(theLedger(), accountId);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        theLedger().reservations.move(accountId, reservation, 'reserved', 'armed'),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 10 }, () => true));
    await theLedger().reservations.move(accountId, reservation, 'armed', 'cancelling');
    expect(await theLedger().reservations.move(accountId, reservation, 'reserved', 'armed')).toBe(false);
    expect((await found(theLedger(), accountId, reservation)).state).toBe('cancelling');
  });

  test('of an arm and a void that race, exactly one wins', async () => {
    const accountId = await openedAccount(theLedger());
    const reservations = await takenInOrder(theLedger(), accountId, 40);
    const races = await Promise.all(
      reservations.map(async (reservation, n) => {
        const arm = () => theLedger().reservations.move(accountId, reservation, 'reserved', 'armed');
        const avoid = () => theLedger().reservations.move(accountId, reservation, 'reserved', 'void');
        const [one, other] = n % 2 === 0 ? [arm, avoid] : [avoid, arm];
        const won = await Promise.all([one(), other()]);
        const [armed, voided] = n % 2 === 0 ? won : won.toReversed();
        return { armed, voided, state: (await found(theLedger(), accountId, reservation)).state };
      }),
    );
    for (const { armed, voided, state } of races) {
      expect([armed, voided]).toEqual([state === 'armed', state === 'void']);
    }
  });

  test('another epoch of the order is not moved', async () => {
    const accountId = await openedAccount(theLedger());
    const first = await taken(theLedger(), accountId, anOwner(1));
    const second = await taken(theLedger(), accountId, { orderId: first.orderId, epoch: 2 });
    expect(await theLedger().reservations.move(accountId, second, 'reserved', 'armed')).toBe(true);
    expect((await found(theLedger(), accountId, first)).state).toBe('reserved');
    expect((await found(theLedger(), accountId, second)).state).toBe('armed');
  });

  test('a closed reservation, and one that was never taken, are not moved', async () => {
    const accountId = await openedAccount(theLedger());
    const [first, second] = await takenInOrder(theLedger(), accountId, 2);
    if (first === undefined || second === undefined) throw new Error('two reservations were taken');
    // The second stays in the account, the first leaves it.
    for (const reservation of [second, first]) {
      await theLedger().reservations.close(accountId, [{ ...reservation, outcome: anOutcome() }]);
      expect(await theLedger().reservations.move(accountId, reservation, 'reserved', 'armed')).toBe(false);
      expect((await found(theLedger(), accountId, reservation)).state).toBe('closed');
    }
    expect(await theLedger().reservations.move(accountId, anOwner(), 'reserved', 'armed')).toBe(false);
  });
}
