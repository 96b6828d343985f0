import { expect, test } from '@jest/globals';
import type { TheLedger } from './signer-ledger.contract.ts';
import {
  WIDE,
  anOutcome,
  anOwner,
  ascending,
  counted,
  found,
  openedAccount,
  owners,
  spending,
  taken,
  takenInOrder,
} from './signer-ledger-samples.ts';

export function taking(theLedger: TheLedger): void {
  test('reservations are taken in the order of their nonces, from base on', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservations = await takenInOrder(theLedger(), accountId, 4);
    expect(reservations.map(({ nonce }) => nonce)).toEqual([7, 8, 9, 10]);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 7, open: reservations });
  });

  test('a reservation is reserved, with what it spends and nothing else', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const [one, other] = [anOwner(3), anOwner()];
    const spends = spending();
    const fresh = { state: 'reserved', hashes: [], outcome: null };
    expect(await taken(theLedger(), accountId, one, { window: 9, spends })).toEqual({
      ...one,
      ...fresh,
      nonce: 7,
      spends,
    });
    expect(await found(theLedger(), accountId, one)).toEqual({ ...one, ...fresh, nonce: 7, spends });
    expect(await taken(theLedger(), accountId, other)).toEqual({
      ...other,
      ...fresh,
      nonce: 8,
      spends: null,
    });
  });

  test('of 50 that ask for one owner at once, all get one reservation', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const owner = anOwner();
    const reservations = await Promise.all(
      Array.from({ length: 50 }, () => taken(theLedger(), accountId, owner)),
    );
    expect(new Set(reservations.map(({ nonce }) => nonce))).toEqual(new Set([7]));
    expect((await theLedger().accounts.read(accountId)).open).toHaveLength(1);
  });

  test('200 orders that ask at once get 200 nonces without a gap', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservations = await Promise.all(owners(200).map((owner) => taken(theLedger(), accountId, owner)));
    expect(ascending(reservations.map(({ nonce }) => nonce))).toEqual(counted(7, 200));
    const { open } = await theLedger().accounts.read(accountId);
    expect(open).toEqual(reservations.toSorted((one, other) => one.nonce - other.nonce));
  });

  test('another epoch of an order is another reservation', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const { orderId } = anOwner();
    const nonces = [];
    for (const epoch of [1, 2, 1, 3, 2])
      nonces.push((await taken(theLedger(), accountId, { orderId, epoch })).nonce);
    expect(nonces).toEqual([7, 8, 7, 9, 8]);
  });

  test('a full window says so, and is full no longer when its first reservation is closed', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const rules = { window: 3, spends: null };
    const [first, second] = await takenInOrder(theLedger(), accountId, 3);
    const late = anOwner();
    expect(await theLedger().reservations.take(accountId, late, rules)).toEqual({ outcome: 'full' });
    expect(await theLedger().reservations.find(accountId, late)).toBeNull();
    if (first === undefined || second === undefined) throw new Error('three reservations were taken');

    // Its place is behind one that is open: as long as that one is, it stays.
    await theLedger().reservations.close(accountId, [{ ...second, outcome: anOutcome() }]);
    expect(await theLedger().reservations.take(accountId, late, rules)).toEqual({ outcome: 'full' });
    expect(await theLedger().reservations.take(accountId, first, rules)).toMatchObject({
      reservation: { nonce: 7 },
    });

    await theLedger().reservations.close(accountId, [{ ...first, outcome: anOutcome() }]);
    expect(await taken(theLedger(), accountId, late, rules)).toMatchObject({ nonce: 10 });
  });

  test('a window of size 0 is always full', async () => {
    const accountId = await openedAccount(theLedger());
    const rules = { window: 0, spends: null };
    expect(await theLedger().reservations.take(accountId, anOwner(), rules)).toEqual({ outcome: 'full' });
  });

  test('64 racers never have more reservations open than the window, while reservations come and go', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const rules = { window: 8, spends: null };
    let mostOpen = 0;
    const watching = { done: false };
    const watch = async (): Promise<void> => {
      while (!watching.done) {
        // A store may answer without a turn of the event loop, which the racers need.
        await new Promise((resolve) => setImmediate(resolve));
        mostOpen = Math.max(mostOpen, (await theLedger().accounts.read(accountId)).open.length);
      }
    };
    const watched = watch();
    const nonces = await Promise.all(
      owners(64).map(async (owner) => {
        for (;;) {
          const answer = await theLedger().reservations.take(accountId, owner, rules);
          if (answer.outcome !== 'taken') continue;
          await theLedger().reservations.close(accountId, [{ ...owner, outcome: anOutcome() }]);
          return answer.reservation.nonce;
        }
      }),
    );
    watching.done = true;
    await watched;
    expect(mostOpen).toBeGreaterThan(0);
    expect(mostOpen).toBeLessThanOrEqual(8);
    expect(ascending(nonces)).toEqual(counted(7, 64));
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 71, open: [] });
  });

  test('an owner that asks again gets its reservation as it is by then, in a full window too', async () => {
    const accountId = await openedAccount(theLedger());
    const reservation = await taken(theLedger(), accountId, anOwner(), { window: 1, spends: spending() });
    await theLedger().reservations.move(accountId, reservation, 'reserved', 'armed');
    const again = await theLedger().reservations.take(accountId, reservation, { window: 1, spends: null });
    expect(again).toEqual({ outcome: 'taken', reservation: { ...reservation, state: 'armed' } });
  });

  test('an owner whose reservation was closed and retired still gets it, with its outcome, and no other', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservation = await taken(theLedger(), accountId, anOwner(), { window: 9, spends: spending() });
    const outcome = anOutcome({ kind: 'cancel', status: 'reverted' });
    await theLedger().reservations.close(accountId, [{ ...reservation, outcome }]);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 8, open: [] });

    const closed = { ...reservation, state: 'closed', outcome };
    expect(await theLedger().reservations.take(accountId, reservation, WIDE)).toEqual({
      outcome: 'taken',
      reservation: closed,
    });
    expect(await found(theLedger(), accountId, reservation)).toEqual(closed);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 8, open: [] });
  });

  test('owners that ask while others close their reservations for them get no second nonce', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const all = owners(40);
    const asked = await Promise.all(
      all.flatMap((owner) =>
        Array.from({ length: 4 }, async () => {
          const { nonce } = await taken(theLedger(), accountId, owner);
          await theLedger().reservations.close(accountId, [{ ...owner, outcome: anOutcome() }]);
          return { owner, nonce };
        }),
      ),
    );
    const pairs = new Set(asked.map(({ owner, nonce }) => `${owner.orderId} ${nonce}`));
    expect(pairs.size).toBe(40);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ base: 47, open: [] });
  });
}
