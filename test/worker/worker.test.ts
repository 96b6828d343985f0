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

  test('is announced entry by entry, each after it was stored', async () => {
    await bench.worker();
    const orderId = await bench.submit();
    const entries = await bench.journalOf(orderId, 'confirmed');
    expect(bench.announced.filter((message) => message.orderId === orderId)).toEqual(
      entries.slice(1).map(({ message }) => message),
    );
  });

  test('replays from its journal to the state that is stored, retries and jitter included', async () => {
    await bench.worker({ venues: [bench.venue({ script: { quote: ['timeout', 'unavailable'] } })] });
    const orderId = await bench.submit();
    const entries = await bench.journalOf(orderId, 'confirmed');
    expect(states(entries).filter((state) => state === 'routing.backoff')).toHaveLength(2);
    const stored = await bench.store.orders.load(orderId);
    expect(JSON.parse(JSON.stringify(replay(machineRegistry, entries)))).toEqual(stored?.state);
  });

  test('starts no effect before the state that invoked it is stored', async () => {
    const storedWhenAsked: (string | undefined)[] = [];
    const venue = bench.venue();
    const asking: typeof venue = {
      ...venue,
      quote: async (terms, asked) => {
        storedWhenAsked.push((await bench.journal(terms.orderId)).at(-1)?.state);
        return venue.quote(terms, asked);
      },
    };
    await bench.worker({ venues: [asking] });
    await bench.journalOf(await bench.submit(), 'confirmed');
    expect(storedWhenAsked).toEqual(['routing.quoting']);
  });

  test('says which venue it chose and why, and what was executed', async () => {
    await bench.worker({
      venues: [bench.venue({ name: 'alpha', feeBps: 5 }), bench.venue({ name: 'beta', feeBps: 900 })],
    });
    const entries = await bench.journalOf(await bench.submit(), 'confirmed');
    expect(entries.at(-1)?.message).toMatchObject({ type: 'confirmed', venue: 'alpha', progress: 100 });
    expect(entries.find(({ state }) => state === 'building.assembling')?.message.message).toContain('alpha');
  });

  test('that no venue can fill fails with the reason and keeps its progress', async () => {
    await bench.worker();
    const orderId = await bench.submit({ minBuyAmount: '1' + '0'.repeat(40) });
    const last = (await bench.journalOf(orderId, 'failed')).at(-1);
    expect(last?.message).toMatchObject({ reason: { code: 'no_route' }, progress: 0, lastProgress: 30 });
    expect(await bench.executionsOf(orderId)).toBe(0);
  });
});

describe('slots', () => {
  test('an order that backs off for longer than a moment lets another one run', async () => {
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

  test('more orders than reservations all end', async () => {
    await bench.worker({ concurrency: 2 });
    const orders = await Promise.all(
      Array.from({ length: 20 }, (_, index) => bench.submit({ sellAmount: `1000${index}000000` })),
    );
    for (const orderId of orders) await bench.journalOf(orderId, 'confirmed');
  });
});

describe('cancelling', () => {
  test('an order that waits in its inbox before it is claimed starts no effect', async () => {
    const orderId = await bench.submit();
    await bench.cancel(orderId);
    await bench.worker({ venues: [bench.neverAsked()] });
    expect(states(await bench.journalOf(orderId, 'cancelled'))).toEqual(['pending', 'cancelled']);
  });

  test('a running one is found by the look into the inbox, without a notification', async () => {
    await bench.worker({ venues: [bench.venue({ script: { quote: ['hang'] } })] });
    const orderId = await bench.submit();
    await bench.until(async () => (await bench.journal(orderId)).length === 2);
    await bench.cancel(orderId);
    await bench.journalOf(orderId, 'cancelled');
  });

  test('one that is parked wakes for it', async () => {
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

  test('a command that comes while the order ends is journaled as refused, not lost', async () => {
    const bus = bench.holdBefore('confirmed');
    await bench.worker();
    const orderId = await bench.submit();
    await bus.reached;
    await bench.cancel(orderId);
    bus.goOn();
    const last = (await bench.journalOf(orderId, 'confirmed')).at(-1);
    expect(last?.refused).toEqual(['cancel']);
    expect(last?.message.message).toContain('came later');
  });
});

describe('several workers', () => {
  test('a stopped worker hands its orders over, and another goes on where it was', async () => {
    const first = await bench.worker({ venues: [bench.venue({ script: { quote: ['hang'] } })] });
    const orderId = await bench.submit();
    await bench.until(async () => (await bench.journal(orderId)).length === 2);
    await first.stop();
    expect(await bench.store.orders.load(orderId)).toMatchObject({ worker: null, lastSeq: 2 });
    await bench.worker();
    expect(states(await bench.journalOf(orderId, 'confirmed'))).toHaveLength(9);
  });

  test('what a worker runs that lost its heartbeat is taken over; its own writes are refused', async () => {
    const bus = bench.holdBefore('building.assembling');
    const slow = await bench.worker({ heartbeatMs: 60_000, compareMs: 60_000 });
    const orderId = await bench.submit();
    await bus.reached; // its commit is on its way for as long as we like
    await bench.worker({ store: bench.plainStore });
    const entries = await bench.journalOf(orderId, 'confirmed');
    bus.goOn();
    await bench.until(() => Promise.resolve(slow.running === 0));
    expect(states(entries)).toHaveLength(9);
    expect(await bench.journal(orderId)).toEqual(entries);
    expect(await bench.executionsOf(orderId)).toBe(1);
  });

  test('a deadline is a time, not a duration: it survives a restart', async () => {
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
    expect(timedOut - asked).toBeLessThan(2_900); // more than 3,000 if the restart, a second later, had armed it anew
  });
});

describe('orders of other releases', () => {
  test('an old one that no machine can read is held, visibly, and its state is left as it was', async () => {
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

  test('an old one with a migration goes on under the new machine', async () => {
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

  test('a newer one is left untouched', async () => {
    const orderId = await bench.submit();
    await bench.rewrite(orderId, (state) => ({ ...state, machineVersion: 2 }));
    const before = await bench.store.orders.load(orderId);
    await bench.worker();
    const other = await bench.submit(anotherOrder);
    await bench.journalOf(other, 'confirmed');
    expect(await bench.store.orders.load(orderId)).toEqual(before);
  });
});

describe('a store that goes away', () => {
  test('holds orders up and loses nothing', async () => {
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
