import { expect, test } from '@jest/globals';
import type { TheStore } from './order-store.contract.ts';
import {
  AN_HOUR_MS,
  ALL_ALIVE,
  aCancel,
  aCommit,
  aWorkerId,
  advanced,
  parked,
  running,
  stored,
} from './order-store-samples.ts';

export function commandsInCommits(theStore: TheStore): void {
  test('a final commit that has not seen the newest command is refused with that command, and writes nothing', async () => {
    const before = await running(theStore(), aWorkerId());
    const cancel = aCancel();
    await theStore().inbox.push(before.orderId, cancel);
    const end = aCommit(before, { status: 'confirmed', inboxSeen: 0 });

    expect(await theStore().orders.commit(end)).toEqual({
      outcome: 'commands_waiting',
      commands: [cancel],
      inboxLength: 1,
    });
    expect(await stored(theStore(), before.orderId)).toEqual(before);
    expect(await theStore().journal.read(before.orderId, 1, 10)).toEqual([]);

    const informed = { ...end, inboxSeen: 1, inboxDone: 1 };
    expect(await theStore().orders.commit(informed)).toEqual({ outcome: 'committed' });
  });

  test('waiting commands are those above the stored mark, not above the one that was refused', async () => {
    const { orderId } = await running(theStore(), aWorkerId());
    const [first, second, third] = [aCancel(), aCancel(), aCancel()];
    await theStore().inbox.push(orderId, first);
    await advanced(theStore(), orderId, { inboxDone: 1 });
    await theStore().inbox.push(orderId, second);
    await theStore().inbox.push(orderId, third);
    const seen = await stored(theStore(), orderId);

    const refused = aCommit(seen, { status: 'failed', inboxDone: 2, inboxSeen: 2 });
    expect(await theStore().orders.commit(refused)).toEqual({
      outcome: 'commands_waiting',
      commands: [second, third],
      inboxLength: 3,
    });
  });

  test('a commit that lost learns that, not of commands', async () => {
    const before = await running(theStore(), aWorkerId());
    const now = await advanced(theStore(), before.orderId);
    await theStore().inbox.push(before.orderId, aCancel());
    expect(await theStore().orders.commit(aCommit(before, { inboxSeen: 0 }))).toEqual({
      outcome: 'lost',
      storedVersion: now.version,
    });
  });

  test('a commit that names no inbox length is taken while commands wait', async () => {
    const { orderId } = await running(theStore(), aWorkerId());
    await theStore().inbox.push(orderId, aCancel());
    expect((await advanced(theStore(), orderId)).lastSeq).toBe(2);
  });

  test('the mark moves with the commit that took the command in, and not with one that was refused', async () => {
    const workerId = aWorkerId();
    const before = await running(theStore(), workerId);
    await theStore().inbox.push(before.orderId, aCancel());
    await theStore().orders.commit(aCommit({ ...before, version: before.version - 1 }, { inboxDone: 1 }));
    expect(await theStore().inbox.waiting(workerId)).toHaveLength(1);

    await advanced(theStore(), before.orderId, { inboxDone: 1 });
    expect(await theStore().inbox.waiting(workerId)).toEqual([]);
    const claimed = await theStore().work.claim(before.orderId, workerId, ALL_ALIVE);
    expect(claimed).toMatchObject({ commands: [], inboxLength: 1 });
  });

  test('a command makes a parked order due at once', async () => {
    const { orderId } = await parked(theStore());
    const cancel = aCancel();
    expect(await theStore().inbox.push(orderId, cancel)).toMatchObject({ outcome: 'accepted', worker: null });
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).toMatchObject({
      commands: [cancel],
      inboxLength: 1,
    });
  });

  test('an order does not sleep on a command that came before it was parked', async () => {
    const { orderId } = await running(theStore(), aWorkerId());
    await theStore().inbox.push(orderId, aCancel());
    await advanced(theStore(), orderId, { parkForMs: AN_HOUR_MS, inboxDone: 0 });
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).not.toBeNull();
  });

  test('an order sleeps on commands that it has taken in', async () => {
    const { orderId } = await running(theStore(), aWorkerId());
    await theStore().inbox.push(orderId, aCancel());
    await advanced(theStore(), orderId, { parkForMs: AN_HOUR_MS, inboxDone: 1 });
    expect(await theStore().work.claim(orderId, aWorkerId(), ALL_ALIVE)).toBeNull();
  });

  test('while commands pour in, no commit is lost to them and none of them is lost', async () => {
    const workerId = aWorkerId();
    const { orderId } = await running(theStore(), workerId);
    const cancels = Array.from({ length: 30 }, aCancel);
    const pushing = Promise.all(cancels.map((cancel) => theStore().inbox.push(orderId, cancel)));
    for (let step = 0; step < 10; step++) await advanced(theStore(), orderId);
    await pushing;

    const claimed = await theStore().work.claim(orderId, workerId, ALL_ALIVE);
    expect(claimed?.inboxLength).toBe(30);
    expect(new Set(claimed?.commands)).toEqual(new Set(cancels));
  });
}
