/** What a sweep asks the store for: no more than its process may take. */
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { sweep } from '../../src/orders/sweep.ts';
import type { DueOrder, DueQuery } from '../../src/store/ports.ts';

const RULES = { machineVersion: 7, release: 'this one', deadAfterMs: 1_500 };

test.each([
  ['with room for some', 3, 200],
  ['with room for more than a batch', 500, 500],
])(
  'a sweep %s asks for orders of its machine whose workers have been silent for long enough',
  async (_, free, limit) => {
    const queries: DueQuery[] = [];
    const due: DueOrder[] = Array.from({ length: free + 1 }, (_each, index) => ({
      orderId: `order ${index}`,
      version: 1,
      machineVersion: 7,
      dueForMs: 2_000,
    }));
    await sweep({
      ...RULES,
      work: {
        due: (query) => {
          queries.push(query);
          return Promise.resolve(due);
        },
      },
      queue: { wake: () => Promise.resolve(), depth: () => Promise.resolve({ waiting: 9, delayed: 0 }) },
      worker: { freeSlots: free, claimIfFree: () => Promise.resolve() },
      log: pino({ level: 'silent' }),
    });
    expect(queries).toEqual([
      { ...RULES, limit, overdueByMs: 1_000 },
      { ...RULES, limit, overdueByMs: 10_000 },
    ]);
  },
);
