/** A worker that loses a permit runs one order less at a time, and in the end none. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StoreUnavailable, type Store, type WorkStore } from '../../src/store/ports.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { soon } from '../support/soon.ts';
import { anotherOrder, RecordedQueue, Workbench } from './workbench.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

/** Takes orders by what the test wakes alone. */
function workerWith(
  work: Partial<WorkStore> = {},
  concurrency = 1,
  plain: Store = bench.plainStore,
): Promise<Worker> {
  const store = { ...plain, work: { ...plain.work, ...work } };
  const queue = new RecordedQueue();
  return bench.worker({ store, queue, sweeps: false, reconcileMs: 60_000, concurrency });
}

async function runsToItsEnd(worker: Worker, orderId: string): Promise<void> {
  await soon(`a permit for order ${orderId}`, worker.wake(orderId));
  await bench.journalOf(orderId, 'confirmed');
}

test('a claim that finds nothing to do gives its permit back', async () => {
  const worker = await workerWith();
  await worker.wake('an order that is not stored');
  expect(worker.freeSlots).toBe(1);
  await runsToItsEnd(worker, await bench.submit());
});

test('a claim that the store does not answer gives its permit back', async () => {
  const { work } = bench.plainStore;
  let isAway = true;
  const worker = await workerWith({
    claim: (...args) =>
      isAway ? Promise.reject(new StoreUnavailable('the test took the store away')) : work.claim(...args),
  });
  const orderId = await bench.submit();
  await worker.wake(orderId);
  await worker.claimIfFree(orderId);
  expect(worker.freeSlots).toBe(1);
  isAway = false;
  await runsToItsEnd(worker, orderId);
});

test('a wake-up of an order that is being claimed here gives its permit back, and claims nothing', async () => {
  const { work } = bench.plainStore;
  let claims = 0;
  const worker = await workerWith(
    {
      claim: (...args) => {
        claims += 1;
        return work.claim(...args);
      },
    },
    2,
  );
  const orderId = await bench.submit();
  await soon('both wake-ups', Promise.all([worker.wake(orderId), worker.wake(orderId)]));
  await bench.journalOf(orderId, 'confirmed');
  await bench.until(() => worker.freeSlots === 2);
  expect(claims).toBe(1);
});

test('an order that no machine can read gives its permit back', async () => {
  const orderId = await bench.submit();
  await bench.rewrite(orderId, (state) => ({ ...state, machineVersion: 0, value: 'finding' }));
  const worker = await workerWith();
  await worker.wake(orderId);
  expect(worker.freeSlots).toBe(1);
  await runsToItsEnd(worker, await bench.submit(anotherOrder));
});

test('an order that ends gives its permit back', async () => {
  const worker = await workerWith();
  await runsToItsEnd(worker, await bench.submit());
  await bench.until(() => worker.freeSlots === 1);
});

test('an order that is lost to another worker gives its permit back', async () => {
  const quoting = bench.holdBefore('routing.quoting');
  const worker = await workerWith({}, 1, bench.store);
  const orderId = await bench.submit();
  await worker.wake(orderId);
  await quoting.reached;
  expect(worker.freeSlots).toBe(0);
  await bench.takeOver(orderId);
  quoting.goOn();
  await bench.until(() => worker.freeSlots === 1);
});
