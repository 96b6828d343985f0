/** What the log writes of lines that come faster than one a second. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { z } from 'zod';
import { openLog } from '../../src/telemetry/log.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const lineSchema = z.object({ msg: z.string(), path: z.string().optional(), leftOut: z.number().optional() });

function logInto() {
  const lines: z.infer<typeof lineSchema>[] = [];
  const log = openLog('info', { write: (line) => void lines.push(lineSchema.parse(JSON.parse(line))) });
  const written = () => lines.map(({ msg, leftOut }) => (leftOut === undefined ? [msg] : [msg, leftOut]));
  return { log, lines, written };
}

test('of the lines of one order the first is written at once, the last after a second, with how many were left out', () => {
  const { log, written } = logInto();
  for (let count = 1; count <= 1_000; count += 1) log.warn({ orderId: 'a' }, `failure ${count}`);
  expect(written()).toEqual([['failure 1']]);
  jest.advanceTimersByTime(1_000);
  expect(written()).toEqual([['failure 1'], ['failure 1000', 998]]);
  jest.advanceTimersByTime(5_000);
  expect(written()).toHaveLength(2);
});

test('a fault that goes on writes a line a second, whatever its texts and levels', () => {
  const { log, written } = logInto();
  for (let ms = 0; ms < 10_000; ms += 10) {
    log.error({ orderId: 'a', err: new Error('it broke') }, `failure at ${ms}`);
    log.info({ orderId: 'a' }, 'it is tried again');
    jest.advanceTimersByTime(10);
  }
  expect(written()).toHaveLength(11);
  expect(
    written()
      .slice(1)
      .every(([, leftOut]) => Number(leftOut) > 190),
  ).toBe(true);
});

test('an error is not displaced by later lines of less weight', () => {
  const { log, written } = logInto();
  log.info({ orderId: 'a' }, 'it runs elsewhere');
  log.error({ orderId: 'a' }, 'order held');
  log.warn({ orderId: 'a' }, 'a claim failed');
  jest.advanceTimersByTime(1_000);
  expect(written()).toEqual([['it runs elsewhere'], ['order held', 1]]);
});

test('one order, signer or Redis does not withhold the lines of another', () => {
  const { log, lines } = logInto();
  for (const orderId of ['a', 'b', 'c']) log.warn({ orderId }, 'a claim failed');
  for (const signer of ['0x1', '0x2']) log.error({ signer }, 'the resender failed');
  for (const redis of ['queue', 'feed']) log.info({ redis }, 'Redis is connected');
  expect(lines).toHaveLength(7);
});

test('lines without a subject are limited by their text, and keep their fields', () => {
  const { log, lines } = logInto();
  for (let count = 0; count < 10; count += 1) {
    log.warn({ path: `/api/orders/${count}` }, 'the store does not answer');
    log.info('the api listens');
  }
  jest.advanceTimersByTime(1_000);
  expect(lines.map(({ msg, path, leftOut }) => [msg, path, leftOut])).toEqual([
    ['the store does not answer', '/api/orders/0', undefined],
    ['the api listens', undefined, undefined],
    ['the store does not answer', '/api/orders/9', 8],
    ['the api listens', undefined, 8],
  ]);
});

test('a line below the level counts as none', () => {
  const { log, written } = logInto();
  log.debug({ orderId: 'a' }, 'of no interest');
  log.warn({ orderId: 'a' }, 'a claim failed');
  expect(written()).toEqual([['a claim failed']]);
});
