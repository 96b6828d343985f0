/**
 * What is stored when an effect begins that changes the world, how far an order runs ahead of the store, and what happens to effects whose
 * order is lost while they wait for it.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { CrashPoint } from '../../src/crash-points.ts';
import type { Submitter } from '../../src/chain/port.ts';
import { made } from '../../src/store/judge-commit.ts';
import type { Commit, Store } from '../../src/store/ports.ts';
import { soon } from '../support/soon.ts';
import { Workbench } from './workbench.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

/** A store that answers a commit some turns of the event loop late, and the last state that it has stored. */
function slowStore(): { readonly store: Store; readonly lastState: () => string | null } {
  let last: string | null = null;
  const { orders } = bench.plainStore;
  const store: Store = {
    ...bench.plainStore,
    orders: {
      ...orders,
      commit: async (deferred) => {
        const commit = made(deferred);
        for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        const committed = await orders.commit(commit);
        last = commit.entries.at(-1)?.state ?? last;
        return committed;
      },
    },
  };
  return { store, lastState: () => last };
}

/** Notes which effects began, each with the state that was the last one stored then. */
function effectsBegun(lastState: () => string | null = () => null) {
  const begun: (readonly [effect: string, stored: string | null])[] = [];
  const passCrashPoint = (point: CrashPoint): void => {
    const [kind, effect = '', when] = point.split('.');
    if (kind === 'effect' && when === 'begun') begun.push([effect, lastState()]);
  };
  return { begun, passCrashPoint };
}

test('an effect that changes the world begins after the state that invokes it is stored', async () => {
  const { store, lastState } = slowStore();
  const { begun, passCrashPoint } = effectsBegun(lastState);
  await bench.worker({ store, passCrashPoint });
  await bench.journalOf(await bench.submit(), 'confirmed');
  expect(begun.map(([effect]) => effect)).toEqual([
    'quote',
    'selectRoute',
    'assemble',
    'sign',
    'broadcast',
    'mine',
    'confirm',
  ]);
  expect(begun).toContainEqual(['sign', 'building.signing']);
  expect(begun).toContainEqual(['broadcast', 'submitted.broadcasting']);
});

test('effects that only read the world run ahead of a store that does not answer, up to the signature', async () => {
  const quoting = bench.holdBefore('routing.quoting');
  const { begun, passCrashPoint } = effectsBegun();
  await bench.worker({ passCrashPoint, sweeps: false });
  const orderId = await bench.submit();
  await bench.until(() => begun.some(([effect]) => effect === 'assemble'));
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(begun.map(([effect]) => effect)).toEqual(['quote', 'selectRoute', 'assemble']);
  expect((await bench.journal(orderId)).map(({ state }) => state)).toEqual(['pending']);
  quoting.goOn();
  const entries = await bench.journalOf(orderId, 'confirmed');
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
});

test('a step of a watching effect that changes the world waits until the state that invoked the effect is stored', async () => {
  const { store, lastState } = slowStore();
  const stored: (readonly [string, string | null])[] = [];
  const submitter: Submitter = {
    ...bench.submitter,
    mine: async (input, execution) => {
      await execution.durable();
      stored.push(['mine', lastState()]);
      return bench.submitter.mine(input, execution);
    },
    confirm: async (input, execution) => {
      await execution.durable();
      stored.push(['confirm', lastState()]);
      return bench.submitter.confirm(input, execution);
    },
  };
  await bench.worker({ store, submitter });
  await bench.journalOf(await bench.submit(), 'confirmed');
  expect(stored).toEqual([
    ['mine', 'submitted.mining'],
    ['confirm', 'submitted.confirming'],
  ]);
});

test('what an order takes while a commit is written goes together in the next, with one step of its version', async () => {
  const commits: Commit[] = [];
  const quoting = bench.holdBefore('routing.quoting');
  const { orders } = bench.store;
  const store: Store = {
    ...bench.store,
    orders: {
      ...orders,
      commit: (deferred) => {
        if (commits.length === 0) quoting.goOn();
        return orders.commit(() => {
          const commit = made(deferred);
          if (commits.at(-1) !== commit) commits.push(commit);
          return commit;
        });
      },
    },
  };
  await bench.worker({ store });
  await bench.journalOf(await bench.submit(), 'confirmed');
  expect(commits.length).toBeLessThan(commits.flatMap(({ entries }) => entries).length);
  expect(commits.map(({ expectedVersion }) => expectedVersion)).toEqual(
    commits.map((_, index) => (commits[0]?.expectedVersion ?? 0) + index),
  );
});

test('a cancellation on the chain begins after the state that invokes it is stored', async () => {
  const { store, lastState } = slowStore();
  const { begun, passCrashPoint } = effectsBegun(lastState);
  const submitter: Submitter = {
    ...bench.submitter,
    mine: (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
  };
  await bench.worker({ store, passCrashPoint, submitter });
  const orderId = await bench.submit();
  await bench.until(() => begun.some(([effect]) => effect === 'mine'));
  await bench.cancel(orderId);
  await bench.until(() => begun.some(([effect]) => effect === 'cancel'));
  expect(begun.at(-1)).toEqual(['cancel', 'submitted.cancelling']);
});

test('an effect whose worker stops while the state before it is being stored never begins', async () => {
  const signing = bench.holdBefore('building.signing');
  const { begun, passCrashPoint } = effectsBegun();
  const worker = await bench.worker({ passCrashPoint, sweeps: false });
  const orderId = await bench.submit();
  await signing.reached;
  const stopped = worker.stop();
  signing.goOn();
  await soon('the end of the worker', stopped);
  expect((await bench.journal(orderId)).at(-1)?.state).toBe('building.signing');
  expect(begun.map(([effect]) => effect)).toEqual(['quote', 'selectRoute', 'assemble']);
});

test('an effect is refused when the report that it makes loses its commit to another worker', async () => {
  const outcomes: string[] = [];
  const mining = bench.hold('the mining of the order');
  const submitter: Submitter = {
    ...bench.submitter,
    mine: async (input, execution) => {
      await mining.pass();
      const failure = { kind: 'wait', code: 'fee_too_low', message: 'The fee is too low' } as const;
      await execution.report({ type: 'WAITING', failure }).then(
        () => outcomes.push('went on'),
        () => outcomes.push('was refused'),
      );
      return bench.submitter.mine(input, execution);
    },
  };
  const worker = await bench.worker({ submitter, sweeps: false, reconcileMs: 60_000 });
  const orderId = await bench.submit();
  await mining.reached;
  await bench.takeOver(orderId);
  mining.goOn();
  await bench.until(() => outcomes.length > 0);
  expect(outcomes).toEqual(['was refused']);
  await bench.until(() => worker.running === 0);
});
