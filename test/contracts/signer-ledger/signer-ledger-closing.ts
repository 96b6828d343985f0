import { expect, test } from '@jest/globals';
import type { NonceReservation } from '../../../src/store/ledger.ts';
import type { TheLedger } from './signer-ledger.contract.ts';
import {
  anOutcome,
  anOwner,
  found,
  openedAccount,
  spending,
  taken,
  takenInOrder,
} from './signer-ledger-samples.ts';

export function closing(theLedger: TheLedger): void {
  test('the first reservation is retired when it is closed, and base rises by one', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const [first, second] = await takenInOrder(theLedger(), accountId, 2);
    if (first === undefined) throw new Error('two reservations were taken');
    const outcome = anOutcome();
    await theLedger().reservations.close(accountId, [{ ...first, outcome }]);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 8, open: [second] });
    expect(await found(theLedger(), accountId, first)).toEqual({ ...first, state: 'closed', outcome });
  });

  test.each(['swap', 'approve', 'cancel', 'foreign'] as const)(
    'an outcome of the kind "%s" comes back exactly',
    async (kind) => {
      const accountId = await openedAccount(theLedger());
      const reservation = await taken(theLedger(), accountId, anOwner(), { window: 1, spends: spending() });
      const outcome = anOutcome({ kind, status: kind === 'swap' ? 'reverted' : 'success', hash: '0xAbCd' });
      await theLedger().reservations.close(accountId, [{ ...reservation, outcome }]);
      expect(await found(theLedger(), accountId, reservation)).toEqual({
        ...reservation,
        state: 'closed',
        outcome,
      });
    },
  );

  test('a reservation that is closed in the middle stays until those before it are closed', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservations = await takenInOrder(theLedger(), accountId, 5);
    const outcomes = reservations.map((_, n) => anOutcome({ block: n }));
    const close = async (n: number): Promise<void> => {
      const [reservation, outcome] = [reservations[n], outcomes[n]];
      if (reservation === undefined || outcome === undefined) throw new Error('five reservations were taken');
      await theLedger().reservations.close(accountId, [{ ...reservation, outcome }]);
    };
    const closed = (n: number): unknown => ({ ...reservations[n], state: 'closed', outcome: outcomes[n] });

    await close(1);
    await close(2);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({
      base: 7,
      open: [reservations[0], closed(1), closed(2), reservations[3], reservations[4]],
    });
    await close(0);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({
      base: 10,
      open: [reservations[3], reservations[4]],
    });
    await close(4);
    await close(3);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 12, open: [] });
    for (const [n, reservation] of reservations.entries())
      expect(await found(theLedger(), accountId, reservation)).toEqual(closed(n));
  });

  test('repeating a close changes nothing, and the first outcome stays', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const [first, second, third] = await takenInOrder(theLedger(), accountId, 3);
    if (first === undefined || second === undefined) throw new Error('three reservations were taken');
    const outcome = anOutcome();
    // The second is still in the account when it is repeated, the first is not.
    for (const reservation of [second, first]) {
      await theLedger().reservations.close(accountId, [{ ...reservation, outcome }]);
      const before = await theLedger().accounts.read(accountId);
      await Promise.all(
        [outcome, anOutcome()].map((same) =>
          theLedger().reservations.close(accountId, [{ ...reservation, outcome: same }]),
        ),
      );
      expect(await theLedger().accounts.read(accountId)).toEqual(before);
      expect(await found(theLedger(), accountId, reservation)).toMatchObject({ outcome });
    }
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 9, open: [third] });
  });

  test('of racers that close one reservation with other outcomes, one is believed by all', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservation = await taken(theLedger(), accountId);
    const outcomes = Array.from({ length: 20 }, (_, block) => anOutcome({ block }));
    const read = await Promise.all(
      outcomes.map(async (outcome) => {
        await theLedger().reservations.close(accountId, [{ ...reservation, outcome }]);
        return (await found(theLedger(), accountId, reservation)).outcome;
      }),
    );
    expect(new Set(read.map((outcome) => outcome?.block)).size).toBe(1);
    expect(outcomes).toContainEqual(read[0]);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 8, open: [] });
  });

  test('racers that close many reservations, each several times and in any order, leave no gap', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservations = await takenInOrder(theLedger(), accountId, 60);
    await Promise.all(
      shuffled([...reservations, ...reservations, ...reservations]).map((reservation) =>
        theLedger().reservations.close(accountId, [
          { ...reservation, outcome: anOutcome({ block: reservation.nonce }) },
        ]),
      ),
    );
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 67, open: [] });
    for (const reservation of reservations) {
      expect(await found(theLedger(), accountId, reservation)).toMatchObject({
        nonce: reservation.nonce,
        state: 'closed',
        outcome: { block: reservation.nonce },
      });
    }
    expect((await taken(theLedger(), accountId)).nonce).toBe(67);
  });

  test('while reservations are closed, those that are open keep their nonces', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const stays = (reservation: NonceReservation): boolean => reservation.nonce % 10 === 6;
    const reservations = await takenInOrder(theLedger(), accountId, 40);
    await Promise.all([
      ...reservations
        .filter((reservation) => !stays(reservation))
        .map((reservation) =>
          theLedger().reservations.close(accountId, [{ ...reservation, outcome: anOutcome() }]),
        ),
      ...reservations
        .filter(stays)
        .map((reservation) => theLedger().reservations.move(accountId, reservation, 'reserved', 'armed')),
    ]);
    for (const reservation of reservations.filter(stays)) {
      expect(await found(theLedger(), accountId, reservation)).toEqual({ ...reservation, state: 'armed' });
    }
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 16 });
  });

  test('a list of reservations is closed together, in whatever order they stand in it', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservations = await takenInOrder(theLedger(), accountId, 30);
    const closings = shuffled(reservations.slice(0, 25)).map((reservation) => ({
      ...reservation,
      outcome: anOutcome({ block: reservation.nonce }),
    }));
    await theLedger().reservations.close(accountId, closings);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({
      base: 32,
      open: reservations.slice(25),
    });
    for (const { outcome, ...reservation } of closings) {
      expect(await found(theLedger(), accountId, reservation)).toEqual({
        ...reservation,
        state: 'closed',
        outcome,
      });
    }
  });

  test('a list may hold what is closed already, what has left, and a reservation twice: the first outcome stays', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const [gone, open, closed] = await takenInOrder(theLedger(), accountId, 3);
    if (gone === undefined || open === undefined || closed === undefined) throw new Error('three were taken');
    const [first, second] = [anOutcome(), anOutcome()];
    for (const reservation of [gone, closed])
      await theLedger().reservations.close(accountId, [{ ...reservation, outcome: first }]);
    const again = [closed, gone, open].map((reservation) => ({ ...reservation, outcome: second }));
    await theLedger().reservations.close(accountId, [{ ...open, outcome: first }, ...again]);
    for (const reservation of [gone, open, closed]) {
      expect(await found(theLedger(), accountId, reservation)).toMatchObject({
        state: 'closed',
        outcome: first,
      });
    }
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 10, open: [] });
  });

  test('an empty list closes nothing', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservation = await taken(theLedger(), accountId);
    await theLedger().reservations.close(accountId, []);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 7, open: [reservation] });
  });

  test('lists that overlap and race close each reservation once, and leave no gap', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservations = await takenInOrder(theLedger(), accountId, 40);
    const lists = [
      shuffled(reservations),
      reservations,
      reservations.toReversed(),
      reservations.slice(10, 30),
    ];
    await Promise.all(
      lists.map((list, block) =>
        theLedger().reservations.close(
          accountId,
          list.map((reservation) => ({ ...reservation, outcome: anOutcome({ block }) })),
        ),
      ),
    );
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 47, open: [] });
    for (const reservation of reservations)
      expect(await found(theLedger(), accountId, reservation)).toMatchObject({ state: 'closed' });
  });

  test('of a list with an owner that never had a reservation, the others are closed, and that one is named', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservation = await taken(theLedger(), accountId);
    const unknown = anOwner(2);
    const closing = theLedger().reservations.close(
      accountId,
      [unknown, reservation].map((owner) => ({ ...owner, outcome: anOutcome() })),
    );
    await expect(closing).rejects.toThrow(`order ${unknown.orderId} never had a reservation in epoch 2`);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 8, open: [] });
  });

  test('a reservation that was never taken cannot be closed, and is named', async () => {
    const accountId = await openedAccount(theLedger());
    const owner = anOwner(2);
    const closingIt = theLedger().reservations.close(accountId, [{ ...owner, outcome: anOutcome() }]);
    await expect(closingIt).rejects.toThrow(`order ${owner.orderId} never had a reservation in epoch 2`);
  });
}

/** Sorted by the ends of their random ids: an order that has nothing to do with the nonces. */
function shuffled(reservations: readonly NonceReservation[]): readonly NonceReservation[] {
  return reservations.toSorted((one, other) => (one.orderId.slice(16) < other.orderId.slice(16) ? -1 : 1));
}
