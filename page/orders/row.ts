/** What the list shows of an order: from REST, and moved on by the entries of its stream. */
import type { JournaledMessage } from '../../src/protocol/messages.ts';
import type { OrderView } from '../../src/protocol/views.ts';

export interface Row {
  readonly orderId: string;
  readonly clientOrderId: string | null;
  readonly status: string;
  readonly state: string;
  /** Also of an order that ended unfilled: how far it came. */
  readonly progress: number;
  readonly lastSeq: number;
  readonly attempt: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly sellToken: string | null;
  readonly buyToken: string | null;
  readonly sellAmount: string | null;
  readonly executedBuyAmount: string | null;
  /** What it waits for, or why it ended or is held. */
  readonly note: { readonly code: string; readonly message: string } | null;
  readonly isWaiting: boolean;
  readonly isHeld: boolean;
}

/** The first entry of an order may carry its terms. */
export function rowOfFirst(message: JournaledMessage): Row | null {
  const terms: Readonly<Record<string, unknown>> = { ...message };
  const text = (name: string): string | null => {
    const value = terms[name];
    return typeof value === 'string' ? value : null;
  };
  if (message.type !== 'pending' || text('sellToken') === null) return null;
  const at = Date.parse(message.timestamp);
  return {
    orderId: message.orderId,
    clientOrderId: text('clientOrderId'),
    status: 'pending',
    state: message.state,
    progress: 0,
    lastSeq: 0,
    attempt: 1,
    createdAt: at,
    updatedAt: at,
    sellToken: text('sellToken'),
    buyToken: text('buyToken'),
    sellAmount: text('sellAmount'),
    executedBuyAmount: null,
    note: null,
    isWaiting: false,
    isHeld: false,
  };
}

export function afterMessage(row: Row, message: JournaledMessage): Row {
  const waitingFor = 'waitingFor' in message ? (message.waitingFor ?? null) : null;
  const error = 'error' in message ? (message.error ?? null) : null;
  const reason = 'reason' in message ? message.reason : null;
  const deviation = 'deviation' in message ? (message.deviation ?? null) : null;
  return {
    ...row,
    status: message.state.split('.', 1)[0] ?? row.status,
    state: message.state,
    progress: 'lastProgress' in message ? message.lastProgress : message.progress,
    lastSeq: message.seq,
    attempt: 'attempt' in message ? message.attempt : row.attempt,
    updatedAt: Date.parse(message.timestamp),
    executedBuyAmount: message.type === 'confirmed' ? message.executedBuyAmount : row.executedBuyAmount,
    note: reason ?? deviation ?? waitingFor ?? error,
    isWaiting: message.type === 'retry' || waitingFor?.retryAt != null,
  };
}

export function rowOf(order: OrderView): Row {
  return {
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    status: order.status,
    state: order.state,
    progress: order.status === 'failed' || order.status === 'cancelled' ? order.lastProgress : order.progress,
    lastSeq: order.lastSeq,
    attempt: order.attempt,
    createdAt: Date.parse(order.createdAt),
    updatedAt: Date.parse(order.updatedAt),
    sellToken: order.sellToken,
    buyToken: order.buyToken,
    sellAmount: order.sellAmount,
    executedBuyAmount: order.executedBuyAmount,
    note: order.held ?? order.reason ?? order.deviation ?? order.waitingFor,
    isWaiting: order.waitingFor?.retryAt != null,
    isHeld: order.held !== null,
  };
}
