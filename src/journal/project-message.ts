/**
 * The message of a transition, as a projection of the state that it reached. Its keys, those of nested objects included, are in
 * the order of `messages.ts`.
 */
import { statusOf } from '../../machines/order/state.ts';
import type {
  Failure,
  Fill,
  OrderContext,
  OrderTerms,
  Quote,
  Refusal,
  Stage,
  TransactionRef,
} from '../../machines/order/types.ts';
import type { WaitingFor } from '../protocol/fields.ts';
import type { JournaledMessage } from '../protocol/messages.ts';

interface Transition {
  readonly seq: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** The state reached: `routing.quoting`. */
  readonly state: string;
  readonly context: OrderContext;
  /** Commands without effect, since they came after the order's end; of a final transition only. */
  readonly refused?: readonly string[];
}

export function projectMessage({
  seq,
  at,
  state,
  context,
  refused: late = [],
}: Transition): JournaledMessage {
  const status = statusOf(state);
  const base = {
    orderId: context.terms.orderId,
    seq,
    state,
    progress: context.progress,
    timestamp: iso(at),
  };
  const tooLate = late.length > 0 ? '; a command that came later has no effect' : '';
  const attempt = context.attempt;
  const error = context.failure === null ? {} : { error: explain(context.failure) };
  if (isBackoff(state) && context.failure?.kind !== 'wait') return retry(base, context, stageOf(state));
  const waitingFor = waitingForOf(state, context);
  const waiting = waitingFor === null ? {} : { waitingFor };
  switch (status) {
    case 'pending':
      return { type: 'pending', ...base, progress: 0, ...termsOf(context.terms), message: 'Accepted' };
    case 'routing':
      return {
        type: 'routing',
        ...base,
        attempt,
        ...(state === 'routing.selecting'
          ? { quotes: context.offers.quotes.map(quoted), refusals: context.offers.refusals.map(refused) }
          : {}),
        ...(isBackoff(state) ? {} : error),
        ...waiting,
        message: routingMessage(state, context),
      };
    case 'building':
      return {
        type: 'building',
        ...base,
        attempt,
        venue: context.route?.venue ?? '',
        buyAmount: context.route?.buyAmount ?? '0',
        minBuyAmount: context.route?.minBuyAmount ?? '0',
        ...waiting,
        message: buildingMessage(state, context),
      };
    case 'submitted': {
      const transaction = context.transactions.at(-1);
      return {
        type: 'submitted',
        ...base,
        attempt,
        venue: context.route?.venue ?? '',
        ...(transaction === undefined ? {} : { transaction: sent(transaction) }),
        ...(context.ending === null ? error : { error: explain(context.ending.reason) }),
        ...waiting,
        message: submittedMessage(state, context),
      };
    }
    case 'confirmed': {
      const fill = context.fill;
      return {
        type: 'confirmed',
        ...base,
        progress: 100,
        venue: context.route?.venue ?? '',
        executedSellAmount: fill?.executedSellAmount ?? '0',
        executedBuyAmount: fill?.executedBuyAmount ?? '0',
        transactionHash: fill?.hash ?? '',
        block: fill?.block ?? 0,
        ...(fill?.deviation === undefined ? {} : { deviation: explain(fill.deviation) }),
        message: `Sold ${fill?.executedSellAmount ?? '0'} ${context.terms.sellToken} for ${fill?.executedBuyAmount ?? '0'} ${context.terms.buyToken} on ${context.route?.venue ?? ''}${deviates(fill)}${tooLate}`,
      };
    }
    case 'failed':
    case 'cancelled': {
      const reason = context.reason ?? { code: 'unknown', message: 'No reason was recorded' };
      return {
        type: status,
        ...base,
        progress: 0,
        lastProgress: context.progress,
        reason: explain(reason),
        message: `${reason.message}${tooLate}`,
      };
    }
  }
}

type Base = Pick<JournaledMessage, 'orderId' | 'seq' | 'state' | 'progress' | 'timestamp'>;

