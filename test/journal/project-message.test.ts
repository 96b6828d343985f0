import { expect, test } from '@jest/globals';
import { getShortestPaths } from 'xstate/graph';
import { orderMachine } from '../../machines/order/machine.ts';
import { statePath } from '../../machines/order/state.ts';
import { journaledMessageSchema } from '../../src/protocol/messages.ts';
import { projectMessage } from '../../src/journal/project-message.ts';
import { ALL_EVENTS, anOrderInput } from '../machines/order-events.ts';

const snapshots = getShortestPaths(orderMachine, {
  input: anOrderInput(),
  events: ALL_EVENTS,
  serializeState: ({ value, context }) =>
    `${statePath(value)} ${context.ending?.status ?? ''} ${context.failure?.kind ?? ''}`,
  limit: 1_000_000,
}).map(({ state }) => state);

test('every state that can be reached is told as a message of the protocol, in words', () => {
  for (const { value, context } of snapshots) {
    const state = statePath(value);
    const message = projectMessage({ seq: 2, at: 1_000, state, context });
    expect(journaledMessageSchema.parse(message)).toEqual(message);
    expect(message).toMatchObject({ state, type: state.endsWith('backoff') ? 'retry' : state.split('.')[0] });
    expect(message.message).toMatch(/\w/);
    expect(message.message).not.toMatch(/undefined|null|NaN|\[object/);
  }
});

test('a command that came too late is told with the end', () => {
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
