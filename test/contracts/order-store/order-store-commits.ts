import { expect, test } from '@jest/globals';
import type { Commit } from '../../../src/store/ports.ts';
import type { TheStore } from './order-store.contract.ts';
import {
  AN_HOUR_MS,
  ALL_ALIVE,
  aCommit,
  anEntry,
  anOrderId,
  aState,
  aWorkerId,
  advanced,
  created,
  ended,
  parked,
  running,
  stored,
} from './order-store-samples.ts';

export function commits(theStore: TheStore): void {
  test('a commit writes state, status and entry together and raises the version by one', async () => {
    const before = await created(theStore());
    const commit = aCommit(before, { status: 'building', state: aState({ step: 'x' }) });

    expect(await theStore().orders.commit(commit)).toEqual({ outcome: 'committed' });

    const after = await stored(theStore(), before.orderId);
    expect(after).toEqual({
      ...before,
      version: before.version + 1,
      status: 'building',
      state: commit.state,
      lastSeq: 2,
      updatedAt: after.updatedAt,
    });
    expect(await theStore().journal.read(before.orderId, 1, 10)).toEqual(commit.entries);
  });

  test('a commit of several entries writes all of them and the last state, and raises the version by one', async () => {
    const before = await created(theStore());
    const { orderId, lastSeq } = before;
    const [first, ...later] = [1, 2, 3, 4].map((step) => anEntry(orderId, lastSeq + step));
    if (first === undefined) throw new Error('expected a first entry');
    const commit = aCommit(before, { entries: [first, ...later], state: aState({ step: 'last' }) });

    expect(await theStore().orders.commit(commit)).toEqual({ outcome: 'committed' });
    expect(await theStore().orders.commit(commit)).toEqual({ outcome: 'committed' });

    const after = await stored(theStore(), orderId);
    expect(after).toMatchObject({ version: before.version + 1, lastSeq: lastSeq + 4, state: commit.state });
    expect(await theStore().journal.read(orderId, lastSeq, 10)).toEqual(commit.entries);
    expect((await advanced(theStore(), orderId)).lastSeq).toBe(lastSeq + 5);
  });

  test('entries of one commit that do not follow each other are refused by name, and nothing is written', async () => {
    const before = await created(theStore());
    const entries = [anEntry(before.orderId, 2), anEntry(before.orderId, 4)] as const;

    await expect(theStore().orders.commit(aCommit(before, { entries }))).rejects.toThrow(/4.*3/);
    expect(await stored(theStore(), before.orderId)).toEqual(before);
    expect(await theStore().journal.read(before.orderId, 0, 10)).toHaveLength(1);
  });

  test('a deferred commit is made when it is written, with what was taken until then', async () => {
    const before = await created(theStore());
    const { orderId } = before;
    let entries: Commit['entries'] = [anEntry(orderId, 2)];
    let made: Commit | null = null;
    const committing = theStore().orders.commit(() => (made ??= aCommit(before, { entries })));
    entries = [...entries, anEntry(orderId, 3)];

    expect(await committing).toEqual({ outcome: 'committed' });
    expect(await theStore().journal.read(orderId, 1, 10)).toEqual(entries);
  });

  test('of two deferred commits on one version one is taken, and the other one is lost', async () => {
    const before = await created(theStore());
    const racers = ['one', 'other'].map((racer) => aCommit(before, { state: aState({ racer }) }));
    const answers = await Promise.all(racers.map((commit) => theStore().orders.commit(() => commit)));
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['committed', 'lost']);
  });

  test('a commit leaves the order with the worker that runs it', async () => {
    const workerId = aWorkerId();
    const order = await running(theStore(), workerId);
    expect((await advanced(theStore(), order.orderId, { status: 'submitted' })).worker).toBe(workerId);
  });

  test('of 40 commits on one version, one is taken and the others leave nothing', async () => {
    const { orders, journal } = theStore();
    const before = await created(theStore());
    const racers = Array.from({ length: 40 }, (_, racer) => aCommit(before, { state: aState({ racer }) }));

    const answers = await Promise.all(racers.map((commit) => orders.commit(commit)));

    const winners = racers.filter((_, racer) => answers[racer]?.outcome === 'committed');
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ outcome }) => outcome === 'lost')).toHaveLength(39);
    const after = await stored(theStore(), before.orderId);
    expect(after).toMatchObject({ version: before.version + 1, lastSeq: 2, state: winners[0]?.state });
    expect(await journal.read(before.orderId, 1, 10)).toEqual(winners[0]?.entries);
  });

  test('many orders that commit at once each get their own entries, in order', async () => {
    const ids = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const { orderId } = await created(theStore());
        for (let step = 0; step < 4; step++) await advanced(theStore(), orderId);
        return orderId;
      }),
    );
    for (const orderId of ids) {
      const entries = await theStore().journal.read(orderId, 0, 10);
      expect(entries.map(({ seq, message }) => [seq, message.orderId])).toEqual(
        [1, 2, 3, 4, 5].map((seq) => [seq, orderId]),
      );
    }
  });

  test('a commit on an older version is refused with the stored version, whatever else is wrong with it', async () => {
    const before = await created(theStore());
    const now = await advanced(theStore(), before.orderId);
    const stale = aCommit(before, { entries: [anEntry(before.orderId, 9)] });

    expect(await theStore().orders.commit(stale)).toEqual({ outcome: 'lost', storedVersion: now.version });
    expect(await stored(theStore(), before.orderId)).toEqual(now);
  });

  test('a commit to an order that was never stored is lost', async () => {
    const commit = aCommit({ orderId: anOrderId(), version: 1, lastSeq: 1 });
    expect(await theStore().orders.commit(commit)).toEqual({ outcome: 'lost', storedVersion: null });
  });

  test('a commit that is repeated, its answer having been lost, is committed once', async () => {
    const before = await created(theStore());
    const commit = aCommit(before);
    const answers = await Promise.all([commit, commit, commit].map((same) => theStore().orders.commit(same)));
    answers.push(await theStore().orders.commit(commit));

    expect(answers).toEqual(Array.from({ length: 4 }, () => ({ outcome: 'committed' })));
    expect(await stored(theStore(), before.orderId)).toMatchObject({
      version: before.version + 1,
      lastSeq: 2,
    });
    expect(await theStore().journal.read(before.orderId, 0, 10)).toHaveLength(2);
  });

  test('a final commit that is repeated is committed once, too', async () => {
    const before = await created(theStore());
    const commit = aCommit(before, { status: 'failed', state: aState({}, { status: 'done' }) });
    await theStore().orders.commit(commit);
    expect(await theStore().orders.commit(commit)).toEqual({ outcome: 'committed' });
  });

  test('an entry that does not follow the last one is refused by name, and nothing is written', async () => {
    const before = await created(theStore());
    const gap = aCommit(before, { entries: [anEntry(before.orderId, 7)] });

    await expect(theStore().orders.commit(gap)).rejects.toThrow(/7.*2/);
    expect(await stored(theStore(), before.orderId)).toEqual(before);
    expect(await theStore().journal.read(before.orderId, 0, 10)).toHaveLength(1);
  });

  test('a parking commit frees the worker; the order is not due before its time', async () => {
    const workerId = aWorkerId();
    const { orderId } = await running(theStore(), workerId);
    expect((await advanced(theStore(), orderId, { parkForMs: AN_HOUR_MS })).worker).toBeNull();

    expect(await theStore().work.claim(orderId, workerId, ALL_ALIVE)).toBeNull();
    const early = { ...ALL_ALIVE, earlyMs: 2 * AN_HOUR_MS };
    expect(await theStore().work.claim(orderId, workerId, early)).not.toBeNull();
  });

  test('an order that is parked for no time is due at once', async () => {
    const { orderId } = await running(theStore(), aWorkerId());
    expect((await advanced(theStore(), orderId, { parkForMs: 0 })).worker).toBeNull();
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).not.toBeNull();
  });

  test('parking is for any number of milliseconds, whole or not', async () => {
    const { orderId } = await running(theStore(), aWorkerId());
    await advanced(theStore(), orderId, { parkForMs: 412.53 });
    await theStore().work.claim(orderId, aWorkerId(), { ...ALL_ALIVE, earlyMs: AN_HOUR_MS });
    expect(await theStore().work.release(orderId, (await stored(theStore(), orderId)).version, 0.7)).toBe(
      true,
    );
  });

  test('a final commit frees the worker, for good', async () => {
    const workerId = aWorkerId();
    const { orderId } = await running(theStore(), workerId);
    const end = await ended(theStore(), orderId, 'confirmed');

    expect(end).toMatchObject({ status: 'confirmed', worker: null, state: { status: 'done' } });
    expect(await theStore().work.claim(orderId, workerId, { ...ALL_ALIVE, earlyMs: AN_HOUR_MS })).toBeNull();
    expect(await theStore().orders.commit(aCommit(end))).toEqual({
      outcome: 'lost',
      storedVersion: end.version,
    });
  });

  test('a final commit ends an order even if it asks for parking', async () => {
    const { orderId } = await parked(theStore());
    const end = await advanced(theStore(), orderId, { status: 'cancelled', parkForMs: 0 });
    expect(end.worker).toBeNull();
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).toBeNull();
  });
}
