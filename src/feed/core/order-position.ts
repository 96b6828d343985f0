import { isFinal, statusOf, type OrderStatus } from '../../../machines/order/state.ts';
import type { JournaledMessage } from '../../protocol/messages.ts';
import { readProgress } from '../../journal/stored-context.ts';
import { progressOf } from '../../protocol/views.ts';
import type { StoredOrder } from '../../store/ports.ts';

/** The status and progress of an order whose journal ended at `lastSeq`. */
export interface OrderPosition {
  readonly status: OrderStatus;
  readonly progress: number;
  readonly lastSeq: number;
  /** Left out: it is not known to be held. */
  readonly held?: Held;
}

/** Why no worker of the release that holds the order runs it. */
export type Held = NonNullable<StoredOrder['held']>;

export function positionOf(order: StoredOrder): OrderPosition {
  const { status, lastSeq, held } = order;
  const progress = progressOf(status, { progress: readProgress(order.state.context) });
  return { status, progress, lastSeq, ...(held === null ? {} : { held }) };
}

/** @throws TypeError for a message with an unknown state */
export function positionAfter({ state, progress, seq }: JournaledMessage): OrderPosition {
  return { status: statusOf(state), progress, lastSeq: seq };
}

export function hasEnded({ status }: OrderPosition): boolean {
  return isFinal(status);
}
