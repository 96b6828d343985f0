/** The REST views of a stored order and of its journal. */
import { isFinal, statePath } from '../../../machines/order/state.ts';
import type { JournalEntry } from '../../journal/entry.ts';
import { readStoredContext, type StoredContext } from '../../journal/stored-context.ts';
import { viewTransactions } from './view-transactions.ts';
import { orderLinks, progressOf, type OrderView, type TransitionView } from '../../protocol/views.ts';
import type { StoredOrder } from '../../store/ports.ts';

/**
 * Does not throw, whatever the order's context holds: old and held orders have a view, too.
 * @param linkPrefix stands before the paths of its links: `` or `/prefix`
 */
export function viewOrder(order: StoredOrder, linkPrefix: string): OrderView {
  const context = readStoredContext(order.state.context);
  const { terms, fill } = context;
  const state = statePath(order.state.value);
  return {
    orderId: order.orderId,
    status: order.status,
    state,
    progress: progressOf(order.status, context),
    lastProgress: context.progress,
    lastSeq: order.lastSeq,
    attempt: context.attempt,
    createdAt: isoTime(order.createdAt),
    updatedAt: isoTime(order.updatedAt),
    sellToken: terms.sellToken,
    buyToken: terms.buyToken,
    sellAmount: terms.sellAmount,
    minBuyAmount: terms.minBuyAmount,
    slippageBps: terms.slippageBps,
    validTo: terms.validTo,
    recipient: terms.recipient,
    clientOrderId: order.clientOrderId,
    quotes: context.quotes.map(({ venue, buyAmount, gasCost, gasPriced, block, beforeTransferFees }) => ({
      venue,
      buyAmount,
      gasCost,
      gasPriced,
      block,
      ...(beforeTransferFees === undefined ? {} : { beforeTransferFees }),
    })),
    venue: context.route?.venue ?? null,
    transactions: viewTransactions(context),
    executedSellAmount: fill?.executedSellAmount ?? null,
    executedBuyAmount: fill?.executedBuyAmount ?? null,
    deviation: explain(fill?.deviation ?? null),
    reason: explain(context.reason),
    waitingFor: waitingFor(order, state, context),
    held: order.held,
    links: orderLinks(order.orderId, linkPrefix),
  };
}

export function viewTransition(entry: JournalEntry): TransitionView {
  const { seq, at, state, machineVersion, event, edges, message, refused } = entry;
  return {
    seq,
    at: isoTime(at),
    state,
    machineVersion,
    event,
    edges: [...edges],
    message,
    ...(refused === undefined ? {} : { refused: [...refused] }),
  };
}

function waitingFor(order: StoredOrder, state: string, context: StoredContext): OrderView['waitingFor'] {
  const failure = explain(context.failure);
  if (failure === null || isFinal(order.status)) return null;
  if (state.endsWith('.backoff')) {
    return { ...failure, retryAt: context.retryAt === null ? null : isoTime(context.retryAt) };
  }
  // Before submission, outside a backoff, the failed effect is already running again.
  return order.status === 'submitted' ? { ...failure, retryAt: null } : null;
}

function explain(cause: { readonly code: string; readonly message: string } | null) {
  return cause === null ? null : { code: cause.code, message: cause.message };
}

/** A damaged order may have any number as a time. */
function isoTime(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}
