import { isFinal, statusOf, type OrderStatus } from '../../machines/order/state.ts';
import type { JournaledMessage } from '../protocol/messages.ts';
import { readContext } from '../protocol/recorded-context.ts';
import { progressOf } from '../protocol/views.ts';
import type { StoredOrder } from '../store/ports.ts';

/** Where an order stood when its journal ended at `lastSeq`. */
export interface Standing {
  readonly status: OrderStatus;
  readonly progress: number;
  readonly lastSeq: number;
}

export function standingOf(order: StoredOrder): Standing {
  const { status, lastSeq } = order;
  return { status, progress: progressOf(status, readContext(order.state.context)), lastSeq };
}

/** @throws TypeError for a message whose state is none of an order */
export function standingAfter({ state, progress, seq }: JournaledMessage): Standing {
  return { status: statusOf(state), progress, lastSeq: seq };
}

export function hasEnded({ status }: Standing): boolean {
  return isFinal(status);
}
