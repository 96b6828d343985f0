import { expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import type { TheStore } from './order-store.contract.ts';
import {
  AN_HOUR_MS,
  ALL_ALIVE,
  aCancel,
  aCommit,
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

export function claims(theStore: TheStore): void {
  /** Every worker without a heartbeat within the last millisecond counts as dead. */
  const ALL_DEAD = { ...ALL_ALIVE, deadAfterMs: 1 };

  test('a claim gives the order as it is then stored, named for the worker, at a higher version', async () => {
    const order = await created(theStore());
    const workerId = aWorkerId();
    const claimed = await theStore().work.claim(order.orderId, workerId, ALL_ALIVE);

    const expected = { ...order, version: order.version + 1, worker: workerId };
    expect(await stored(theStore(), order.orderId)).toEqual(expected);
    expect(claimed).toEqual({ ...expected, commands: [], inboxLength: 0, wasHeld: false });
  });

  test('a claim brings the commands that no commit has taken in', async () => {
    const { orderId } = await running(theStore(), aWorkerId());
    const [first, second, third] = [aCancel(), aCancel(), aCancel()];
    for (const command of [first, second, third]) await theStore().inbox.push(orderId, command);
    await advanced(theStore(), orderId, { inboxDone: 1, parkForMs: 0 });
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).toMatchObject({
      commands: [second, third],
      inboxLength: 3,
    });
  });

  test('of 30 live workers that claim one order, one gets it', async () => {
    const { orderId } = await created(theStore());
    const workers = Array.from({ length: 30 }, aWorkerId);
    await Promise.all(workers.map((workerId) => theStore().work.beat(workerId)));
    const answers = await Promise.all(
      workers.map((workerId) => theStore().work.claim(orderId, workerId, ALL_ALIVE)),
    );
    const winners = answers.flatMap((answer) => (answer === null ? [] : [answer.worker]));
    expect(winners).toEqual([(await stored(theStore(), orderId)).worker]);
  });

  test('an order whose worker is alive is left to it', async () => {
    const order = await running(theStore(), aWorkerId());
    expect(await theStore().work.claim(order.orderId, aWorkerId(), ALL_ALIVE)).toBeNull();
    expect(await stored(theStore(), order.orderId)).toEqual(order);
  });

  test('an order whose worker has gone silent is taken over, and the silent one loses its next commit', async () => {
    const before = await running(theStore(), aWorkerId());
    const heir = aWorkerId();
    const claimed = await eventually(
      () => theStore().work.claim(before.orderId, heir, ALL_DEAD),
      (answer) => answer !== null,
    );
    expect(claimed).toMatchObject({ worker: heir, version: before.version + 1 });
    expect(await theStore().orders.commit(aCommit(before))).toEqual({
      outcome: 'lost',
      storedVersion: before.version + 1,
    });
  });

  test('an order whose worker never wrote a heartbeat, or was retired, is taken over', async () => {
    const never = await created(theStore());
    await theStore().work.claim(never.orderId, aWorkerId(), ALL_ALIVE);
    expect(await theStore().work.claim(never.orderId, aWorkerId(), ALL_ALIVE)).not.toBeNull();

    const workerId = aWorkerId();
    const retired = await running(theStore(), workerId);
    await theStore().work.retire(workerId);
    expect(await theStore().work.claim(retired.orderId, aWorkerId(), ALL_ALIVE)).not.toBeNull();
  });

  test('a worker that comes back with a heartbeat is alive again', async () => {
    const workerId = aWorkerId();
    const order = await running(theStore(), workerId);
    await theStore().work.retire(workerId);
    await theStore().work.beat(workerId);
    expect(await theStore().work.claim(order.orderId, aWorkerId(), ALL_ALIVE)).toBeNull();
  });

  test('a worker may claim again what names it: the answer to its claim may have been lost', async () => {
    const workerId = aWorkerId();
    const order = await running(theStore(), workerId);
    expect(await theStore().work.claim(order.orderId, workerId, ALL_ALIVE)).toMatchObject({
      worker: workerId,
      version: order.version + 1,
    });
  });

  test('an order that waits is claimed when it is due, give or take what the claim allows', async () => {
    const { orderId } = await parked(theStore());
    const workerId = aWorkerId();
    expect(await theStore().work.claim(orderId, workerId, { ...ALL_ALIVE, earlyMs: 1_000 })).toBeNull();
    const early = { ...ALL_ALIVE, earlyMs: AN_HOUR_MS + 1 };
    expect(await theStore().work.claim(orderId, workerId, early)).not.toBeNull();
  });

  test('an order of a newer machine is not claimed, one of an older machine is', async () => {
    const newer = await created(theStore(), { state: aState({}, { machineVersion: 3 }) });
    const rules = { ...ALL_ALIVE, machineVersion: 2 };
    expect(await theStore().work.claim(newer.orderId, aWorkerId(), rules)).toBeNull();
    const older = await created(theStore());
    expect(await theStore().work.claim(older.orderId, aWorkerId(), rules)).not.toBeNull();
  });

  test('a commit of a newer machine makes the order a newer one', async () => {
    const { orderId } = await created(theStore());
    await advanced(theStore(), orderId, { state: aState({}, { machineVersion: 2 }), parkForMs: 0 });
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).toBeNull();
  });

  test('neither an order that ended nor one that was never stored is claimed', async () => {
    const { orderId } = await created(theStore());
    await ended(theStore(), orderId);
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_DEAD)).toBeNull();
    expect(await theStore().work.claim(anOrderId(), aWorkerId(), ALL_DEAD)).toBeNull();
  });
}
