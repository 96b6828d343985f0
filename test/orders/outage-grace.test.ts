import { beforeEach, expect, test } from '@jest/globals';
import { withOutageGrace } from '../../src/orders/outage-grace.ts';
import type { DueOrder, DueQuery } from '../../src/store/ports.ts';

const QUERY: DueQuery = {
  machineVersion: 1,
  release: 'this one',
  deadAfterMs: 1_500,
  overdueByMs: 0,
  limit: 10,
};
const FOUND: readonly DueOrder[] = [{ orderId: 'o1', version: 1, machineVersion: 1, dueForMs: 5 }];

let now: number;
let takesMs: number;
let isAway: boolean;
let askedWith: number[];
let work: ReturnType<typeof withOutageGrace>;

beforeEach(() => {
  now = 1_000_000;
  takesMs = 5;
  isAway = false;
  askedWith = [];
  const store = {
    due: ({ deadAfterMs }: DueQuery) => {
      askedWith.push(deadAfterMs);
      now += takesMs;
      return isAway ? Promise.reject(new Error('away')) : Promise.resolve(FOUND);
    },
  };
  work = withOutageGrace(store, { now: () => now });
});

test('queries pass unchanged while the store answers', async () => {
  expect(await work.due(QUERY)).toEqual(FOUND);
  expect(askedWith).toEqual([1_500]);
});

test('after a failure no worker counts as dead until each has had time for a heartbeat', async () => {
  isAway = true;
  await expect(work.due(QUERY)).rejects.toThrow('away');
  isAway = false;
  now += 1_000;
  expect(await work.due(QUERY)).toEqual(FOUND);
  now += 600;
  await work.due(QUERY);
  expect(askedWith[1]).toBeGreaterThan(86_400_000);
  expect(askedWith[2]).toBe(1_500);
});

test('a slow answer is discarded and counts as an outage', async () => {
  takesMs = 4_000;
  expect(await work.due(QUERY)).toEqual([]);
  takesMs = 5;
  await work.due(QUERY);
  now += 1_600;
  await work.due(QUERY);
  expect(askedWith[1]).toBeGreaterThan(86_400_000);
  expect(askedWith[2]).toBe(1_500);
});
