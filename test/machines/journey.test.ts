import { describe, expect, test } from '@jest/globals';
import { initialTransition, transition } from 'xstate';
import { boundTerms } from '../../machines/order/decisions.ts';
import { orderMachine } from '../../machines/order/machine.ts';
import { statePath } from '../../machines/order/state.ts';
import type { NonceReceipt, OrderEvent } from '../../machines/order/types.ts';
import { anOrderInput, done, failed, timedOut, VALID_TO_S } from './order-events.ts';

const START: OrderEvent = { type: 'START' };
const CANCEL: OrderEvent = { type: 'CANCEL', commandId: 'c1' };

/** Sends the events one second apart, each with the draw 0.5. */
function after(events: readonly OrderEvent[], over: Parameters<typeof anOrderInput>[0] = {}) {
  const snapshot = events.reduce(
    (before, event, index) =>
      transition(orderMachine, before, { at: (index + 1) * 1_000, draw: 0.5, ...event })[0],
    initialTransition(orderMachine, anOrderInput(over))[0],
  );
  return { state: statePath(snapshot.value), context: snapshot.context };
}

const toSigning = [START, done.quote, done.selectRoute, done.assemble];
const toMining = [...toSigning, done.sign, done.broadcast];

describe('an order without failures', () => {
  test('goes through eight states to confirmed and keeps its route and fill', () => {
    const { state, context } = after([...toMining, done.included, done.filled]);
    expect(state).toBe('confirmed');
    expect(context).toMatchObject({
      route: { venue: 'A' },
      fill: { executedBuyAmount: '1999' },
      failure: null,
    });
  });
});

describe('backoff', () => {
  test('a failed quote waits with jitter, then the venues are asked again as attempt 2', () => {
    const waiting = after([START, failed('quote', 'retry')]);
    expect(waiting.state).toBe('routing.backoff');
    // base 200 ms, draw 0.5: half fixed, a quarter drawn
    expect(waiting.context).toMatchObject({ attempt: 1, backoff: { delayMs: 150, retryAt: 2_150 } });
    const again = after([START, failed('quote', 'retry'), timedOut('routing.backoff', 'untilRetry')]);
    expect(again).toMatchObject({
      state: 'routing.quoting',
      context: { attempt: 2, backoff: { retryAt: null } },
    });
  });

  test('a failed last attempt ends the order with its failure as the reason', () => {
    const round = [failed('quote', 'retry'), timedOut('routing.backoff', 'untilRetry')];
    const { state, context } = after([START, ...round, failed('quote', 'retry')]);
    expect(state).toBe('failed');
    expect(context).toMatchObject({ reason: { code: 'venue_timeout' }, progress: 10 });
  });

  test('a wait does not use up an attempt', () => {
    const round = [failed('quote', 'wait'), timedOut('routing.backoff', 'untilRetry')];
    const { state, context } = after([START, ...round, ...round, ...round]);
    expect(state).toBe('routing.quoting');
    expect(context.attempt).toBe(1);
  });

  test('the delays of waits grow, up to five seconds before submission', () => {
    const round = [failed('quote', 'wait'), timedOut('routing.backoff', 'untilRetry')];
    const delays = [0, 1, 2, 3, 9].map((rounds) => {
      const before = Array.from({ length: rounds }, () => round).flat();
      return after([START, ...before, failed('quote', 'wait')]).context.backoff.delayMs;
    });
    expect(delays).toEqual([150, 300, 600, 1_200, 3_750]);
  });

  test('the next stage counts its waits from the start', () => {
    const round = [failed('quote', 'wait'), timedOut('routing.backoff', 'untilRetry')];
    const { context } = after([START, ...round, ...round, ...toSigning.slice(1), failed('sign', 'wait')]);
    expect(context.backoff.delayMs).toBe(150);
  });

  test('after submission the delays of waits grow up to 30 seconds', () => {
    const round = [failed('broadcast', 'wait'), timedOut('submitted.backoff', 'untilRetry')];
    const before = Array.from({ length: 12 }, () => round).flat();
    const { state, context } = after([...toSigning, done.sign, ...before, failed('broadcast', 'wait')]);
    expect(state).toBe('submitted.backoff');
    expect(context).toMatchObject({ attempt: 1, backoff: { delayMs: 22_500 } });
  });

  test('a backoff that would outlast validTo ends the order at once', () => {
    const { state, context } = after([
      { ...START, at: VALID_TO_S * 1000 - 60 },
      { ...failed('quote', 'retry'), at: VALID_TO_S * 1000 - 50 },
    ]);
    expect(state).toBe('failed');
    expect(context.reason?.code).toBe('expired');
  });

  test('a stage that is entered again has all its attempts', () => {
    const { context } = after([
      START,
      failed('quote', 'retry'),
      timedOut('routing.backoff', 'untilRetry'),
      done.quote,
      done.selectRoute,
    ]);
    expect(context.attempt).toBe(1);
  });
});

