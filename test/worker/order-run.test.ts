/** One order's run by itself: what it commits, in which order, and with which times. */
import { afterEach, expect, test } from '@jest/globals';
import { fromPromise } from 'xstate';
import { DEFAULT_RETRY_POLICY } from '../../machines/order/retry-policy.ts';
import { orderMachine } from '../../machines/order/machine.ts';
import { machineRegistry, openOrder } from '../../machines/registry.ts';
import type { Command, Effects } from '../../machines/order/types.ts';
import { EffectError } from '../../machines/order/effect-error.ts';
import { passNothing } from '../../src/crash-points.ts';
import { newOrder } from '../../src/orders/submission/new-order.ts';
import { submissionSchema } from '../../src/protocol/requests.ts';
import { made } from '../../src/store/judge-commit.ts';
import type { ClaimedOrder, Commit, Committed } from '../../src/store/ports.ts';
import { OrderRun, type OrderRunDeps } from '../../src/worker/order-run.ts';
import { eventually } from '../support/eventually.ts';
import { soon } from '../support/soon.ts';

const CREATED_AT = 1_800_000_000_000;
const COMMITTED: Committed = { outcome: 'committed' };
const CANCEL: Command = { type: 'CANCEL', commandId: 'cancel' };

let run: OrderRun | null = null;
afterEach(async () => {
  await soon('the end of the run', run?.stop() ?? Promise.resolve());
  run = null;
});

type Quote = () => Promise<Effects['quote']['output']>;
const silent: Quote = () => new Promise(() => undefined);