/** Null: the order does not wait. In `submitted`, outside of a backoff, a running effect has said what it waits for. */
function waitingForOf(state: string, { failure, backoff: { retryAt } }: OrderContext): WaitingFor | null {
  if (failure === null) return null;
  if (isBackoff(state)) return { ...explain(failure), retryAt: iso(retryAt ?? 0) };
  return stageOf(state) === 'submitted' ? { ...explain(failure), retryAt: null } : null;
}

function retry(base: Base, context: OrderContext, stage: Stage): JournaledMessage {
  const failure: Failure = context.failure ?? {
    kind: 'retry',
    code: 'unknown',
    message: 'No failure was recorded',
  };
  const of = context.ending === null ? context.policy.attempts[stage] : null;
  const next = of === null ? 'trying again' : `attempt ${context.attempt + 1} of ${of}`;
  return {
    type: 'retry',
    ...base,
    attempt: context.attempt,
    of,
    delayMs: context.backoff.delayMs,
    retryAt: iso(context.backoff.retryAt ?? 0),
    error: explain(failure),
    message: `${failure.message}; ${next} in ${seconds(context.backoff.delayMs)}`,
  };
}

/** Undefined outside of a backoff. */
function waitingMessage(state: string, { failure, backoff: { delayMs } }: OrderContext): string | undefined {
  if (!isBackoff(state)) return undefined;
  return `Waiting: ${failure?.message ?? ''}; looking again in ${seconds(delayMs)}`;
}

function isBackoff(state: string): boolean {
  return state.endsWith('.backoff');
}

function stageOf(state: string): Stage {
  return state.startsWith('routing') ? 'routing' : state.startsWith('building') ? 'building' : 'submitted';
}

function routingMessage(state: string, context: OrderContext): string {
  const waiting = waitingMessage(state, context);
  if (waiting !== undefined) return waiting;
  if (state === 'routing.selecting') {
    const quotes = context.offers.quotes.length;
    return `Choosing among ${quotes} quote${quotes === 1 ? '' : 's'}`;
  }
  if (context.attempt > 1) {
    return `Asking the venues, attempt ${context.attempt} of ${context.policy.attempts.routing}`;
  }
  return context.failure === null ? 'Asking the venues' : `Routing again: ${context.failure.message}`;
}

function buildingMessage(state: string, context: OrderContext): string {
  const { venue, why } = context.route ?? { venue: '', why: '' };
  if (state === 'building.signing') return `Signing the swap on ${venue}`;
  return waitingMessage(state, context) ?? `Building the swap on ${venue}: ${why}`;
}

function submittedMessage(state: string, context: OrderContext): string {
  const waiting = waitingMessage(state, context);
  if (waiting !== undefined) return waiting;
  const hash = context.transactions.at(-1)?.hash ?? '';
  if (state === 'submitted.cancelling') {
    return `Replacing ${hash} on its nonce: ${context.ending?.reason.message ?? ''}`;
  }
  if (context.failure !== null) return context.failure.message;
  if (state === 'submitted.broadcasting') return `Sending ${hash}`;
  if (state === 'submitted.mining') return `Waiting for ${hash} to be mined`;
  return `${hash} is mined; waiting for confirmations`;
}

function termsOf(terms: OrderTerms) {
  const { sellToken, buyToken, sellAmount, minBuyAmount, slippageBps, validTo, recipient, clientOrderId } =
    terms;
  return { sellToken, buyToken, sellAmount, minBuyAmount, slippageBps, validTo, recipient, clientOrderId };
}

function explain({ code, message }: { readonly code: string; readonly message: string }) {
  return { code, message };
}

function quoted({ venue, buyAmount, gasCost, gasPriced, block, beforeTransferFees }: Quote): Quote {
  const quote = { venue, buyAmount, gasCost, gasPriced, block };
  return beforeTransferFees === undefined ? quote : { ...quote, beforeTransferFees };
}

function refused({ venue, code, message }: Refusal): Refusal {
  return { venue, code, message };
}

function sent({ hash, signer, nonce, epoch }: TransactionRef): TransactionRef {
  return { hash, signer, nonce, epoch };
}

function deviates(fill: Fill | null): string {
  return fill?.deviation === undefined ? '' : `; not as asked: ${fill.deviation.message}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
