import { expect, test } from '@jest/globals';
import { Semaphore } from '../../src/runtime/semaphore.ts';
import { soon } from '../support/soon.ts';

/** Lets go on what can. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Acquires a permit and notes it under this name. */
function acquiring(semaphore: Semaphore, names: readonly string[]): string[] {
  const acquired: string[] = [];
  for (const name of names) void semaphore.acquire().then(() => acquired.push(name));
  return acquired;
}

test('no more permits are out at a time than there are', async () => {
  const semaphore = new Semaphore(3);
  let running = 0;
  let most = 0;
  const act = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
  };
  await soon('all of them', Promise.all(Array.from({ length: 20 }, () => semaphore.run(act))));
  expect([most, running, semaphore.available]).toEqual([3, 0, 3]);
});

test('those that wait get their permits in the order in which they came', async () => {
  const semaphore = new Semaphore(1);
  const acquired = acquiring(semaphore, ['first', 'second', 'third']);
  await turn();
  expect(acquired).toEqual(['first']);
  semaphore.release();
  await turn();
  expect(acquired).toEqual(['first', 'second']);
  semaphore.release();
  await turn();
  expect(acquired).toEqual(['first', 'second', 'third']);
});

test('a permit that is given back goes to the first that waits, and cannot be taken by one that does not', async () => {
  const semaphore = new Semaphore(1);
  const acquired = acquiring(semaphore, ['first', 'second']);
  await turn();
  semaphore.release();
  expect([semaphore.available, semaphore.tryAcquire()]).toEqual([0, false]);
  await turn();
  expect(acquired).toEqual(['first', 'second']);
  semaphore.release();
  expect([semaphore.available, semaphore.tryAcquire(), semaphore.tryAcquire()]).toEqual([1, true, false]);
});

test('an action that fails gives its permit back, and its error is that of the caller', async () => {
  const semaphore = new Semaphore(1);
  await expect(semaphore.run(() => Promise.reject(new Error('the action failed')))).rejects.toThrow(
    'the action failed',
  );
  expect(semaphore.available).toBe(1);
  expect(
    await soon(
      'the next action',
      semaphore.run(() => Promise.resolve('done')),
    ),
  ).toBe('done');
});

test('an action that throws before its first await gives its permit back', async () => {
  const semaphore = new Semaphore(1);
  const thrown = semaphore.run(() => {
    throw new Error('at once');
  });
  await expect(thrown).rejects.toThrow('at once');
  expect(semaphore.available).toBe(1);
});
