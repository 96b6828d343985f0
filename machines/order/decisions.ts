/**
 * The order machine's judgements as plain functions of what it remembers and what it is told: no clock, no dice, no I/O.
 * The machine in `machine.ts` names them; here is what they mean.
 */
import { backoffDelay } from './retry-policy.ts';
import type {
  EffectName,
  Failure,
  OrderContext,
  OrderInput,
  OrderTerms,
  Reason,
  Stage,
  Stamp,
} from './types.ts';

/** Time and draw of an event. One without (a simulator's) happens at 0 and draws 0. */
export function stampOf(event: object): Stamp {
  const at = 'at' in event && typeof event.at === 'number' ? event.at : 0;
  const draw = 'draw' in event && typeof event.draw === 'number' ? event.draw : 0;
  return { at, draw };
}

const NOTHING_BEGUN: OrderContext['begun'] = {
  quote: 0,
  selectRoute: 0,
  assemble: 0,
  sign: 0,
  broadcast: 0,
  mine: 0,
  confirm: 0,
  cancel: 0,
};

export function initialContext(input: OrderInput): OrderContext {
  return {
    terms: input.terms,
    policy: input.policy,
    attempt: 1,
    waits: 0,
    reroutes: 0,
    begun: NOTHING_BEGUN,
    deadline: validToMs(input.terms.validTo),
    retryAt: null,
    delayMs: 0,
    quotes: [],
    refusals: [],
    route: null,
    swap: null,
    signer: null,
    epoch: 1,
    transactions: [],
    failure: null,
    ending: null,
    reason: null,
    fill: null,
    progress: 0,
  };
}

/** The terms with the minimum that binds the order: the one named, else the one of its first route. */
export function boundTerms({ terms, minBuyAmount, route }: OrderContext): OrderTerms {
  // An order of 0.1 that is under way has only its route.
  return { ...terms, minBuyAmount: terms.minBuyAmount ?? minBuyAmount ?? route?.minBuyAmount ?? null };
}

export const EXPIRED: Reason = { code: 'expired', message: 'validTo passed before the order was executed' };
export const CANCELLED: Reason = { code: 'cancelled_by_user', message: 'Cancelled by the user' };

const FAILURE_KINDS = ['retry', 'wait', 'reroute', 'replace', 'fail'] as const;

/** A failure as an effect threw it, a time-out, or, for anything else that was thrown, one that is worth a retry. */
export function failureOf(event: { readonly type: string; readonly error?: unknown }): Failure {
  if (event.type.startsWith('xstate.after.')) {
    return { kind: 'retry', code: 'timeout', message: 'No answer in time' };
  }
  return isFailure(event.error)
    ? event.error
    : { kind: 'retry', code: 'internal_error', message: 'An effect broke; the log says how' };
}

function isFailure(thrown: unknown): thrown is Failure {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'kind' in thrown &&
    FAILURE_KINDS.some((kind) => kind === thrown.kind) &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    'message' in thrown &&
    typeof thrown.message === 'string'
  );
}

export function attemptsLeft(context: OrderContext, stage: Stage): boolean {
  return context.attempt < context.policy.attempts[stage];
}

export function reroutesLeft(context: OrderContext): boolean {
  return context.reroutes < context.policy.reroutes;
}

export function expired(context: OrderContext, at: number): boolean {
  return at >= validToMs(context.terms.validTo);
}

/**
 * Whether `validTo` comes before the next attempt would. Before submission that ends the order at once, so that
 * nobody watches a countdown to a certain failure.
 */
export function expiresBeforeRetry(context: OrderContext, failure: Failure, stamp: Stamp): boolean {
  return expired(context, stamp.at + delayAfter(context, failure, stamp));
}

/** How far an order is (0-100) while the state that waits for this effect is active. */
export const PROGRESS: Readonly<Record<EffectName, number>> = {
  quote: 10,
  selectRoute: 30,
  assemble: 50,
  sign: 70,
  broadcast: 75,
  mine: 80,
  confirm: 90,
  cancel: 80,
};

/**
 * What changes on entering the state that runs `effect`. Its deadline is not later than `validTo` as long as the swap
 * could still be kept from executing: before submission, and while it waits to be mined.
 */
export function startOf(effect: EffectName, context: OrderContext, at: number) {
  const until = at + context.policy.timeoutMs[effect];
  const validTo = validToMs(context.terms.validTo);
  const isSubmitted = SUBMITTED_EFFECTS.includes(effect);
  const endsWithValidTo = !isSubmitted || (effect === 'mine' && at < validTo);
  return {
    progress: PROGRESS[effect],
    begun: { ...context.begun, [effect]: context.begun[effect] + 1 },
    deadline: endsWithValidTo ? Math.min(until, validTo) : until,
    retryAt: null,
    delayMs: 0,
    ...(isSubmitted ? { failure: null } : {}),
  };
}

const SUBMITTED_EFFECTS: readonly EffectName[] = ['broadcast', 'mine', 'confirm', 'cancel'];

/** The progress of the state that a stage's backoff leads back to. */
function stageProgress(progress: number): number {
  const firsts = [PROGRESS.broadcast, PROGRESS.assemble, PROGRESS.quote];
  return firsts.find((first) => progress >= first) ?? 0;
}

export function backoffAfter(context: OrderContext, failure: Failure, stamp: Stamp) {
  const delayMs = delayAfter(context, failure, stamp);
  return {
    failure,
    waits: failure.kind === 'wait' ? waitsOf(context) + 1 : 0,
    delayMs,
    retryAt: stamp.at + delayMs,
    progress: stageProgress(context.progress),
  };
}

/** Which attempt follows a backoff: a mere wait did not use one up. */
export function nextAttempt(context: OrderContext): number {
  return context.failure?.kind === 'wait' ? context.attempt : context.attempt + 1;
}

/** Why an order that runs out of time, attempts or hope ends. */
export function reasonFor(context: OrderContext, failure: Failure, stamp: Stamp): Reason {
  if (expired(context, stamp.at)) return EXPIRED;
  if (failure.kind !== 'fail' && expiresBeforeRetry(context, failure, stamp)) {
    return { code: 'expired', message: `validTo leaves no time to try again after: ${failure.message}` };
  }
  return { code: failure.code, message: failure.message };
}

/** A longer one would end orders whose `validTo` is near, and come late for a signer that is free again. */
const LONGEST_WAIT_BEFORE_SUBMISSION_MS = 5_000;

/** Waits use up no attempt, and yet come further and further apart: each leaves its mark in the journal. */
function delayAfter(context: OrderContext, { kind }: Failure, { draw }: Stamp): number {
  const { policy, attempt, progress } = context;
  if (kind !== 'wait') return backoffDelay(policy, attempt, draw);
  const isSubmitted = progress >= PROGRESS.broadcast;
  const backoffCapMs = isSubmitted
    ? policy.backoffCapMs
    : Math.min(policy.backoffCapMs, LONGEST_WAIT_BEFORE_SUBMISSION_MS);
  return backoffDelay({ ...policy, backoffCapMs }, attempt + waitsOf(context), draw);
}

function waitsOf({ waits = 0 }: OrderContext): number {
  return waits;
}

function validToMs(validTo: number): number {
  return validTo * 1000;
}
