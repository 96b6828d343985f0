import { expect, test } from '@jest/globals';
import { OtherChain, UnknownAccount } from '../../../src/store/ledger.ts';
import type { TheLedger } from './signer-ledger.contract.ts';
import {
  GENESIS,
  WIDE,
  anAccount,
  anAttempt,
  anOutcome,
  anOwner,
  found,
  hex,
  openedAccount,
  taken,
} from './signer-ledger-samples.ts';

export function accounts(theLedger: TheLedger): void {
  test('an account that is opened begins at its base, with nothing open', async () => {
    const accountId = anAccount();
    const fresh = { accountId, genesis: GENESIS, base: 41, open: [], halted: null };
    expect(await theLedger().accounts.open(accountId, GENESIS, 41)).toEqual(fresh);
    expect(await theLedger().accounts.read(accountId)).toEqual(fresh);
  });

  test('opening an account again does not change it', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const reservation = await taken(theLedger(), accountId);
    expect(await theLedger().accounts.open(accountId, GENESIS, 99)).toMatchObject({
      base: 7,
      open: [reservation],
    });
  });

  test('of 30 that open one account at once, with other bases, one makes it', async () => {
    const accountId = anAccount();
    const opened = await Promise.all(
      Array.from({ length: 30 }, (_, base) => theLedger().accounts.open(accountId, GENESIS, base)),
    );
    const { base } = await theLedger().accounts.read(accountId);
    expect(new Set(opened.map((answer) => answer.base))).toEqual(new Set([base]));
  });

  test('an account of another chain is refused with its id, and not changed', async () => {
    const accountId = await openedAccount(theLedger(), 7);
    const opening = theLedger().accounts.open(accountId, hex(32), 0);
    await expect(opening).rejects.toThrow(OtherChain);
    await expect(opening).rejects.toThrow(accountId);
    expect(await theLedger().accounts.read(accountId)).toMatchObject({ genesis: GENESIS, base: 7 });
  });

  test('two accounts are independent', async () => {
    const [one, other] = [await openedAccount(theLedger(), 7), await openedAccount(theLedger(), 500)];
    const owner = anOwner();
    expect((await taken(theLedger(), one, owner)).nonce).toBe(7);
    expect(await theLedger().reservations.find(other, owner)).toBeNull();
    expect((await taken(theLedger(), other, owner)).nonce).toBe(500);
    await theLedger().reservations.close(one, [{ ...owner, outcome: anOutcome() }]);
    expect(await found(theLedger(), other, owner)).toMatchObject({ state: 'reserved' });
  });

  test('a halted account takes no reservation and says why, until the halt is lifted', async () => {
    const accountId = await openedAccount(theLedger());
    const halt = {
      code: 'foreign_transaction',
      message: 'nonce 7 was used by 0xab…: look, then lift the halt',
    };
    await taken(theLedger(), accountId);
    await theLedger().accounts.halt(accountId, halt);
    expect((await theLedger().accounts.read(accountId)).halted).toEqual(halt);
    const owner = anOwner();
    expect(await theLedger().reservations.take(accountId, owner, WIDE)).toEqual({ outcome: 'halted', halt });
    expect(await theLedger().reservations.find(accountId, owner)).toBeNull();

    await theLedger().accounts.halt(accountId, null);
    expect((await theLedger().accounts.read(accountId)).halted).toBeNull();
    expect(await theLedger().reservations.take(accountId, owner, WIDE)).toMatchObject({ outcome: 'taken' });
  });

  test('all accounts are listed by id, as they are read', async () => {
    const opened = [await openedAccount(theLedger()), await openedAccount(theLedger())];
    await taken(theLedger(), opened[1] ?? '');
    const listed = await theLedger().accounts.list(10_000);
    const ids = listed.map(({ accountId }) => accountId);
    expect(ids).toEqual(ids.toSorted());
    for (const accountId of opened) {
      expect(listed).toContainEqual(await theLedger().accounts.read(accountId));
    }
    expect(await theLedger().accounts.list(1)).toEqual(listed.slice(0, 1));
  });

  test('what was taken before a halt goes on to its end', async () => {
    const accountId = await openedAccount(theLedger());
    const reservation = await taken(theLedger(), accountId);
    await theLedger().accounts.halt(accountId, { code: 'x', message: 'x' });

    expect(await theLedger().reservations.take(accountId, reservation, WIDE)).toEqual({
      outcome: 'taken',
      reservation,
    });
    expect(await theLedger().attempts.keep(anAttempt(accountId, reservation), ['reserved'])).toBe(true);
    expect(await theLedger().reservations.move(accountId, reservation, 'reserved', 'armed')).toBe(true);
    await theLedger().reservations.close(accountId, [{ ...reservation, outcome: anOutcome() }]);
    expect(await theLedger().reservations.take(accountId, reservation, WIDE)).toMatchObject({
      reservation: { state: 'closed' },
    });
  });

  test('every method refuses an account that was never opened, with its id', async () => {
    const { accounts: theAccounts, reservations, attempts } = theLedger();
    const [accountId, owner] = [anAccount(), anOwner()];
    const reservation = await taken(theLedger(), await openedAccount(theLedger()), owner);
    const calls: readonly (() => Promise<unknown>)[] = [
      () => theAccounts.read(accountId),
      () => theAccounts.halt(accountId, null),
      () => theAccounts.halt(accountId, { code: 'x', message: 'x' }),
      () => reservations.take(accountId, owner, WIDE),
      () => reservations.find(accountId, owner),
      () => reservations.move(accountId, owner, 'reserved', 'armed'),
      () => reservations.close(accountId, [{ ...owner, outcome: anOutcome() }]),
      () => attempts.keep(anAttempt(accountId, reservation), ['reserved']),
      () => attempts.of(accountId, owner),
    ];
    for (const call of calls) {
      const asked = call();
      await expect(asked).rejects.toThrow(UnknownAccount);
      await expect(asked).rejects.toThrow(`account ${accountId} was never opened`);
    }
  });
}
