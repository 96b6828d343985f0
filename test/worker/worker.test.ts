import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { machineRegistry } from '../../machines/registry.ts';
import { replay } from '../../machines/replay.ts';
import type { JournalEntry } from '../../src/journal/entry.ts';
import { anotherOrder, Workbench } from './workbench.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(async () => {
  await bench.close();
});

function states(entries: readonly JournalEntry[]): readonly string[] {
  return entries.map(({ state }) => state);
}

describe('an order', () => {
  test('goes from pending to confirmed in nine entries, executed once', async () => {
    const worker = await bench.worker();
    const orderId = await bench.submit();
    expect(states(await bench.journalOf(orderId, 'confirmed'))).toEqual([
      'pending',
      'routing.quoting',
      'routing.selecting',
      'building.assembling',
      'building.signing',
      'submitted.broadcasting',
      'submitted.mining',
      'submitted.confirming',
      'confirmed',
    ]);
    expect(await bench.executionsOf(orderId)).toBe(1);
    expect(worker.running).toBe(0);
  });

  test('is announced entry by entry, each after it is stored', async () => {
    await bench.worker();
    const orderId = await bench.submit();
    const entries = await bench.journalOf(orderId, 'confirmed');
    expect(bench.announced.filter((message) => message.orderId === orderId)).toEqual(
      entries.slice(1).map(({ message }) => message),
    );
  });

  test('replays from its journal to the stored state, including retries and jitter', async () => {
    await bench.worker({ venues: [bench.venue({ script: { quote: ['timeout', 'unavailable'] } })] });
    const orderId = await bench.submit();
    const entries = await bench.journalOf(orderId, 'confirmed');
    expect(states(entries).filter((state) => state === 'routing.backoff')).toHaveLength(2);
    const stored = await bench.store.orders.load(orderId);
    expect(JSON.parse(JSON.stringify(replay(machineRegistry, entries)))).toEqual(stored?.state);
  });

  test('is signed only after the state that asks for it is stored', async () => {
    const storedWhenSigned: (string | undefined)[] = [];
    const { submitter } = bench;
    const signing: typeof submitter = {
      ...submitter,
      sign: async (input, execution) => {
        storedWhenSigned.push((await bench.journal(input.terms.orderId)).at(-1)?.state);
        return submitter.sign(input, execution);
      },
    };
    await bench.worker({ submitter: signing });
    await bench.journalOf(await bench.submit(), 'confirmed');
    expect(storedWhenSigned).toEqual(['building.signing']);
  });

  test('has messages that name the chosen venue and the fill', async () => {
    await bench.worker({
      venues: [bench.venue({ name: 'alpha', feeBps: 5 }), bench.venue({ name: 'beta', feeBps: 900 })],
    });
    const entries = await bench.journalOf(await bench.submit(), 'confirmed');
    expect(entries.at(-1)?.message).toMatchObject({ type: 'confirmed', venue: 'alpha', progress: 100 });
    expect(entries.find(({ state }) => state === 'building.assembling')?.message.message).toContain('alpha');
  });

  test('that no venue can fill fails with the reason, and keeps its last progress', async () => {
    await bench.worker();
    const orderId = await bench.submit({ minBuyAmount: '1' + '0'.repeat(40) });
    const last = (await bench.journalOf(orderId, 'failed')).at(-1);
    expect(last?.message).toMatchObject({ reason: { code: 'no_route' }, progress: 0, lastProgress: 30 });
    expect(await bench.executionsOf(orderId)).toBe(0);
  });
});

describe('slots', () => {
  test('an order in a long backoff frees its slot for another one', async () => {
    const worker = await bench.worker({
      concurrency: 1,
      venues: [bench.venue({ script: { quote: ['timeout'] } })],
    });
    const slow = await bench.submit({}, { backoffBaseMs: 20_000 });
    await bench.journalOf(slow, 'routing');
    await bench.until(async () => (await bench.store.orders.load(slow))?.worker === null);
    const other = await bench.submit(anotherOrder, { backoffBaseMs: 20_000 });
    await bench.until(async () => states(await bench.journal(other)).includes('routing.backoff'));
    expect(worker.running).toBe(0);
  });

  test('more orders than slots all end', async () => {
    await bench.worker({ concurrency: 2 });
    const orders = await Promise.all(
      Array.from({ length: 20 }, (_, index) => bench.submit({ sellAmount: `1000${index}${'0'.repeat(15)}` })),
    );
    for (const orderId of orders) await bench.journalOf(orderId, 'confirmed');
  });
});

