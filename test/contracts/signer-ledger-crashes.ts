import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { SignerLedger } from '../../src/store/ledger.ts';
import { StoreUnavailable, type Store } from '../../src/store/ports.ts';
import { eventually } from '../support/eventually.ts';
import type { StorePlace } from './signer-ledger.contract.ts';
import {
  GENESIS,
  WIDE,
  aLane,
  anAttempt,
  anOutcome,
  anOwner,
  found,
  openedLane,
  spending,
  taken,
} from './signer-ledger-samples.ts';

/** What a process that was killed had been told of a slot. */
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
    const lane = await openedLane(first.ledger, 7);
    const left = await taken(first.ledger, lane, anOwner(), { window: 9, spends: spending() });
    const open = await taken(first.ledger, lane, anOwner(2), { window: 9, spends: spending() });
    const kept = [anAttempt(lane, left), anAttempt(lane, open), anAttempt(lane, open, { kind: 'cancel' })];
    for (const attempt of kept) await first.ledger.attempts.keep(attempt, ['reserved']);
    await first.ledger.slots.move(lane, open, 'reserved', 'armed');
    await first.ledger.slots.close(lane, [{ ...left, outcome: anOutcome() }]);
    await first.ledger.lanes.halt(lane, { code: 'x', message: 'somebody must look' });
    const look = async ({ lanes, slots, attempts }: SignerLedger): Promise<unknown> => [
      await lanes.read(lane),
      await slots.find(lane, left),
      await slots.find(lane, open),
      await attempts.of(lane, left),
      await attempts.of(lane, open),
    ];
    const before = await look(first.ledger);
    await first.close();

    const second = await opened();
    expect(await look(second.ledger)).toEqual(before);
    expect(await second.ledger.attempts.of(lane, open)).toEqual(kept.slice(1));
    expect(await second.ledger.lanes.open(lane, GENESIS, 0)).toMatchObject({ base: 8 });
  });

  test('two stores on one place race as one', async () => {
    const both = [await opened(), await opened()];
    const lane = aLane();
    await Promise.all(both.map(({ ledger }) => ledger.lanes.open(lane, GENESIS, BASE)));
    const owners = Array.from({ length: 60 }, () => anOwner());
    const asked = await Promise.all(
      owners.flatMap((owner) =>
        both.map(async ({ ledger }) => {
          const { nonce } = await taken(ledger, lane, owner);
          await ledger.slots.close(lane, [{ ...owner, outcome: anOutcome() }]);
          return `${owner.orderId} ${nonce}`;
        }),
      ),
    );
    expect(new Set(asked).size).toBe(60);
    expect(await both[0]?.ledger.lanes.read(lane)).toMatchObject({ base: BASE + 60, open: [] });
  });

  test('kill -9 anywhere leaves a lane that goes on, and takes back nothing that was answered', async () => {
    const { ledger } = await opened();
    const lane = aLane();
    await ledger.lanes.open(lane, GENESIS, BASE);
    const told = new Map<string, Told>();
    for (const afterLines of [3, 40, 75, 110]) {
      for (const [orderId, last] of await workAndKill(place.address, lane, afterLines))
        told.set(orderId, last);
    }
    expect(told.size).toBeGreaterThan(20);
    for (const [orderId, { epoch, nonce, isClosed }] of told) {
      const slot = await found(ledger, lane, { orderId, epoch });
      expect(slot.nonce).toBe(nonce);
      if (isClosed) expect(slot).toMatchObject({ state: 'closed', outcome: { block: nonce } });
    }

    // Whoever looks after the lane closes what the dead left: all of it, closed already or not.
    await eventually(
      async () => {
        const { open } = await ledger.lanes.read(lane);
        for (const slot of open)
          await ledger.slots.close(lane, [{ ...slot, outcome: anOutcome({ block: slot.nonce }) }]);
        return ledger.lanes.read(lane);
      },
      ({ open }) => open.length === 0,
    );
    const { base } = await ledger.lanes.read(lane);
    const nonces = new Set([...told.values()].map(({ nonce }) => nonce));
    expect(nonces.size).toBe(told.size);
    expect(base).toBeGreaterThanOrEqual(Math.max(...nonces) + 1);
    expect(await taken(ledger, lane, anOwner(), { window: 1, spends: null })).toMatchObject({ nonce: base });
    // No owner of them gets a second one.
    for (const [orderId, { epoch, nonce }] of told) {
      const again = await ledger.slots.take(lane, { orderId, epoch }, WIDE);
      expect(again).toMatchObject({ outcome: 'taken', slot: { nonce, state: 'closed' } });
    }
  });

  test('a closed store rejects everything as unavailable', async () => {
    const store = await opened();
    const { lanes, slots, attempts } = store.ledger;
    const lane = await openedLane(store.ledger);
    const slot = await taken(store.ledger, lane);
    await store.close();
    const calls: readonly (() => Promise<unknown>)[] = [
      () => lanes.open(lane, GENESIS, 0),
      () => lanes.read(lane),
      () => lanes.halt(lane, null),
      () => slots.take(lane, slot, WIDE),
      () => slots.find(lane, slot),
      () => slots.move(lane, slot, 'reserved', 'armed'),
      () => slots.close(lane, [{ ...slot, outcome: anOutcome() }]),
      () => attempts.keep(anAttempt(lane, slot), ['reserved']),
      () => attempts.of(lane, slot),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow(StoreUnavailable);
  });
}

/** Lets a process of its own work on the lane until it has told so much, then kills it. @returns the last it told, by order */
async function workAndKill(
  address: string,
  lane: string,
  afterLines: number,
): Promise<ReadonlyMap<string, Told>> {
  const script = fileURLToPath(new URL('./work-lane-until-killed.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, address, lane], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
