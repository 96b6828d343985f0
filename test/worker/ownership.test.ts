/** What a worker does with an order that is not its own any more, that is its own again, or that comes while it stops. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Submitter } from '../../src/chain/port.ts';
import { StoreUnavailable, type Store, type WorkStore } from '../../src/store/ports.ts';
import type { Venue } from '../../src/venues/port.ts';
import { soon } from '../support/soon.ts';
import { RecordedQueue, Workbench } from './workbench.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

function storeWith(work: Partial<WorkStore>): Store {
  return { ...bench.plainStore, work: { ...bench.plainStore.work, ...work } };
}

/** Never answers, and counts its calls and those that were aborted. */
function silentVenue() {
  const asked = { questions: 0, withdrawn: 0 };
  const venue: Venue = {
    ...bench.venue(),
    quote: (_terms, { signal }) => {
      asked.questions += 1;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          asked.withdrawn += 1;
          reject(new Error('withdrawn'));
        });
      });
    },
  };
  return { venue, asked };
}

test('a run whose order names another worker is stopped, and its effect with it, though it commits nothing', async () => {
  const { venue, asked } = silentVenue();
  let commits = 0;
  const { orders } = bench.plainStore;
  const commit: typeof orders.commit = (each) => {
    commits += 1;
    return orders.commit(each);
  };
  const store = { ...bench.plainStore, orders: { ...orders, commit } };
  const worker = await bench.worker({ store, venues: [venue], sweeps: false });
  const orderId = await bench.submit();
  await bench.until(() => asked.questions === 1);
  await bench.takeOver(orderId);
  await bench.until(() => worker.running === 0);
  // Not because a commit was refused: the venue would have had to answer first, or to be given up.
  expect([asked.withdrawn, commits]).toEqual([1, 1]);
  expect(await bench.plainStore.orders.load(orderId)).toMatchObject({ worker: 'another worker', lastSeq: 2 });
});

test('an order that is claimed while the worker compares is not taken for one that it has lost', async () => {
  const comparing = bench.hold('the comparison with the store');
  const { venue, asked } = silentVenue();
  let comparisons = 0;
  const store = storeWith({
    runBy: async (workerId) => {
      const found = await bench.plainStore.work.runBy(workerId);
      comparisons += 1;
      if (comparisons === 1) await comparing.pass();
      return found;
    },
  });
  const worker = await bench.worker({ store, venues: [venue], sweeps: false });
  await comparing.reached;
  await bench.submit();
  await bench.until(() => asked.questions === 1);
  comparing.goOn();
  await bench.until(() => comparisons > 1);
  expect([worker.running, asked.withdrawn]).toEqual([1, 0]);
});

test('an order whose claim was stored and not answered is found by comparing, and run', async () => {
  const { work } = bench.plainStore;
  let claims = 0;
  const store = storeWith({
    claim: async (...args) => {
      const claimed = await work.claim(...args);
      claims += 1;
      if (claims === 1) throw new StoreUnavailable('the test lost the answer');
      return claimed;
    },
  });
  await bench.worker({ store, sweeps: false });
  await bench.journalOf(await bench.submit(), 'confirmed');
  expect(claims).toBe(2);
});

test('an order that is being claimed while its worker stops is handed back, and begins no effect', async () => {
  const claiming = bench.hold('the claim');
  let retired = false;
  const store = storeWith({
    claim: async (...args) => {
      const claimed = await bench.plainStore.work.claim(...args);
      await claiming.pass();
      return claimed;
    },
    retire: (workerId) => {
      retired = true;
      return bench.plainStore.work.retire(workerId);
    },
  });
  const { venue, asked } = silentVenue();
  const queue = new RecordedQueue();
  const worker = await bench.worker({ store, venues: [venue], queue, sweeps: false });
  const orderId = await bench.submit();
  void worker.wake(orderId);
  await claiming.reached;
  const stopped = worker.stop();
  // It could retire within these, and must not before the claim is through.
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(retired).toBe(false);
  claiming.goOn();
  await soon('the end of the worker', stopped);
  const order = await bench.plainStore.orders.load(orderId);
  expect(order).toMatchObject({ worker: null, lastSeq: 1 });
  expect(asked.questions).toBe(0);
  expect(queue.woken).toEqual([{ orderId, version: order?.version }]);
});

test('a worker that stops waits for the commit on its way, hands the order back as of it, and wakes another', async () => {
  const quoting = bench.holdBefore('routing.quoting');
  const queue = new RecordedQueue();
  const worker = await bench.worker({ queue, sweeps: false });
  const orderId = await bench.submit();
  await worker.wake(orderId);
  await quoting.reached;
  const stopped = worker.stop();
  quoting.goOn();
  await soon('the end of the worker', stopped);
  const order = await bench.plainStore.orders.load(orderId);
  const stored = await bench.journal(orderId);
  expect(stored.length).toBeGreaterThan(1);
  expect(order).toMatchObject({ worker: null, lastSeq: stored.length });
  expect(queue.woken).toEqual([{ orderId, version: order?.version }]);
});