describe('retry now', () => {
  const inABackoff = async (parkAfterMs: number): Promise<string> => {
    await bench.worker({ venues: [bench.venue({ script: { quote: ['timeout'] } })], parkAfterMs });
    const orderId = await bench.submit({}, { backoffBaseMs: 60_000 });
    const hasParked = parkAfterMs < 60_000;
    await bench.until(
      async () =>
        ((await bench.store.orders.load(orderId))?.worker === null) === hasParked &&
        (await bench.journal(orderId)).length === 3,
    );
    return orderId;
  };

  test.each([
    ['that is parked', 0],
    ['that its worker keeps', 3_600_000],
  ])('an order %s ends its backoff at once, once, and begins each effect once', async (_, parkAfterMs) => {
    const orderId = await inABackoff(parkAfterMs);
    await Promise.all([bench.retry(orderId), bench.retry(orderId)]);
    const journal = await bench.journalOf(orderId, 'confirmed');
    expect(states(journal).slice(0, 5)).toEqual([
      'pending',
      'routing.quoting',
      'routing.backoff',
      'routing.quoting',
      'routing.selecting',
    ]);
    expect(journal[3]?.event.type).toBe('RETRY_NOW');
    expect(journal.map(({ event }) => event.type).filter((type) => type === 'RETRY_NOW')).toHaveLength(1);
  });
});

describe('cancelling', () => {
  test('an order that is cancelled before it is claimed starts no effect', async () => {
    const orderId = await bench.submit();
    await bench.cancel(orderId);
    await bench.worker({ venues: [bench.neverAsked()] });
    expect(states(await bench.journalOf(orderId, 'cancelled'))).toEqual(['pending', 'cancelled']);
  });

  test('a running order takes the command at the next reconciliation, without a notification', async () => {
    await bench.worker({ venues: [bench.venue({ script: { quote: ['hang'] } })] });
    const orderId = await bench.submit();
    await bench.until(async () => (await bench.journal(orderId)).length === 2);
    await bench.cancel(orderId);
    await bench.journalOf(orderId, 'cancelled');
  });

  test('a parked order wakes for it', async () => {
    await bench.worker({ venues: [bench.venue({ script: { quote: ['timeout'] } })] });
    const orderId = await bench.submit({}, { backoffBaseMs: 20_000 });
    await bench.until(
      async () =>
        (await bench.store.orders.load(orderId))?.worker === null &&
        (await bench.journal(orderId)).length > 2,
    );
    await bench.cancel(orderId);
    await bench.journalOf(orderId, 'cancelled');
  });

  test('a command that arrives while the order ends is journaled as refused', async () => {
    const held = bench.holdBefore('confirmed');
    await bench.worker();
    const orderId = await bench.submit();
    await held.reached;
    await bench.cancel(orderId);
    held.goOn();
    const last = (await bench.journalOf(orderId, 'confirmed')).at(-1);
    expect(last?.refused).toEqual(['cancel']);
    expect(last?.message.message).toContain('came later');
  });
});

describe('several workers', () => {
  test('a stopped worker releases its orders, and another worker continues them', async () => {
    const first = await bench.worker({ venues: [bench.venue({ script: { quote: ['hang'] } })] });
    const orderId = await bench.submit();
    await bench.until(async () => (await bench.journal(orderId)).length === 2);
    await first.stop();
    expect(await bench.store.orders.load(orderId)).toMatchObject({ worker: null, lastSeq: 2 });
    await bench.worker();
    expect(states(await bench.journalOf(orderId, 'confirmed'))).toHaveLength(9);
  });

  test('the orders of a worker without heartbeats are taken over, and its own writes are refused', async () => {
    const held = bench.holdBefore('building.assembling');
    const slow = await bench.worker({ heartbeatMs: 60_000, reconcileMs: 60_000 });
    const orderId = await bench.submit();
    await held.reached; // its commit waits for goOn
    await bench.worker({ store: bench.plainStore });
    const entries = await bench.journalOf(orderId, 'confirmed');
    held.goOn();
    await bench.until(() => Promise.resolve(slow.running === 0));
    expect(states(entries)).toHaveLength(9);
    expect(await bench.journal(orderId)).toEqual(entries);
    expect(await bench.executionsOf(orderId)).toBe(1);
  });

  test('a deadline is an absolute time: a restart does not move it', async () => {
    const hanging = bench.venue({ script: { quote: ['hang', 'hang'] } });
    const first = await bench.worker({ venues: [hanging] });
    const orderId = await bench.submit({}, { timeoutMs: { quote: 2_000 } });
    await bench.until(async () => (await bench.journal(orderId)).length === 2);
    await bench.until(async () => Date.now() - ((await bench.journal(orderId))[1]?.at ?? 0) > 300);
    await first.stop();
    await bench.worker({ venues: [hanging] });
    const entries = await bench.until(
      () => bench.journal(orderId),
      (found) => found.some(({ state }) => state === 'routing.backoff'),
    );
    const asked = entries[1]?.at ?? 0;
    const timedOut = entries[2]?.at ?? 0;
    expect(timedOut - asked).toBeGreaterThanOrEqual(2_000);
    expect(timedOut - asked).toBeLessThan(2_900); // a deadline set again by the restart would be later
  });
});

