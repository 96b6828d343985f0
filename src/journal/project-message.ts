/** What a transition tells its watchers: the wire message as a projection of the state that was reached. */
import { statusOf } from '../../machines/order/state.ts';
import type { OrderContext, Stage } from '../../machines/order/types.ts';
import type { JournaledMessage } from '../protocol/messages.ts';

interface Transition {
  readonly seq: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** The state reached: `routing.quoting`. */
  readonly state: string;
  readonly context: OrderContext;
  /** Commands that a final transition leaves without effect. */
  readonly refused?: readonly string[];
}

export function projectMessage({ seq, at, state, context, refused = [] }: Transition): JournaledMessage {
  const status = statusOf(state);
  const base = {
    orderId: context.terms.orderId,
    seq,
    state,
    progress: context.progress,
    timestamp: new Date(at).toISOString(),
  };
  const late = refused.length > 0 ? '; a command that came later has no effect' : '';
  const attempt = context.attempt;
  const error = context.failure === null ? {} : { error: explain(context.failure) };

  if (state.endsWith('.backoff')) return retry(base, context, stageOf(state));
  switch (status) {
    case 'pending':
      return { type: 'pending', ...base, progress: 0, message: 'Accepted' };
    case 'routing':
      return {
        type: 'routing',
        ...base,
        attempt,
        ...(state === 'routing.selecting'
          ? { quotes: [...context.quotes], refusals: [...context.refusals] }
          : {}),
        ...error,
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
        message:
          state === 'building.signing'
            ? `Signing the swap on ${context.route?.venue ?? ''}`
            : `Building the swap on ${context.route?.venue ?? ''}: ${context.route?.why ?? ''}`,
      };
    case 'submitted': {
      const transaction = context.transactions.at(-1);
      return {
        type: 'submitted',
        ...base,
        attempt,
        venue: context.route?.venue ?? '',
        ...(transaction === undefined ? {} : { transaction }),
        ...(context.ending === null ? error : { error: explain(context.ending.reason) }),
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
        message: `Sold ${fill?.executedSellAmount ?? '0'} ${context.terms.sellToken} for ${fill?.executedBuyAmount ?? '0'} ${context.terms.buyToken} on ${context.route?.venue ?? ''}${late}`,
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
        message: `${reason.message}${late}`,
      };
    }
  }
}

type Base = Pick<JournaledMessage, 'orderId' | 'seq' | 'state' | 'progress' | 'timestamp'>;

function retry(base: Base, context: OrderContext, stage: Stage): JournaledMessage {
  const failure = context.failure ?? { kind: 'retry', code: 'unknown', message: 'No failure was recorded' };
  const counted = context.ending === null && failure.kind !== 'wait';
  const of = counted ? context.policy.attempts[stage] : null;
  const seconds = (context.delayMs / 1000).toFixed(1);
  return {
    type: 'retry',
    ...base,
    attempt: context.attempt,
    of,
    delayMs: context.delayMs,
    retryAt: new Date(context.retryAt ?? 0).toISOString(),
    error: explain(failure),
    message:
      of === null
        ? `${failure.message}; looking again in ${seconds} s`
        : `${failure.message}; attempt ${context.attempt + 1} of ${of} in ${seconds} s`,
  };
}

function stageOf(state: string): Stage {
  return state.startsWith('routing') ? 'routing' : state.startsWith('building') ? 'building' : 'submitted';
}

function routingMessage(state: string, context: OrderContext): string {
  if (state === 'routing.selecting') {
    const quotes = context.quotes.length;
    return `Choosing among ${quotes} quote${quotes === 1 ? '' : 's'}`;
  }
  if (context.attempt > 1) {
    return `Asking the venues, attempt ${context.attempt} of ${context.policy.attempts.routing}`;
  }
  return context.failure === null ? 'Asking the venues' : `Routing again: ${context.failure.message}`;
}

function submittedMessage(state: string, context: OrderContext): string {
  const hash = context.transactions.at(-1)?.hash ?? '';
  if (state === 'submitted.cancelling') {
    return `Replacing ${hash} on its nonce: ${context.ending?.reason.message ?? ''}`;
  }
  if (context.failure !== null) return context.failure.message;
  if (state === 'submitted.broadcasting') return `Sending ${hash}`;
  if (state === 'submitted.mining') return `Waiting for ${hash} to be mined`;
  return `${hash} is mined; waiting for confirmations`;
}

function explain({ code, message }: { readonly code: string; readonly message: string }) {
  return { code, message };
}
