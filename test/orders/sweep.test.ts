import { beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { sweep, type SweepDeps } from '../../src/orders/sweep.ts';
import type { DueOrder, DueQuery } from '../../src/store/ports.ts';

const orders = (count: number): DueOrder[] =>
  Array.from({ length: count }, (_, index) => ({
    orderId: `o${index}`,
    version: 1,
    machineVersion: 1,
    dueForMs: 2_000,
  }));
const ids = (due: readonly { readonly orderId: string }[]): string[] => due.map(({ orderId }) => orderId);

let due: DueOrder[];
let longDue: DueOrder[];
let waiting: number | null;
let takenHere: string[];
let woken: string[];
let asked: number;

beforeEach(() => {
  due = orders(3);
  longDue = [];
  waiting = 0;
  takenHere = [];
  woken = [];
  asked = 0;
});

async function sweepWith(freeSlots: number | null): Promise<void> {
  const work: Pick<SweepDeps['work'], 'due'> = {
    due: ({ overdueByMs }: DueQuery) => {
      asked += 1;
      return Promise.resolve(overdueByMs > 1_000 ? longDue : due);
    },
  };
  await sweep({
    work,
    queue: {
      wake: (wakeUps) => {
        if (waiting === null) return Promise.reject(new Error('Redis is unavailable'));
        woken.push(...ids(wakeUps));
        return Promise.resolve();
      },
      depth: () => Promise.resolve(waiting === null ? null : { waiting, delayed: 0 }),
    },
    worker:
      freeSlots === null
        ? null
        : { freeSlots, claimIfFree: (orderId) => Promise.resolve(void takenHere.push(orderId)) },
    machineVersion: 1,
    release: 'this one',
    deadAfterMs: 1_500,
    log: pino({ level: 'silent' }),
  });
}

describe('a sweep', () => {
  test('claims as many orders as its worker has free slots, and wakes the rest if the queue is empty', async () => {
    await sweepWith(2);
    expect(takenHere).toEqual(['o0', 'o1']);
    expect(woken).toEqual(['o2']);
  });

  test('wakes only long overdue orders while the queue is busy', async () => {
    waiting = 500;
    longDue = due.slice(2);
    await sweepWith(1);
    expect(takenHere).toEqual(['o0']);
    expect(woken).toEqual(['o2']);
  });

  test('does not query the store while its worker is full', async () => {
    await sweepWith(0);
    expect([asked, takenHere, woken]).toEqual([0, [], []]);
  });

  test('wakes all orders in a process without a worker', async () => {
    await sweepWith(null);
    expect(woken).toEqual(['o0', 'o1', 'o2']);
  });

  test('claims orders for free slots while the queue does not answer', async () => {
    waiting = null;
    longDue = due;
    await sweepWith(1);
    expect(takenHere).toEqual(['o0']);
    expect(woken).toEqual([]);
  });
});
