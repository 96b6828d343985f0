import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { SignerLedger } from '../../../src/store/ledger.ts';
import { StoreUnavailable, type Store } from '../../../src/store/ports.ts';
import { eventually } from '../../support/eventually.ts';
import { program } from '../../support/programs.ts';
import type { StorePlace } from './signer-ledger.contract.ts';
import {
  GENESIS,
  WIDE,
  anAccount,
  anAttempt,
  anOutcome,
  anOwner,
  found,
  openedAccount,
  spending,
  taken,
} from './signer-ledger-samples.ts';

/** What a killed process had printed about a reservation. */
interface Told {
  readonly epoch: number;
  readonly nonce: number;
  readonly isClosed: boolean;
}

const BASE = 100;

export function crashes(newPlace: () => Promise<StorePlace>): void {
  let place: StorePlace;
  let stores: Store[];
  beforeEach(async () => {
    place = await newPlace();
    stores = [];
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    await place.remove();
  });

  async function opened(): Promise<Store> {
    const store = await place.open();
    stores.push(store);
    return store;
  }

  test('everything is there when the store is closed and opened again', async () => {
    const first = await opened();
    const accountId = await openedAccount(first.ledger, 7);
    const left = await taken(first.ledger, accountId, anOwner(), { window: 9, spends: spending() });
    const open = await taken(first.ledger, accountId, anOwner(2), { window: 9, spends: spending() });
    const kept = [
      anAttempt(accountId, left),
      anAttempt(accountId, open),
      anAttempt(accountId, open, { kind: 'cancel' }),
    ];
    for (const attempt of kept) await first.ledger.attempts.keep(attempt, ['reserved']);
    await first.ledger.reservations.move(accountId, open, 'reserved', 'armed');
    await first.ledger.reservations.close(accountId, [{ ...left, outcome: anOutcome() }]);
    await first.ledger.accounts.halt(accountId, { code: 'x', message: 'an operator must look' });
    const look = async ({ accounts, reservations, attempts }: SignerLedger): Promise<unknown> => [
      await accounts.read(accountId),
      await reservations.find(accountId, left),
      await reservations.find(accountId, open),
      await attempts.of(accountId, left),
      await attempts.of(accountId, open),
    ];
    const before = await look(first.ledger);
    await first.close();

    const second = await opened();
    expect(await look(second.ledger)).toEqual(before);
    expect(await second.ledger.attempts.of(accountId, open)).toEqual(kept.slice(1));
    expect(await second.ledger.accounts.open(accountId, GENESIS, 0)).toMatchObject({ base: 8 });
  });

  test('two stores on one place race as one', async () => {
    const both = [await opened(), await opened()];
    const accountId = anAccount();
    await Promise.all(both.map(({ ledger }) => ledger.accounts.open(accountId, GENESIS, BASE)));
    const owners = Array.from({ length: 60 }, () => anOwner());
    const asked = await Promise.all(
      owners.flatMap((owner) =>
        both.map(async ({ ledger }) => {
          const { nonce } = await taken(ledger, accountId, owner);
          await ledger.reservations.close(accountId, [{ ...owner, outcome: anOutcome() }]);
          return `${owner.orderId} ${nonce}`;
        }),
      ),
    );
    expect(new Set(asked).size).toBe(60);
    expect(await both[0]?.ledger.accounts.read(accountId)).toMatchObject({ base: BASE + 60, open: [] });
  });

  test('kill -9 anywhere leaves an account that goes on, and takes back nothing that was answered', async () => {
    const { ledger } = await opened();
    const accountId = anAccount();
    await ledger.accounts.open(accountId, GENESIS, BASE);
    const told = new Map<string, Told>();
    for (const afterLines of [3, 40, 75, 110]) {
      for (const [orderId, last] of await workAndKill(place.address, accountId, afterLines))
        told.set(orderId, last);
    }
    expect(told.size).toBeGreaterThan(20);
    for (const [orderId, { epoch, nonce, isClosed }] of told) {
      const reservation = await found(ledger, accountId, { orderId, epoch });
      expect(reservation.nonce).toBe(nonce);
      if (isClosed) expect(reservation).toMatchObject({ state: 'closed', outcome: { block: nonce } });
    }

    // The account's resender closes all that the dead processes left, closed already or not.
    await eventually(
      async () => {
        const { open } = await ledger.accounts.read(accountId);
        for (const reservation of open)
          await ledger.reservations.close(accountId, [
            { ...reservation, outcome: anOutcome({ block: reservation.nonce }) },
          ]);
        return ledger.accounts.read(accountId);
      },
      ({ open }) => open.length === 0,
    );
    const { base } = await ledger.accounts.read(accountId);
    const nonces = new Set([...told.values()].map(({ nonce }) => nonce));
    expect(nonces.size).toBe(told.size);
    expect(base).toBeGreaterThanOrEqual(Math.max(...nonces) + 1);
    expect(await taken(ledger, accountId, anOwner(), { window: 1, spends: null })).toMatchObject({
      nonce: base,
    });
    // No owner of them gets a second one.
    for (const [orderId, { epoch, nonce }] of told) {
      const again = await ledger.reservations.take(accountId, { orderId, epoch }, WIDE);
      expect(again).toMatchObject({ outcome: 'taken', reservation: { nonce, state: 'closed' } });
    }
    // Four processes start, one after the other: seconds each on a busy machine.
  }, 120_000);

  test('a closed store rejects everything as unavailable', async () => {
    const store = await opened();
    const { accounts, reservations, attempts } = store.ledger;
    const accountId = await openedAccount(store.ledger);
    const reservation = await taken(store.ledger, accountId);
    await store.close();
    const calls: readonly (() => Promise<unknown>)[] = [
      () => accounts.open(accountId, GENESIS, 0),
      () => accounts.read(accountId),
      () => accounts.halt(accountId, null),
      () => reservations.take(accountId, reservation, WIDE),
      () => reservations.find(accountId, reservation),
      () => reservations.move(accountId, reservation, 'reserved', 'armed'),
      () => reservations.close(accountId, [{ ...reservation, outcome: anOutcome() }]),
      () => attempts.keep(anAttempt(accountId, reservation), ['reserved']),
      () => attempts.of(accountId, reservation),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow(StoreUnavailable);
  });
}

/** Lets another process work on the account until it has printed so many lines, then kills it. @returns the last of each order */
async function workAndKill(
  address: string,
  accountId: string,
  afterLines: number,
): Promise<ReadonlyMap<string, Told>> {
  const child = spawn(
    process.execPath,
    [
      ...program('test/contracts/signer-ledger/use-account-until-killed.ts'),
      address,
      accountId,
      `worker-${afterLines}`,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const told = new Map<string, Told>();
  let lines = 0;
  const gone = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const [, orderId, epoch, nonce, what] = /^(\S{32}) (\d+) (\d+) (taken|closed)$/.exec(line) ?? [];
    // The last line may be half written.
    if (orderId !== undefined) {
      told.set(orderId, { epoch: Number(epoch), nonce: Number(nonce), isClosed: what === 'closed' });
    }
    if (++lines === afterLines) child.kill('SIGKILL');
  }
  await gone;
  expect(child.signalCode).toBe('SIGKILL');
  return told;
}