describe('retry now', () => {
  const retryNow = (retryAt: number | null): OrderEvent => ({
    type: 'RETRY_NOW',
    commandId: 'r1',
    retryAt: retryAt ?? 0,
  });
  const BACKOFFS: readonly (readonly [string, readonly OrderEvent[]])[] = [
    ['routing', [START, failed('quote', 'retry')]],
    ['routing, of a wait', [START, failed('quote', 'wait')]],
    ['building', [...toSigning, failed('sign', 'retry')]],
    ['submitted', [...toSigning, done.sign, failed('broadcast', 'retry')]],
    ['submitted, of a cancellation', [...toMining, CANCEL, failed('cancel', 'retry')]],
  ];

  test.each(BACKOFFS)('in the backoff of %s does what its timer does', (stage, events) => {
    const waiting = after(events);
    expect(waiting.state).toMatch(/backoff$/);
    const timer = timedOut(`${stage.split(',')[0] ?? ''}.backoff`, 'untilRetry');
    expect(after([...events, retryNow(waiting.context.backoff.retryAt)])).toEqual(after([...events, timer]));
  });

  test.each(BACKOFFS)('of another backoff than that of %s is without effect', (_, events) => {
    const waiting = after(events);
    expect(after([...events, retryNow((waiting.context.backoff.retryAt ?? 0) - 1)])).toEqual(waiting);
  });

  test('that comes a second time, or outside a backoff, is without effect', () => {
    const events = [START, failed('quote', 'retry')];
    const command = retryNow(after(events).context.backoff.retryAt);
    expect(after([...events, command, command])).toEqual(after([...events, command]));
    for (const before of [[], [START], toSigning, toMining, [...toMining, done.included]]) {
      expect(after([...before, retryNow(0)])).toEqual(after(before));
    }
  });
});

describe('deadlines', () => {
  test('an effect that times out is retried', () => {
    expect(after([START, timedOut('routing.quoting', 'untilDeadline')]).state).toBe('routing.backoff');
  });

  test('before submission a deadline is never later than validTo', () => {
    const at = VALID_TO_S * 1000 - 100;
    expect(after([{ ...START, at }]).context.effects.deadline).toBe(VALID_TO_S * 1000);
  });

  test('RESUME does not move a deadline', () => {
    const before = after([START]).context;
    expect(after([START, { type: 'RESUME', at: 99_000 }]).context).toEqual(before);
  });

  test('an order that no worker took before validTo expires', () => {
    const { state, context } = after([timedOut('pending', 'untilDeadline')]);
    expect(state).toBe('failed');
    expect(context.reason?.code).toBe('expired');
  });
});

describe('re-routing', () => {
  test('an order is routed again when its route no longer holds', () => {
    const lost = [START, done.quote, done.selectRoute, failed('assemble', 'reroute', 'slippage')];
    expect(after(lost)).toMatchObject({ state: 'routing.quoting', context: { reroutes: 1, route: null } });
  });

  test('a revert closes the nonce reservation, and the next attempt opens a new one', () => {
    const { state, context } = after([...toMining, done.reverted]);
    expect(state).toBe('routing.quoting');
    expect(context).toMatchObject({ epoch: 2, reroutes: 1, failure: { code: 'slippage' } });
  });

  test('the minimum of the first route binds the routes after it, and the fill', () => {
    const { context } = after([...toMining, done.reverted, done.quote]);
    expect(context.route).toBeNull();
    expect(boundTerms(context).minBuyAmount).toBe('1990');
    const cheaper: OrderEvent = {
      type: 'xstate.done.actor.selectRoute',
      output: { route: { venue: 'B', buyAmount: '1000', minBuyAmount: '995', why: 'the only quote' } },
    };
    const rerouted = after([...toMining, done.reverted, done.quote, cheaper]);
    expect(boundTerms(rerouted.context).minBuyAmount).toBe('1990');
  });

  test('a minimum that the order names binds it from the start', () => {
    const named = { terms: { minBuyAmount: '1995' } };
    expect(boundTerms(after([...toMining, done.reverted], named).context).minBuyAmount).toBe('1995');
  });

  test('a final revert fails the order with its own reason', () => {
    expect(after([...toMining, done.revertedForGood])).toMatchObject({
      state: 'failed',
      context: { reason: { code: 'broken' } },
    });
  });

  test('a lost reservation is replaced by another', () => {
    expect(after([...toSigning, failed('sign', 'replace', 'slot_void')])).toMatchObject({
      state: 'building.assembling',
      context: { epoch: 2, attempt: 2 },
    });
  });
});

