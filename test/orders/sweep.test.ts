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

async function sweepWith(freeCapacity: number | null): Promise<void> {
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
        if (waiting === null) return Promise.reject(new Error('Redis is away'));
        woken.push(...ids(wakeUps));
        return Promise.resolve();
      },
      depth: () => Promise.resolve(waiting === null ? null : { waiting, delayed: 0 }),
    },
    worker:
      freeCapacity === null
        ? null
        : { freeCapacity, wakeIfFree: (orderId) => Promise.resolve(void takenHere.push(orderId)) },
    machineVersion: 1,
    deadAfterMs: 1_500,
    log: pino({ level: 'silent' }),
  });
}

describe('a sweep', () => {
  test('takes what its own worker has room for, and puts the rest back into an empty queue', async () => {
    await sweepWith(2);
    expect(takenHere).toEqual(['o0', 'o1']);
    expect(woken).toEqual(['o2']);
  });

  test('leaves what a busy queue still holds alone, but for what is long overdue', async () => {
    waiting = 500;
    longDue = due.slice(2);
    await sweepWith(1);
    expect(takenHere).toEqual(['o0']);
    expect(woken).toEqual(['o2']);
  });

  test('asks nothing while its worker is full', async () => {
    await sweepWith(0);
    expect([asked, takenHere, woken]).toEqual([0, [], []]);
  });

  test('wakes all where there is no worker', async () => {
    await sweepWith(null);
    expect(woken).toEqual(['o0', 'o1', 'o2']);
  });

  test('survives a queue that is away: orders go on through free reservations alone', async () => {
    waiting = null;
    longDue = due;
    await sweepWith(1);
    expect(takenHere).toEqual(['o0']);
    expect(woken).toEqual([]);
  });
});
