/** The rules of the order machine, as pure functions of its context and an event: no clock, no randomness, no I/O. */
import { backoffDelay } from './retry-policy.ts';
import type {
  EffectName,
  Failure,
  NonceReceipt,
  OrderContext,
  OrderInput,
  OrderTerms,
  Reason,
  Stage,
  Stamp,
} from './types.ts';

/** Time and draw of an event. An event without them, such as one of Stately's simulator, has 0 for both. */
export function stampOf(event: object): Stamp {
  const at = 'at' in event && typeof event.at === 'number' ? event.at : 0;
  const draw = 'draw' in event && typeof event.draw === 'number' ? event.draw : 0;
  return { at, draw };
}

const NO_EFFECTS_BEGUN: OrderContext['effects']['begun'] = {
  quote: 0,
  selectRoute: 0,
  assemble: 0,
  sign: 0,
  broadcast: 0,
  mine: 0,
  confirm: 0,
  cancel: 0,
};

const NO_BACKOFF: OrderContext['backoff'] = { retryAt: null, delayMs: 0 };

export function initialContext(input: OrderInput): OrderContext {
  return {
    terms: input.terms,
    policy: input.policy,
    attempt: 1,
    waits: 0,
    reroutes: 0,
    effects: { begun: NO_EFFECTS_BEGUN, deadline: validToMs(input.terms.validTo) },
    backoff: NO_BACKOFF,
    offers: { quotes: [], refusals: [] },
    route: null,
    built: { swap: null, signer: null },
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

/**
 * The receipts after an effect has looked at the nonce of the present epoch: of one nonce the last receipt counts, and none where the
 * chain took it back. A journal of 0.2 has none, and its replay adds none.
 */
export function receiptsAfter(
  { receipts, epoch }: OrderContext,
  output: { readonly outcome: string; readonly receipt?: NonceReceipt },
): Pick<OrderContext, 'receipts'> {
  const { outcome, receipt } = output;
  const isTakenBack = outcome === 'reorganised' || outcome === 'dropped';
  const isUnchanged = receipt === undefined && (receipts === undefined || !isTakenBack);
  if (isUnchanged) return {};
  const others = (receipts ?? []).filter((each) => each.epoch !== (receipt?.epoch ?? epoch));
  return { receipts: receipt === undefined ? others : [...others, receipt] };
}

export const EXPIRED: Reason = { code: 'expired', message: 'validTo passed before the order was executed' };
export const CANCELLED: Reason = { code: 'cancelled_by_user', message: 'Cancelled by the user' };

const FAILURE_KINDS = ['retry', 'wait', 'reroute', 'replace', 'fail'] as const;

/** The failure that an effect threw; for a time-out, and for any other thrown value, a failure to retry. */
export function failureOf(event: { readonly type: string; readonly error?: unknown }): Failure {
  if (event.type.startsWith('xstate.after.')) {
    return { kind: 'retry', code: 'timeout', message: 'No answer in time' };
  }
  return isFailure(event.error)
    ? event.error
    : { kind: 'retry', code: 'internal_error', message: 'An effect failed unexpectedly; see the log' };
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
 * Whether `validTo` comes before the next attempt. Before submission such an order ends at once, instead of counting down to
 * a certain failure.
 */
export function expiresBeforeRetry(context: OrderContext, failure: Failure, stamp: Stamp): boolean {
  return expired(context, stamp.at + delayAfter(context, failure, stamp));
}

/** Progress (0-100) of an order in the state that waits for this effect. */
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
 * What changes in the context on entering the state that runs `effect`. The deadline is at most `validTo` while the swap can
 * still be prevented: before submission, and while it waits to be mined.
 */
export function enterEffect(effect: EffectName, context: OrderContext, at: number) {
  const { begun } = context.effects;
  const until = at + context.policy.timeoutMs[effect];
  const validTo = validToMs(context.terms.validTo);
  const isSubmitted = SUBMITTED_EFFECTS.includes(effect);
  const endsWithValidTo = !isSubmitted || (effect === 'mine' && at < validTo);
  return {
    progress: PROGRESS[effect],
    effects: {
      begun: { ...begun, [effect]: begun[effect] + 1 },
      deadline: endsWithValidTo ? Math.min(until, validTo) : until,
    },
    backoff: NO_BACKOFF,
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
    backoff: { retryAt: stamp.at + delayMs, delayMs },
    progress: stageProgress(context.progress),
  };
}

/** The number of the attempt after a backoff. A wait does not use up an attempt. */
export function nextAttempt(context: OrderContext): number {
  return context.failure?.kind === 'wait' ? context.attempt : context.attempt + 1;
}

/** Why the order ends: it ran out of time or attempts, or the failure is final. */
export function reasonFor(context: OrderContext, failure: Failure, stamp: Stamp): Reason {
  // The effect says what the order waited for until then.
  if (failure.code === EXPIRED.code) return { code: failure.code, message: failure.message };
  if (expired(context, stamp.at)) return EXPIRED;
  if (failure.kind !== 'fail' && expiresBeforeRetry(context, failure, stamp)) {
    return { code: 'expired', message: `validTo leaves no time to try again after: ${failure.message}` };
  }
  return { code: failure.code, message: failure.message };
}

/** A longer wait would end orders whose `validTo` is near, and leave a signer that is free again idle. */
const LONGEST_WAIT_BEFORE_SUBMISSION_MS = 5_000;

/** Waits do not use up attempts, but their delays grow too, because each wait adds journal entries. */
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
