import { expect, test } from '@jest/globals';
import type { Store } from '../../../src/store/ports.ts';
import {
  ALL_ALIVE,
  aCancel,
  anOrderId,
  aWorkerId,
  advanced,
  created,
  ended,
  running,
  stored,
  type Orders,
} from './order-store-samples.ts';

export function inbox(theStore: () => Orders & Pick<Store, 'inbox' | 'work'>): void {
  test('a command is answered with the worker that runs the order, and leaves the version unchanged', async () => {
    const workerId = aWorkerId();
    const order = await running(theStore(), workerId);
    expect(await theStore().inbox.push(order.orderId, aCancel())).toEqual({
      outcome: 'accepted',
      worker: workerId,
      version: order.version,
    });
    expect(await stored(theStore(), order.orderId)).toEqual(order);
  });

  test('a command for an order that ended is answered with its last status', async () => {
    const { orderId } = await created(theStore());
    await ended(theStore(), orderId, 'failed');
    expect(await theStore().inbox.push(orderId, aCancel())).toEqual({ outcome: 'ended', status: 'failed' });
  });

  test('a command for an order that was never stored is unknown', async () => {
    expect(await theStore().inbox.push(anOrderId(), aCancel())).toEqual({ outcome: 'unknown' });
  });

  test('a command that is repeated is accepted and lies there once', async () => {
    const { orderId, version } = await created(theStore());
    const cancel = aCancel();
    const answers = await Promise.all(
      [cancel, cancel, cancel].map((same) => theStore().inbox.push(orderId, same)),
    );
    expect(answers).toEqual(answers.map(() => ({ outcome: 'accepted', worker: null, version })));
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).toMatchObject({
      commands: [cancel],
      inboxLength: 1,
    });
  });

  test('the same command for two orders is stored with both', async () => {
    const [one, other] = [await created(theStore()), await created(theStore())];
    const cancel = aCancel();
    for (const { orderId } of [one, other]) await theStore().inbox.push(orderId, cancel);
    for (const { orderId } of [one, other]) {
      expect((await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE))?.commands).toEqual([cancel]);
    }
  });

  test('of 50 commands that come at once none is lost', async () => {
    const workerId = aWorkerId();
    const { orderId } = await running(theStore(), workerId);
    const cancels = Array.from({ length: 50 }, aCancel);
    await Promise.all(cancels.map((cancel) => theStore().inbox.push(orderId, cancel)));

    const [waiting, ...others] = await theStore().inbox.waiting(workerId);
    expect(others).toEqual([]);
    expect(waiting).toMatchObject({ orderId, inboxLength: 50 });
    expect(new Set(waiting?.commands)).toEqual(new Set(cancels));
  });

  test('commands lie in the order in which they were accepted', async () => {
    const workerId = aWorkerId();
    const { orderId } = await running(theStore(), workerId);
    const cancels = Array.from({ length: 12 }, aCancel);
    for (const cancel of cancels) await theStore().inbox.push(orderId, cancel);
    expect(await theStore().inbox.waiting(workerId)).toEqual([
      { orderId, commands: cancels, inboxLength: 12 },
    ]);
  });

  test("a worker sees what waits for its own orders, and not what waits for another worker's orders or for orders without a worker", async () => {
    const [workerId, otherId] = [aWorkerId(), aWorkerId()];
    const mine = await running(theStore(), workerId);
    const quiet = await running(theStore(), workerId);
    const theirs = await running(theStore(), otherId);
    const unclaimed = await created(theStore());
    const [done, fresh] = [aCancel(), aCancel()];
    for (const { orderId } of [mine, theirs, unclaimed]) await theStore().inbox.push(orderId, done);
    await advanced(theStore(), mine.orderId, { inboxDone: 1 });
    expect(await theStore().inbox.waiting(workerId)).toEqual([]);

    await theStore().inbox.push(mine.orderId, fresh);
    expect(await theStore().inbox.waiting(workerId)).toEqual([
      { orderId: mine.orderId, commands: [fresh], inboxLength: 2 },
    ]);
    expect((await stored(theStore(), quiet.orderId)).worker).toBe(workerId);
  });
}
