/** Each budget of an order, at its last unit and one beyond. */
import { describe, expect, test } from '@jest/globals';
import { initialTransition, transition } from 'xstate';
import { orderMachine } from '../../machines/order/machine.ts';
import { statePath } from '../../machines/order/state.ts';
import type { OrderEvent } from '../../machines/order/types.ts';
import { anOrderInput, done, failed, timedOut, VALID_TO_S } from './order-events.ts';

/** Of a policy with two attempts a stage and one re-route. */
function after(events: readonly OrderEvent[]) {
  const snapshot = events.reduce(
    (before, event, index) =>
      transition(orderMachine, before, { at: (index + 1) * 1_000, draw: 0.5, ...event })[0],
    initialTransition(orderMachine, anOrderInput())[0],
  );
  return { state: statePath(snapshot.value), context: snapshot.context };
}

const START: OrderEvent = { type: 'START' };
const toBuilding = [START, done.quote, done.selectRoute];
const reroute = failed('assemble', 'reroute', 'slippage');
const toMining = [...toBuilding, done.assemble, done.sign, done.broadcast];
const AT_VALID_TO = VALID_TO_S * 1_000;

describe('re-routes', () => {
  const rerouted = [...toBuilding, reroute, done.quote, done.selectRoute];

  test('a failure after the last one is tried again on the same route, and then ends the order', () => {
    const again = after([...rerouted, reroute]);
    expect(again).toMatchObject({ state: 'building.backoff', context: { reroutes: 1 } });
    const end = after([...rerouted, reroute, timedOut('building.backoff', 'untilRetry'), reroute]);
    expect(end).toMatchObject({ state: 'failed', context: { reroutes: 1, reason: { code: 'slippage' } } });
  });

  test('a revert after the last one ends the order', () => {
    const toMiningAgain = [done.assemble, done.sign, done.broadcast];
    const { state, context } = after([...rerouted, ...toMiningAgain, done.reverted]);
    expect(state).toBe('failed');
    expect(context).toMatchObject({ reroutes: 1, reason: { code: 'slippage' } });
  });
});

describe('what was submitted', () => {
  const spent = [
    ...toBuilding,
    done.assemble,
    done.sign,
    failed('broadcast', 'retry', 'rpc_away'),
    timedOut('submitted.backoff', 'untilRetry'),
  ];

  test('waits for its chain after validTo and after its last attempt', () => {
    const wait = { ...failed('broadcast', 'wait', 'rpc_unavailable'), at: AT_VALID_TO + 1 };
    expect(after([...spent, wait])).toMatchObject({ state: 'submitted.backoff', context: { attempt: 2 } });
  });

  test('that expires in mining ends as expired, not as cancelled by its user', () => {
    const expired = { ...timedOut('submitted.mining', 'untilDeadline'), at: AT_VALID_TO };
    expect(after([...toMining, expired, done.cancelUnfilled])).toMatchObject({
      state: 'failed',
      context: { reason: { code: 'expired' } },
    });
  });
});

describe('validTo', () => {
  test.each(['broadcast', 'mine'] as const)(
    'an order whose %s finds it passed contests its nonce, and ends with the reason that the effect gave',
    (effect) => {
      const message = 'validTo passed before the node took the swap; it said: insufficient funds';
      const told = {
        type: `xstate.error.actor.${effect}` as const,
        error: { kind: 'fail', code: 'expired', message },
        at: AT_VALID_TO,
        draw: 0.5,
      };
      const before = effect === 'mine' ? toMining : [...toBuilding, done.assemble, done.sign];
      expect(after([...before, told]).state).toBe('submitted.cancelling');
      expect(after([...before, told, done.cancelUnfilled])).toMatchObject({
        state: 'failed',
        context: { reason: { code: 'expired', message } },
      });
    },
  );

  test('an order is valid until the millisecond before validTo, and not at validTo', () => {
    const failing = (at: number) => [START, { ...failed('quote', 'reroute', 'x'), at }];
    expect(after(failing(AT_VALID_TO)).context.reason?.code).toBe('expired');
    const lost = (at: number) => [
      ...toBuilding,
      done.assemble,
      { ...failed('sign', 'replace', 'slot_void'), at },
    ];
    expect(after(lost(AT_VALID_TO - 1)).state).toBe('building.assembling');
    expect(after(lost(AT_VALID_TO)).state).toBe('failed');
  });
});
