import { getEventListeners, setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { onceAborted, untilAborted } from '../../src/runtime/abort.ts';
import { sleep } from '../../src/runtime/time.ts';

let controller: AbortController;
beforeEach(() => {
  controller = new AbortController();
});
afterEach(() => {
  expect(listeners()).toBe(0);
});

const stopped = new Error('the process stops');
const NEVER = new Promise<never>(() => undefined);
const listeners = (): number => getEventListeners(controller.signal, 'abort').length;

describe('an answer that is waited for until a signal aborts', () => {
  test('comes where it is there first', async () => {
    expect(await untilAborted(Promise.resolve(7), controller.signal)).toBe(7);
    await expect(untilAborted(Promise.reject(new TypeError('no')), controller.signal)).rejects.toThrow('no');
  });

  test("is the signal's reason once it aborts", async () => {
    const waiting = untilAborted(NEVER, controller.signal);
    expect(listeners()).toBe(1);
    controller.abort(stopped);
    await expect(waiting).rejects.toBe(stopped);
  });

  test('is the reason of a signal that aborted before', async () => {
    controller.abort(stopped);
    await expect(untilAborted(NEVER, controller.signal)).rejects.toBe(stopped);
  });

  test('fails with an error also where the reason is none', async () => {
    const waiting = untilAborted(NEVER, controller.signal);
    controller.abort('a text');
    await expect(waiting).rejects.toMatchObject({ message: 'aborted', cause: 'a text' });
  });

  test('may fail after the signal aborted without an unhandled rejection', async () => {
    let fail = (): void => undefined;
    const answer = new Promise<never>((_, reject) => {
      fail = () => reject(new Error('too late'));
    });
    const waiting = untilAborted(answer, controller.signal);
    controller.abort(stopped);
    await expect(waiting).rejects.toBe(stopped);
    fail();
    await new Promise((resolve) => setImmediate(resolve));
  });
});

test('1,000 races and sleeps on one long-lived signal leave no listener', async () => {
  const { signal } = controller;
  for (let race = 0; race < 1_000; race += 1) {
    const answer = race % 2 === 0 ? Promise.resolve(race) : Promise.reject(new Error('no'));
    await untilAborted(answer, signal).catch(() => undefined);
    expect(listeners()).toBe(0);
  }
  setMaxListeners(0, signal);
  await Promise.all(Array.from({ length: 1_000 }, () => sleep(0, signal)));
});

describe('a sleep', () => {
  test('ends with the reason of its signal, before its time', async () => {
    const sleeping = sleep(600_000, controller.signal);
    controller.abort(stopped);
    await expect(sleeping).rejects.toBe(stopped);
  });

  test('does not begin where the signal has aborted', async () => {
    controller.abort(stopped);
    await expect(sleep(600_000, controller.signal)).rejects.toBe(stopped);
  });
});

describe('onceAborted', () => {
  test('calls once, with the reason', () => {
    const reasons: Error[] = [];
    onceAborted(controller.signal, (reason) => reasons.push(reason));
    controller.abort(stopped);
    controller.abort(new Error('again'));
    expect(reasons).toEqual([stopped]);
  });

  test('does not call once it was told to stop', () => {
    const reasons: Error[] = [];
    onceAborted(controller.signal, (reason) => reasons.push(reason))();
    controller.abort(stopped);
    expect(reasons).toEqual([]);
  });
});
