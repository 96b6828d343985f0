import { describe, expect, test } from '@jest/globals';
import { initialTransition, transition } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { orderMachine } from '../../machines/order/machine.ts';
import { isFinal, statePath, statusOf } from '../../machines/order/state.ts';
import { MOST_FIELDS, toLiveContext, toStoredContext } from '../../machines/order/stored-context.ts';
import type { OrderEvent } from '../../machines/order/types.ts';
import type { OrderSnapshot } from '../../machines/registry.ts';
import { ALL_EVENTS, anOrderInput } from './order-events.ts';

/** Every state of the machine with a shortest path to it, over all events. */
const paths = getShortestPaths(orderMachine, {
  input: anOrderInput(),
  events: ALL_EVENTS,
  serializeState: ({ value, context }) =>
    `${statePath(value)} ${Math.min(context.attempt, 4)} ${context.reroutes} ${context.ending?.status ?? ''} ${context.failure?.kind ?? ''}`,
  limit: 1_000_000,
});

const reached = new Map(paths.map(({ state }) => [statePath(state.value), state]));

type Node = (typeof orderMachine)['root'];

function leafNodes(node: Node = orderMachine.root): Node[] {
  const children = Object.values(node.states);
  return children.length === 0 ? [node] : children.flatMap(leafNodes);
}

function leaves(): string[] {
  return leafNodes().map((node) => node.path.join('.'));
}

describe('the order machine', () => {
  test('every leaf can be reached', () => {
    expect([...reached.keys()].sort()).toEqual(leaves().sort());
  });

  test('has a description, progress and a message on every leaf', () => {
    for (const node of leafNodes()) {
      expect(node.description).toMatch(/\w/);
      expect(node.meta).toMatchObject({ progress: expect.any(Number), message: expect.any(String) });
    }
  });

  test('has few enough fields in its context everywhere for fast copies', () => {
    for (const { state } of paths) {
      expect(Object.keys(state.context).length).toBeLessThanOrEqual(MOST_FIELDS);
    }
  });

  test('has a stored form of every context, without groups, that opens as it was', () => {
    for (const { state } of paths) {
      const stored = toStoredContext(state.context);
      expect(Object.keys(stored)).toEqual(expect.arrayContaining(['begun', 'retryAt', 'quotes', 'swap']));
      expect(toLiveContext(stored)).toEqual(state.context);
    }
  });

  test("keeps a newer release's fields with an order that this one runs", () => {
    for (const { state } of paths) {
      const stored = { ...toStoredContext(state.context), fees: { paid: '7' }, note: null };
      const live = toLiveContext(stored);
      expect(live).toEqual({ ...state.context, fees: { paid: '7' }, note: null });
      expect(toStoredContext(live)).toEqual(stored);
    }
  });

  test('has its version in its id', () => {
    expect(orderMachine.id).toBe('order@1');
  });

  test.each(leaves().filter((path) => !isFinal(statusOf(path))))(
    '%s answers RESUME by re-entering itself with the same context',
    (path) => {
      const before = snapshotAt(path);
      const [after, actions] = transition(orderMachine, before, { type: 'RESUME', at: 10, draw: 0 });
      expect(statePath(after.value)).toBe(path);
      expect(after.context).toEqual(before.context);
      expect(actions.map(({ type }) => type)).toContain('xstate.raise'); // its timer is armed again
      const started = actions.filter(({ type }) => type === 'xstate.spawnChild');
      expect(started).toHaveLength(
        leafNodes().find((node) => node.path.join('.') === path)?.invoke.length ?? 0,
      );
    },
  );

  test.each(leaves().filter((path) => isFinal(statusOf(path))))('%s ignores all events', (path) => {
    for (const event of ALL_EVENTS) {
      expect(transition(orderMachine, snapshotAt(path), event)[0].value).toBe(path);
    }
  });

  test('every event in every state leads to a state of the machine, with a context of plain JSON', () => {
    const known = new Set(leaves());
    for (const { state } of paths) {
      for (const event of ALL_EVENTS) {
        // An error event that no state waits for would put the machine itself into error; recorded-logic.ts ignores it.
        if (orderMachine.getTransitionData(state, event).length === 0) continue;
        const [after] = transition(orderMachine, state, event);
        expect(known).toContain(statePath(after.value));
        expect(after.status).not.toBe('error');
        expect(JSON.parse(JSON.stringify(after.context))).toEqual(after.context);
      }
    }
  });

  test('keeps to its limits of attempts and re-routes on every path', () => {
    for (const { state } of paths) {
      const { attempt, reroutes, policy, failure, ending } = state.context;
      expect(reroutes).toBeLessThanOrEqual(policy.reroutes);
      if (ending === null && failure?.kind !== 'wait') {
        expect(attempt).toBeLessThanOrEqual(Math.max(...Object.values(policy.attempts)));
      }
    }
  });

  test('leaves `submitted` only by an answer of the chain', () => {
    for (const { state } of paths) {
      if (statusOf(statePath(state.value)) !== 'submitted') continue;
      for (const event of ALL_EVENTS) {
        const [after] = transition(orderMachine, state, event);
        if (statusOf(statePath(after.value)) === 'submitted') continue;
        expect(event.type).toMatch(/^xstate\.done\.actor\.(mine|confirm|cancel)$/);
      }
    }
  });

  test('a failed order has a reason, and a confirmed order has a fill', () => {
    for (const { state } of paths) {
      const status = statusOf(statePath(state.value));
      if (status === 'failed' || status === 'cancelled') expect(state.context.reason?.code).toMatch(/\w/);
      if (status === 'confirmed') expect(state.context.fill).not.toBeNull();
    }
  });
});

function snapshotAt(path: string): OrderSnapshot {
  const found = reached.get(path);
  if (found === undefined) throw new Error(`${path} was not reached`);
  return orderMachine.resolveState({
    value: found.value,
    context: found.context,
    status: found.status === 'done' ? 'done' : 'active',
  });
}

test('an order begins in pending', () => {
  const [first] = initialTransition(orderMachine, anOrderInput());
  expect(first.value).toBe('pending');
  const start: OrderEvent = { type: 'START', at: 1, draw: 0 };
  expect(statePath(transition(orderMachine, first, start)[0].value)).toBe('routing.quoting');
});
