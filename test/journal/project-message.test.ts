import { describe, expect, test } from '@jest/globals';
import { getShortestPaths } from 'xstate/graph';
import { orderMachine } from '../../machines/order/machine.ts';
import type { OrderSnapshot } from '../../machines/registry.ts';
import { statePath, statusOf } from '../../machines/order/state.ts';
import { toStoredContext } from '../../machines/order/stored-context.ts';
import type { OrderContext } from '../../machines/order/types.ts';
import { journaledMessageSchema } from '../../src/protocol/messages.ts';
import { viewOrder } from '../../src/orders/reading/view-order.ts';
import type { StoredOrder } from '../../src/store/ports.ts';
import { projectMessage } from '../../src/journal/project-message.ts';
import { ALL_EVENTS, anOrderInput } from '../machines/order-events.ts';

const snapshots = getShortestPaths(orderMachine, {
  input: anOrderInput(),
  events: ALL_EVENTS,
  serializeState: ({ value, context }) =>
    `${statePath(value)} ${context.ending?.status ?? ''} ${context.failure?.kind ?? ''}`,
  limit: 1_000_000,
}).map(({ state }) => state);

test('every state that can be reached gives a message of the protocol, in words', () => {
  for (const { value, context } of snapshots) {
    const state = statePath(value);
    const message = projectMessage({ seq: 2, at: 1_000, state, context });
    expect(journaledMessageSchema.parse(message)).toEqual(message);
    const isRetry = state.endsWith('backoff') && context.failure?.kind !== 'wait';
    expect(message).toMatchObject({ state, type: isRetry ? 'retry' : state.split('.')[0] });
    expect(message.message).toMatch(/\w/);
    expect(message.message).not.toMatch(/undefined|null|NaN|\[object/);
  }
});

test('every message has its keys in the order of its schema', () => {
  const types = new Set<string>();
  for (const { value, context } of snapshots) {
    const message = projectMessage({ seq: 2, at: 1_000, state: statePath(value), context });
    // zod rebuilds an object in the order of its schema.
    expect(JSON.stringify(message)).toBe(JSON.stringify(journaledMessageSchema.parse(message)));
    types.add(message.type);
  }
  expect([...types].sort()).toEqual(
    journaledMessageSchema.options.map(({ shape }) => shape.type.value).sort(),
  );
});

test('a venue that answers with its keys in another order changes nothing', () => {
  const selecting = snapshots.find(({ value }) => statePath(value) === 'routing.selecting');
  if (selecting === undefined) throw new Error('no path leads to routing.selecting');
  const quotes = [{ block: '7', gasPriced: true, gasCost: '1', buyAmount: '2', venue: 'v2' }];
  const refusals = [{ message: 'It is away', code: 'venue_unavailable', venue: 'v3' }];
  const context = { ...selecting.context, quotes, refusals };
  const message = projectMessage({ seq: 2, at: 1_000, state: 'routing.selecting', context });
  expect(JSON.stringify(message)).toBe(JSON.stringify(journaledMessageSchema.parse(message)));
});

describe('a backoff because of a failure of kind `wait`', () => {
  const waiting = snapshots.filter(
    ({ value, context }) => statePath(value).endsWith('.backoff') && context.failure?.kind === 'wait',
  );

  test('is reached in every stage', () => {
    const stages = new Set(waiting.map(({ value }) => statePath(value).split('.')[0]));
    expect([...stages].sort()).toEqual(['building', 'routing', 'submitted']);
  });

  test('gives a message of the stage that says what is waited for, as REST does', () => {
    for (const { value, context } of waiting) {
      const state = statePath(value);
      const message = projectMessage({ seq: 2, at: 1_000, state, context });
      const { waitingFor } = viewOrder(storedOrder(state, value, context), '');
      expect(waitingFor).not.toBeNull();
      expect(message).toMatchObject({ type: state.split('.')[0], state, waitingFor });
      const { failure, backoff } = context;
      const delay = (backoff.delayMs / 1000).toFixed(1);
      expect(message.message).toBe(`Waiting: ${failure?.message ?? ''}; looking again in ${delay} s`);
    }
  });
});

test('every message of a submitted order names what REST says that it waits for', () => {
  for (const { value, context } of snapshots) {
    const state = statePath(value);
    const message = projectMessage({ seq: 2, at: 1_000, state, context });
    if (message.type !== 'submitted') continue;
    const { waitingFor } = viewOrder(storedOrder(state, value, context), '');
    expect(message.waitingFor ?? null).toEqual(waitingFor);
  }
});

test('a fill that deviates from its order says how, in the message as over REST', () => {
  const ended = snapshots.find(({ context }) => context.fill !== null);
  if (ended === undefined || ended.context.fill === null) throw new Error('no path leads to a fill');
  const deviation = { code: 'received_less', message: 'It received 1: expected at least 2' };
  const context = { ...ended.context, fill: { ...ended.context.fill, deviation } };
  const message = projectMessage({ seq: 9, at: 1, state: 'confirmed', context });
  expect(message).toMatchObject({ type: 'confirmed', deviation });
  expect(message.message).toContain('not as asked: It received 1');
  expect(JSON.stringify(message)).toBe(JSON.stringify(journaledMessageSchema.parse(message)));
  expect(viewOrder(storedOrder('confirmed', 'confirmed', context), '')).toMatchObject({ deviation });
});

function storedOrder(state: string, value: OrderSnapshot['value'], context: OrderContext): StoredOrder {
  return {
    orderId: context.terms.orderId,
    owner: 'local',
    clientOrderId: null,
    requestHash: '',
    version: 2,
    status: statusOf(state),
    state: { machineVersion: 1, value, context: toStoredContext(context), status: 'active' },
    lastSeq: 2,
    createdAt: 0,
    updatedAt: 0,
    worker: null,
    held: null,
  };
}

test('a command that came too late is reported with the end', () => {
  const ended = snapshots.find(({ value }) => value === 'confirmed');
  if (ended === undefined) throw new Error('no path leads to confirmed');
  const { message } = projectMessage({
    seq: 9,
    at: 1,
    state: 'confirmed',
    context: ended.context,
    refused: ['c1'],
  });
  expect(message).toContain('a command that came later has no effect');
});