describe('cancelling', () => {
  test.each([
    ['pending', []],
    ['routing.quoting', [START]],
    ['routing.backoff', [START, failed('quote', 'retry')]],
    ['building.signing', toSigning],
  ])('in %s ends the order, because nothing has been sent', (_, events) => {
    expect(after([...events, CANCEL])).toMatchObject({
      state: 'cancelled',
      context: { reason: { code: 'cancelled_by_user' } },
    });
  });

  test('after submission sends a replacement on the nonce, and the chain decides', () => {
    const cancelling = [...toMining, CANCEL];
    expect(after(cancelling).state).toBe('submitted.cancelling');
    expect(after([...cancelling, done.cancelUnfilled]).state).toBe('cancelled');
    expect(after([...cancelling, done.cancelFilled])).toMatchObject({
      state: 'confirmed',
      context: { fill: { hash: '0x1' } },
    });
  });

  test('is retried until the chain answers, regardless of the attempts', () => {
    const round = [failed('cancel', 'retry'), timedOut('submitted.backoff', 'untilRetry')];
    const rounds = Array.from({ length: 10 }, () => round).flat();
    expect(after([...toMining, CANCEL, ...rounds]).state).toBe('submitted.cancelling');
  });

  test('a second cancel changes nothing', () => {
    expect(after([...toMining, CANCEL, CANCEL])).toEqual(after([...toMining, CANCEL]));
  });
});

describe('after submission', () => {
  test('the last failed attempt sends a replacement on the nonce instead of failing the order', () => {
    const round = [failed('broadcast', 'retry', 'rpc_away'), timedOut('submitted.backoff', 'untilRetry')];
    const spent = after([...toSigning, done.sign, ...round, failed('broadcast', 'retry', 'rpc_away')]);
    expect(spent).toMatchObject({ state: 'submitted.cancelling', context: { ending: { status: 'failed' } } });
  });

  test('validTo sends a replacement on the nonce, and fails the order only when the nonce is closed', () => {
    const expired = { ...timedOut('submitted.mining', 'untilDeadline'), at: VALID_TO_S * 1000 };
    expect(after([...toMining, expired]).state).toBe('submitted.cancelling');
    expect(after([...toMining, expired, done.cancelUnfilled])).toMatchObject({
      state: 'failed',
      context: { reason: { code: 'expired' } },
    });
  });

  test('the wait to be mined ends at validTo', () => {
    const at = VALID_TO_S * 1000 - 100;
    const mining = after([...toSigning, done.sign, { ...done.broadcast, at }]);
    expect(mining).toMatchObject({
      state: 'submitted.mining',
      context: { effects: { deadline: VALID_TO_S * 1000 } },
    });
  });

  test('a dropped transaction and one that is not mined in time are sent again', () => {
    expect(after([...toMining, done.dropped]).state).toBe('submitted.broadcasting');
    expect(after([...toMining, timedOut('submitted.mining', 'untilDeadline')]).state).toBe(
      'submitted.broadcasting',
    );
  });

  test('a raised fee adds one transaction to the same reservation', () => {
    const raised: OrderEvent = {
      type: 'REPLACED',
      transaction: { hash: '0x2', signer: 's', nonce: 0, epoch: 1 },
    };
    expect(after([...toMining, raised, raised]).context.transactions.map(({ hash }) => hash)).toEqual([
      '0x1',
      '0x2',
    ]);
  });

  test('an order waits for its receipt again after a reorganisation', () => {
    expect(after([...toMining, done.included, done.reorganised]).state).toBe('submitted.mining');
  });

  test('an order keeps one receipt a nonce: the last that the chain gave, and none that it took back', () => {
    const receipt = (hash: string, block: number, epoch = 1): NonceReceipt => ({
      ...{ hash, signer: 's', nonce: epoch, epoch, kind: 'swap', block },
      ...{ status: 'success', gasUsed: '1', paid: '2' },
    });
    const included = (hash: string, block: number, epoch = 1): OrderEvent => ({
      type: 'xstate.done.actor.mine',
      output: { outcome: 'included', hash, block, receipt: receipt(hash, block, epoch) },
    });
    const mined = [...toMining, included('0x1', 7)];
    expect(after(mined).context.receipts).toEqual([receipt('0x1', 7)]);
    expect(after([...mined, done.reorganised]).context.receipts).toEqual([]);
    const again = [...mined, done.reorganised, included('0x2', 8)];
    expect(after(again).context.receipts).toEqual([receipt('0x2', 8)]);
    // What no receipt came with leaves the one that is known.
    expect(after([...again, done.filled]).context.receipts).toEqual([receipt('0x2', 8)]);
    const reverted: OrderEvent = {
      ...done.reverted,
      output: { ...done.reverted.output, receipt: { ...receipt('0x1', 7), status: 'reverted' } },
    };
    const next = after([...toMining, reverted, ...toMining.slice(1), included('0x9', 9, 2)]);
    expect(next.context.epoch).toBe(2);
    expect(next.context.receipts).toMatchObject([
      { status: 'reverted', epoch: 1 },
      { hash: '0x9', epoch: 2 },
    ]);
  });
});
