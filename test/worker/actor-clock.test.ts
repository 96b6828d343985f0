import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { actorClock } from '../../src/worker/actor-clock.ts';

const DAY_MS = 86_400_000;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('a deadline in two months comes then, and not when Node has no larger number', () => {
  let fired = 0;
  actorClock.setTimeout(() => (fired += 1), 60 * DAY_MS);
  jest.advanceTimersByTime(60 * DAY_MS);
  expect(fired).toBe(0);
  jest.advanceTimersByTime(10);
  expect(fired).toBe(1);
});

test('a deadline never comes before its time, by the clock of the entries', () => {
  let fired = 0;
  actorClock.setTimeout(() => (fired += 1), 1_000);
  jest.advanceTimersByTime(1_000);
  expect(fired).toBe(0);
  jest.advanceTimersByTime(1);
  expect(fired).toBe(1);
});

test('a long timer that is cleared never fires', () => {
  let fired = 0;
  const timer = actorClock.setTimeout(() => (fired += 1), 60 * DAY_MS);
  jest.advanceTimersByTime(40 * DAY_MS);
  actorClock.clearTimeout(timer);
  jest.advanceTimersByTime(40 * DAY_MS);
  expect([fired, jest.getTimerCount()]).toEqual([0, 0]);
});
