import { describe, expect, test } from '@jest/globals';
import { MachineTally } from '../../../src/orders/reading/machine-stats.ts';
import { readMachineStats } from '../../../src/orders/reading/read-machine-stats.ts';
import type { JournalEntry } from '../../../src/journal/entry.ts';
import { aNewOrder, anEntry, anOrderId, created } from '../../contracts/order-store/order-store-samples.ts';
import { storeForTests } from '../../support/store-for-tests.ts';

type Step = readonly [state: string, at: number, edge?: string];

function journal(steps: readonly Step[], code?: string): readonly JournalEntry[] {
  const orderId = anOrderId();
  return steps.map(([state, at, edge], index) => {
    const entry = anEntry(orderId, index + 1, { state, at, edges: edge === undefined ? [] : [edge] });
    if (index < steps.length - 1 || code === undefined) return entry;
    const { message } = entry;
    const reason = { code, message: 'as the test wants it' };
    return { ...entry, message: { ...message, type: 'failed', lastProgress: 0, reason } };
  });
}

const RETRIED: readonly Step[] = [
  ['pending', 0],
  ['routing.quoting', 10, 'start'],
  ['routing.backoff', 30, 'failed'],
  ['routing.quoting', 80, 'retry'],
  ['routing.backoff', 90, 'failed'],
  ['failed', 100, 'fail'],
];

describe('the tally of journals', () => {
  test('counts each transition, and the orders that took it', () => {
    const tally = new MachineTally(1);
    tally.add(journal(RETRIED));
    tally.add(journal(RETRIED.slice(0, 3)));
    expect(new Map(tally.result().edges.map(({ id, ...counts }) => [id, counts]))).toEqual(
      new Map([
        ['start', { orders: 2, taken: 2 }],
        ['failed', { orders: 2, taken: 3 }],
        ['retry', { orders: 1, taken: 1 }],
        ['fail', { orders: 1, taken: 1 }],
      ]),
    );
  });

  test('measures how long states last, also those that have others in them, and who is there now', () => {
    const tally = new MachineTally(1);
    tally.add(journal(RETRIED));
    tally.add(journal(RETRIED.slice(0, 3)));
    const states = new Map(tally.result().states.map((state) => [state.path, state]));
    expect(states.get('pending')).toMatchObject({ orders: 2, visits: 2, now: 0, p50Ms: 10, p99Ms: 10 });
    expect(states.get('routing')).toMatchObject({ orders: 2, visits: 2, now: 1, p50Ms: 90, p99Ms: 90 });
    expect(states.get('routing.quoting')).toMatchObject({
      orders: 2,
      visits: 3,
      now: 0,
      p50Ms: 20,
      p99Ms: 20,
    });
    expect(states.get('routing.backoff')).toMatchObject({
      orders: 2,
      visits: 3,
      now: 1,
      p50Ms: 10,
      p99Ms: 50,
    });
    expect(states.get('failed')).toMatchObject({ orders: 1, now: 1, p50Ms: null });
  });

  test('an entry that stays in its state begins no visit', () => {
    const tally = new MachineTally(1);
    tally.add(
      journal([
        ['submitted.mining', 0],
        ['submitted.mining', 40],
        ['confirmed', 100],
      ]),
    );
    expect(tally.result().states[1]).toMatchObject({ path: 'submitted.mining', visits: 1, p50Ms: 100 });
  });

  test('groups failures by code and by the state before', () => {
    const tally = new MachineTally(1);
    for (let n = 0; n < 3; n++) tally.add(journal(RETRIED, 'venue_timeout'));
    tally.add(journal([...RETRIED.slice(0, 2), ['failed', 40]], 'expired'));
    expect(tally.result().failures).toEqual([
      { status: 'failed', code: 'venue_timeout', state: 'routing.backoff', orders: 3 },
      { status: 'failed', code: 'expired', state: 'routing.quoting', orders: 1 },
    ]);
    const routing = tally.result().states.find(({ path }) => path === 'routing');
    expect(routing?.failures).toBe(4);
  });

  test('leaves other versions of the machine out', () => {
    const tally = new MachineTally(2);
    tally.add(journal(RETRIED));
    expect(tally.result()).toMatchObject({ orders: 0, edges: [], states: [] });
  });
});

test('the newest orders of the time that is asked for are read, and no more than that', async () => {
  const store = storeForTests(() => 0);
  const read = readMachineStats(store.orders, store.journal);
  for (let createdAt = 1; createdAt <= 5; createdAt++) {
    await created({ orders: store.orders }, { owner: 'alice', createdAt });
  }
  await store.orders.create(aNewOrder({ owner: 'bob' }));
  const request = { owner: 'alice', version: 1, orders: 100 };
  expect(await read(request)).toMatchObject({ orders: 5, complete: true });
  expect(await read({ ...request, orders: 3 })).toMatchObject({
    orders: 3,
    complete: false,
    from: '1970-01-01T00:00:00.003Z',
    to: '1970-01-01T00:00:00.005Z',
  });
  expect(await read({ ...request, since: 2, until: 4 })).toMatchObject({ orders: 2, complete: true });
  expect(await read({ ...request, since: 9 })).toMatchObject({ orders: 0, from: null, to: null });
});
