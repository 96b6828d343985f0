/**
 * The guards, actions, delays and effects (XState actors) that the statechart in `machine.ts` names. The rules behind the
 * guards and actions are the pure functions of `decisions.ts`.
 */
import { assertEvent, assign, fromPromise, setup } from 'xstate';
import {
  attemptsLeft,
  backoffAfter,
  boundTerms,
  CANCELLED,
  enterEffect,
  expired,
  expiresBeforeRetry,
  EXPIRED,
  failureOf,
  nextAttempt,
  reasonFor,
  receiptsAfter,
  reroutesLeft,
  stampOf,
} from './decisions.ts';
import { EffectError } from './effect-error.ts';
import type {
  EffectName,
  Effects,
  MiningOutcome,
  OrderContext,
  OrderEvent,
  OrderInput,
  Stage,
  StateMeta,
} from './types.ts';

/** A placeholder: a worker provides the real effect. */
function effect<Name extends EffectName>(name: Name) {
  return fromPromise<Effects[Name]['output'], Effects[Name]['input']>(() =>
    Promise.reject(new EffectError('fail', 'no_effect', `The effect "${name}" was not provided`)),
  );
}

function mined(event: OrderEvent): MiningOutcome {
  assertEvent(event, 'xstate.done.actor.mine');
  return event.output;
}