describe('orders of other releases', () => {
  test('an order that no machine can read is held, and its state stays unchanged', async () => {
    const orderId = await bench.submit();
    await bench.rewrite(orderId, (state) => ({ ...state, machineVersion: 0, value: 'finding' }));
    await bench.worker();
    const held = await bench.until(
      () => bench.store.orders.load(orderId),
      (order) => order?.held !== null,
    );
    expect(held).toMatchObject({ status: 'pending', lastSeq: 1, held: { code: 'unreadable_order' } });
    expect(held?.state.value).toBe('finding');
  });

  test('an order that one release could not read is run by the next one that can, and its cancellation counts', async () => {
    const [orderId, cancelled] = [await bench.submit(), await bench.submit(anotherOrder)];
    for (const each of [orderId, cancelled]) {
      await bench.rewrite(each, (state) => ({ ...state, machineVersion: 0, value: 'waiting' }));
    }
    const without = await bench.worker({ release: 'without the migration' });
    await bench.until(
      () => bench.store.work.held(10),
      ({ total }) => total === 2,
    );
    await without.stop();
    await bench.store.inbox.push(cancelled, { type: 'CANCEL', commandId: 'cancel' });
    await bench.worker({
      release: 'with it',
      registry: {
        ...machineRegistry,
        migrations: new Map([[0, (state) => ({ ...state, machineVersion: 1, value: 'pending' })]]),
      },
    });
    expect(await bench.journalOf(orderId, 'confirmed')).toHaveLength(9);
    await bench.journalOf(cancelled, 'cancelled');
    expect(await bench.store.work.held(10)).toEqual({ total: 0, orders: [] });
  });

  test('an order that is held runs once its hold was lifted, on the release that held it', async () => {
    const orderId = await bench.submit();
    await bench.rewrite(orderId, (state) => ({ ...state, value: 'nowhere' }));
    await bench.worker();
    await bench.until(
      () => bench.store.work.held(10),
      ({ total }) => total === 1,
    );
    await bench.rewrite(orderId, (state) => ({ ...state, value: 'pending' }));
    await bench.store.work.liftHold(orderId);
    expect(await bench.journalOf(orderId, 'confirmed')).toHaveLength(9);
  });

  test('an older order with a migration continues on the new machine', async () => {
    const orderId = await bench.submit();
    await bench.rewrite(orderId, (state) => ({ ...state, machineVersion: 0, value: 'waiting' }));
    await bench.worker({
      registry: {
        ...machineRegistry,
        migrations: new Map([[0, (state) => ({ ...state, machineVersion: 1, value: 'pending' })]]),
      },
    });
    expect(await bench.journalOf(orderId, 'confirmed')).toHaveLength(9);
  });

  test('an order of a newer version is not touched', async () => {
    const orderId = await bench.submit();
    await bench.rewrite(orderId, (state) => ({ ...state, machineVersion: 2 }));
    const before = await bench.store.orders.load(orderId);
    await bench.worker();
    const other = await bench.submit(anotherOrder);
    await bench.journalOf(other, 'confirmed');
    expect(await bench.store.orders.load(orderId)).toEqual(before);
  });
});

describe('an outage of the store', () => {
  test('delays orders and loses nothing', async () => {
    const outage = bench.outage();
    await bench.worker();
    outage.begin();
    const orderId = await bench.submit();
    await bench.until(() => Promise.resolve(outage.refused > 5));
    outage.end();
    expect(await bench.journalOf(orderId, 'confirmed')).toHaveLength(9);
    expect(await bench.executionsOf(orderId)).toBe(1);
  });
});