test('a worker whose store does not answer stops within its time', async () => {
  const outage = bench.outage();
  const worker = await bench.worker({ stopWithinMs: 100, sweeps: false });
  const quoting = bench.until(() => outage.refused > 0);
  outage.begin();
  const orderId = await bench.submit();
  await quoting;
  await soon('the end of the worker', worker.stop());
  expect(await bench.plainStore.orders.load(orderId)).toMatchObject({ status: 'pending', lastSeq: 1 });
});

test('a worker writes its first heartbeat before it takes an order, and goes on with heartbeats', async () => {
  const calls: string[] = [];
  const store = storeWith({
    beat: async (workerId) => {
      await bench.plainStore.work.beat(workerId);
      calls.push('beat');
    },
    claim: (...args) => {
      calls.push('claim');
      return bench.plainStore.work.claim(...args);
    },
  });
  await bench.submit();
  await bench.worker({ store, sweeps: false });
  await bench.until(() => calls.filter((call) => call === 'beat').length > 2);
  expect(calls.slice(0, 2)).toEqual(['beat', 'claim']);
});

test('a parked order is woken by its version when its backoff is over', async () => {
  const queue = new RecordedQueue();
  const venues = [bench.venue({ script: { quote: ['timeout'] } })];
  const worker = await bench.worker({ queue, venues, sweeps: false });
  const orderId = await bench.submit({}, { backoffBaseMs: 20_000 });
  await worker.wake(orderId);
  await bench.until(() => queue.wokenLater.length > 0);
  const parked = await bench.plainStore.orders.load(orderId);
  const retry = (await bench.journal(orderId)).at(-1)?.message;
  expect(retry).toMatchObject({ type: 'retry' });
  const delayMs = retry?.type === 'retry' ? retry.delayMs : null;
  expect(queue.wokenLater).toEqual([{ wakeUp: { orderId, version: parked?.version }, delayMs }]);
  expect(parked?.worker).toBeNull();
});

test('a wake-up that comes some milliseconds before its time finds the order', async () => {
  const worker = await bench.worker({ queue: new RecordedQueue(), sweeps: false, reconcileMs: 60_000 });
  const orderId = await bench.submit();
  const { work } = bench.plainStore;
  await work.claim(orderId, 'another worker', {
    machineVersion: 1,
    release: 'this one',
    deadAfterMs: 60_000,
    earlyMs: 0,
  });
  await work.release(orderId, 2, 90);
  await worker.wake(orderId);
  await bench.journalOf(orderId, 'confirmed');
});

test('a notification of a command is enough: the worker does not wait until it compares', async () => {
  const { venue, asked } = silentVenue();
  const worker = await bench.worker({ venues: [venue], sweeps: false, reconcileMs: 60_000 });
  const orderId = await bench.submit();
  await bench.until(() => asked.questions === 1);
  await bench.cancel(orderId);
  await worker.readInbox(orderId);
  await bench.journalOf(orderId, 'cancelled');
});

test('a command that is read twice before a commit has taken it in counts once', async () => {
  const mining = bench.hold('the mining of the order');
  const cancelling = bench.holdBefore('submitted.cancelling');
  const submitter: Submitter = {
    ...bench.submitter,
    mine: async (input, execution) => {
      await mining.pass();
      return bench.submitter.mine(input, execution);
    },
  };
  const worker = await bench.worker({ submitter, sweeps: false, reconcileMs: 60_000 });
  const orderId = await bench.submit();
  await mining.reached;
  await bench.cancel(orderId);
  await worker.readInbox(orderId);
  await cancelling.reached;
  await worker.readInbox(orderId);
  cancelling.goOn();
  // The simulated chain has executed it by then.
  const last = (await bench.journalOf(orderId, 'confirmed')).at(-1);
  expect([last?.refused, worker.running]).toEqual([undefined, 0]);
  expect((await bench.plainStore.orders.load(orderId))?.held).toBeNull();
});

test('an order whose machine throws is held with what it threw, and its worker goes on with others', async () => {
  const orderId = await bench.submit();
  await bench.rewrite(orderId, (state) => ({ ...state, context: { ...contextOf(state), policy: null } }));
  await bench.worker();
  const held = await bench.until(
    () => bench.plainStore.orders.load(orderId),
    (order) => order?.held !== null,
  );
  expect(held).toMatchObject({ lastSeq: 1, held: { code: 'machine_broken' } });
  await bench.journalOf(await bench.submit(), 'confirmed');
});

function contextOf({ context }: { readonly context: unknown }): object {
  return typeof context === 'object' && context !== null ? context : {};
}