export const orderSetup = setup({
  types: {
    context: {} as OrderContext,
    events: {} as OrderEvent,
    input: {} as OrderInput,
    meta: {} as StateMeta,
  },
  actors: {
    quote: effect('quote'),
    selectRoute: effect('selectRoute'),
    assemble: effect('assemble'),
    sign: effect('sign'),
    broadcast: effect('broadcast'),
    mine: effect('mine'),
    confirm: effect('confirm'),
    cancel: effect('cancel'),
  },
  delays: {
    untilDeadline: ({ context, event }) => Math.max(0, context.effects.deadline - stampOf(event).at),
    untilRetry: ({ context, event }) => Math.max(0, (context.backoff.retryAt ?? 0) - stampOf(event).at),
  },
  guards: {
    shouldWait: ({ context, event }) =>
      failureOf(event).kind === 'wait' && !expiresBeforeRetry(context, failureOf(event), stampOf(event)),
    canRetry: ({ context, event }, stage: Stage) =>
      failureOf(event).kind !== 'fail' &&
      attemptsLeft(context, stage) &&
      !expiresBeforeRetry(context, failureOf(event), stampOf(event)),
    canReroute: ({ context, event }) =>
      failureOf(event).kind === 'reroute' && reroutesLeft(context) && !expired(context, stampOf(event).at),
    canTakeNewNonce: ({ context, event }) =>
      failureOf(event).kind === 'replace' &&
      attemptsLeft(context, 'building') &&
      !expired(context, stampOf(event).at),
    isExpired: ({ context, event }) => expired(context, stampOf(event).at),
    isItsBackoff: ({ context, event }) => {
      assertEvent(event, 'RETRY_NOW');
      return event.retryAt === context.backoff.retryAt;
    },
    isItsBackoffAndEnding: ({ context, event }) => {
      assertEvent(event, 'RETRY_NOW');
      return event.retryAt === context.backoff.retryAt && context.ending !== null;
    },
    isEnding: ({ context }) => context.ending !== null,
    isNotEnding: ({ context }) => context.ending === null,
    // After submission only the chain ends an order: it keeps waiting past validTo.
    shouldWaitForChain: ({ event }) => failureOf(event).kind === 'wait',
    canRetryChain: ({ context, event }) =>
      failureOf(event).kind !== 'fail' && attemptsLeft(context, 'submitted'),
    wasIncluded: ({ event }) => mined(event).outcome === 'included',
    wasDropped: ({ event }) => mined(event).outcome === 'dropped',
    canRerouteAfterRevert: ({ context, event }) => {
      const output = mined(event);
      return (
        output.outcome === 'reverted' &&
        output.failure.kind !== 'fail' &&
        reroutesLeft(context) &&
        !expired(context, stampOf(event).at)
      );
    },
    wasFilled: ({ event }) => {
      assertEvent(event, ['xstate.done.actor.confirm', 'xstate.done.actor.cancel']);
      return event.output.outcome === 'filled';
    },
    endsCancelled: ({ context }) => context.ending?.status === 'cancelled',
  },
  actions: {
    startEffect: assign(({ context, event }, effect: EffectName) =>
      enterEffect(effect, context, stampOf(event).at),
    ),
    startStage: assign({ attempt: 1, waits: 0, failure: null }),
    startNextAttempt: assign({ attempt: ({ context }) => nextAttempt(context), failure: null }),
    backOff: assign(({ context, event }) => backoffAfter(context, failureOf(event), stampOf(event))),
    setQuotes: assign(({ event }) => {
      assertEvent(event, 'xstate.done.actor.quote');
      const { quotes, refusals } = event.output;
      return { offers: { quotes, refusals }, failure: null };
    }),
    setRoute: assign(({ context, event }) => {
      assertEvent(event, 'xstate.done.actor.selectRoute');
      const { route } = event.output;
      return { route, minBuyAmount: boundTerms(context).minBuyAmount ?? route.minBuyAmount };
    }),
    setSwap: assign(({ event }) => {
      assertEvent(event, 'xstate.done.actor.assemble');
      const { swap, signer } = event.output;
      return { built: { swap, signer } };
    }),
    addTransaction: assign(({ context, event }) => {
      assertEvent(event, ['xstate.done.actor.sign', 'REPLACED']);
      const transaction = event.type === 'REPLACED' ? event.transaction : event.output.transaction;
      const known = context.transactions.some(({ hash }) => hash === transaction.hash);
      return known ? {} : { transactions: [...context.transactions, transaction] };
    }),
    setFailure: assign(({ event }) => {
      assertEvent(event, 'WAITING');
      return { failure: event.failure };
    }),
    setReceipt: assign(({ context, event }) => {
      assertEvent(event, ['xstate.done.actor.mine', 'xstate.done.actor.confirm', 'xstate.done.actor.cancel']);
      return receiptsAfter(context, event.output);
    }),
    setFill: assign(({ event }) => {
      assertEvent(event, ['xstate.done.actor.confirm', 'xstate.done.actor.cancel']);
      return event.output.outcome === 'filled'
        ? { fill: event.output.fill, failure: null, progress: 100 }
        : {};
    }),
    reroute: assign(({ context, event }) => ({
      attempt: 1,
      waits: 0,
      reroutes: context.reroutes + 1,
      failure: failureOf(event),
      route: null,
      built: { ...context.built, swap: null },
    })),
    rerouteAfterRevert: assign(({ context, event }) => {
      const output = mined(event);
      return {
        attempt: 1,
        waits: 0,
        reroutes: context.reroutes + 1,
        failure: output.outcome === 'reverted' ? output.failure : null,
        route: null,
        built: { ...context.built, swap: null },
        epoch: context.epoch + 1,
      };
    }),
    takeNewNonce: assign(({ context, event }) => ({
      attempt: context.attempt + 1,
      epoch: context.epoch + 1,
      failure: failureOf(event),
    })),
    fail: assign(({ context, event }) => ({ reason: reasonFor(context, failureOf(event), stampOf(event)) })),
    failReverted: assign(({ context, event }) => {
      const output = mined(event);
      const failure = output.outcome === 'reverted' ? output.failure : failureOf(event);
      return { failure, reason: reasonFor(context, { ...failure, kind: 'fail' }, stampOf(event)) };
    }),
    failExpired: assign({ reason: EXPIRED }),
    setEndingFailed: assign(({ context, event }) => {
      const failure = failureOf(event);
      return {
        attempt: 1,
        failure,
        ending: {
          status: 'failed' as const,
          reason: reasonFor(context, { ...failure, kind: 'fail' }, stampOf(event)),
        },
      };
    }),
    setEndingExpired: assign({ attempt: 1, ending: { status: 'failed' as const, reason: EXPIRED } }),
    setEndingCancelled: assign({ attempt: 1, ending: { status: 'cancelled' as const, reason: CANCELLED } }),
    cancel: assign({ reason: CANCELLED }),
    applyEnding: assign({ reason: ({ context }) => context.ending?.reason ?? null }),
  },
});