/** An order that was just claimed, with a quote that the test decides on. */
function claimed(
  commit: (commit: Commit) => Promise<Committed | null>,
  over: Partial<OrderRunDeps> = {},
  quote = silent,
  stored: Partial<ClaimedOrder> = {},
) {
  const submission = submissionSchema.parse({ sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000' });
  const created = newOrder(machineRegistry, {
    orderId: 'a'.repeat(32),
    owner: 'local',
    requestHash: '',
    submission,
    validTo: CREATED_AT / 1_000 + 600,
    policy: DEFAULT_RETRY_POLICY,
    at: CREATED_AT,
  });
  const order: ClaimedOrder = {
    ...created,
    version: 2,
    lastSeq: 1,
    updatedAt: CREATED_AT,
    worker: 'this one',
    held: null,
    commands: [],
    inboxLength: 0,
    wasHeld: false,
    ...stored,
  };
  const machine = orderMachine.provide({
    actors: { quote: fromPromise<Effects['quote']['output'], Effects['quote']['input']>(quote) },
  });
  const opened = openOrder(
    { ...machineRegistry, machines: new Map([[machineRegistry.current, machine]]) },
    order.state,
  );
  if (opened.kind !== 'open') throw new Error('the order of the test cannot be opened');
  const commits: Commit[] = [];
  let ids = 0;
  const opening = new OrderRun(order, opened, {
    commit: (deferred) => {
      const each = made(deferred);
      commits.push(each);
      return commit(each);
    },
    announce: () => undefined,
    clock: { now: () => CREATED_AT },
    random: () => 0.5,
    newCommitId: () => `commit ${(ids += 1)}`,
    passCrashPoint: passNothing,
    parkAfterMs: 250,
    ...over,
  });
  run = opening;
  return { run: opening, order, commits };
}

const states = (commits: readonly Commit[]): string[] =>
  commits.flatMap(({ entries }) => entries.map(({ state }) => state));

test('the entries of an order never go back in time, though the clock of its worker does', async () => {
  let now = CREATED_AT + 60_000;
  const clock = { now: () => (now -= 1_000) };
  const { run, order, commits } = claimed(() => Promise.resolve(COMMITTED), { clock });
  run.start(order);
  run.takeCommands([CANCEL], 1);
  await soon('the end of the order', run.ended);
  expect(states(commits)).toEqual(['routing.quoting', 'cancelled']);
  expect(commits.flatMap(({ entries }) => entries.map(({ at }) => at))).toEqual([
    CREATED_AT + 59_000,
    CREATED_AT + 59_000,
  ]);
});

test('the entries of an order never go back in time, though the clock of its next worker is behind', async () => {
  const clock = { now: () => CREATED_AT - 3_600_000 };
  const { run, order, commits } = claimed(() => Promise.resolve(COMMITTED), { clock });
  run.start(order);
  await eventually(
    () => commits.length,
    (length) => length === 1,
  );
  expect(commits[0]?.entries[0].at).toBe(CREATED_AT);
});

test('after a commit that the store refuses for good nothing later is committed, so that no entry is missing', async () => {
  let refuse: (thrown: Error) => void = () => undefined;
  const { run, order, commits } = claimed(() => new Promise((_, reject) => (refuse = reject)));
  run.start(order);
  run.takeCommands([CANCEL], 1);
  await eventually(
    () => commits.length,
    (length) => length > 0,
  );
  refuse(new Error('a defect'));
  const end = await soon('the end of the run', run.ended);
  await soon('what was begun', run.stop());
  expect(end).toMatchObject({ kind: 'broken', version: 2 });
  expect(states(commits)).toEqual(['routing.quoting']);
});

test('after a commit that lost its order nothing later is committed', async () => {
  let answer: (committed: Committed) => void = () => undefined;
  const { run, order, commits } = claimed(() => new Promise((resolve) => (answer = resolve)));
  run.start(order);
  run.takeCommands([CANCEL], 1);
  await eventually(
    () => commits.length,
    (length) => length > 0,
  );
  answer({ outcome: 'lost', storedVersion: 9 });
  expect(await soon('the end of the run', run.ended)).toEqual({ kind: 'lost' });
  await soon('what was begun', run.stop());
  expect(states(commits)).toEqual(['routing.quoting']);
});

test('a command that comes while the order ends is in its last entry, as refused', async () => {
  const late: Command = { type: 'CANCEL', commandId: 'late' };
  const { run, order, commits } = claimed(({ inboxSeen }) =>
    Promise.resolve(
      inboxSeen === 1 ? { outcome: 'commands_waiting', commands: [CANCEL, late], inboxLength: 2 } : COMMITTED,
    ),
  );
  run.start({ ...order, commands: [CANCEL], inboxLength: 1 });
  expect(await soon('the end of the order', run.ended)).toEqual({ kind: 'ended' });
  expect(commits.at(-1)).toMatchObject({
    inboxDone: 2,
    inboxSeen: 2,
    entries: [{ seq: 2, refused: ['late'] }],
  });
});

test('a store that refuses the end of an order for commands which it does not show breaks the run, and loops nowhere', async () => {
  let refusals = 0;
  const { run, order } = claimed((commit) => {
    if (commit.inboxSeen === undefined) return Promise.resolve(COMMITTED);
    refusals += 1;
    if (refusals > 10) throw new Error('asked again and again');
    return Promise.resolve({ outcome: 'commands_waiting', commands: [], inboxLength: 1 });
  });
  run.start({ ...order, commands: [CANCEL], inboxLength: 1 });
  expect(await soon('the end of the run', run.ended)).toMatchObject({ kind: 'broken' });
  expect(refusals).toBe(1);
});

test('an event that the state does not handle changes nothing and is not journaled', async () => {
  const { run, order, commits } = claimed(() => Promise.resolve(COMMITTED));
  run.start(order);
  const failure = { kind: 'wait', code: 'fee_too_low', message: 'The fee is too low' } as const;
  await soon('the report', run.report({ type: 'WAITING', failure }));
  expect(states(commits)).toEqual(['routing.quoting']);
});

test('a restart is not an entry: the order goes on in the state that was stored', async () => {
  const first = claimed(() => Promise.resolve(COMMITTED));
  first.run.start(first.order);
  await eventually(
    () => first.commits.length,
    (length) => length === 1,
  );
  await first.run.stop();
  const quoting = { version: 3, lastSeq: 2, state: first.commits[0]?.state ?? first.order.state };
  const next = claimed(() => Promise.resolve(COMMITTED), {}, silent, quoting);
  next.run.start(next.order);
  await soon('what was begun', next.run.durable());
  expect(states(next.commits)).toEqual([]);
  next.run.takeCommands([CANCEL], 1);
  await soon('the end of the order', next.run.ended);
  expect(next.commits.flatMap(({ entries }) => entries.map(({ seq, state }) => [seq, state]))).toEqual([
    [3, 'cancelled'],
  ]);
});

test('a parked order leaves no timer behind, and takes no more commands', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const quote: Quote = () => Promise.reject(new EffectError('retry', 'venue_timeout', 'No venue answered'));
  const { run, order, commits } = claimed(() => Promise.resolve(COMMITTED), { parkAfterMs: 0 }, quote);
  run.start(order);
  const end = await soon('the parking of the order', run.ended);
  expect(end).toMatchObject({ kind: 'parked', version: 4, forMs: commits.at(-1)?.parkForMs });
  expect(timers()).toBe(before);
  run.takeCommands([CANCEL], 1);
  expect(states(commits)).toEqual(['routing.quoting', 'routing.backoff']);
});
