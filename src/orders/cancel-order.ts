/** Takes a cancellation in: durable in the order's inbox, then acknowledged. The order decides what comes of it. */
import type { OrderStatus } from '../../machines/order/state.ts';
import type { Command } from '../../machines/order/types.ts';
import { FillstreamError, orderNotFound } from '../errors.ts';
import type { WakeQueue } from '../queue/port.ts';
import type { Inbox, StoredOrder } from '../store/ports.ts';
import type { Log } from '../telemetry/log.ts';
import { wakeFor } from './wake-for.ts';

export interface CancelDeps {
  /** An order of this owner. @throws FillstreamError order_not_found */
  readonly load: (owner: string, orderId: string) => Promise<StoredOrder>;
  readonly inbox: Pick<Inbox, 'push'>;
  readonly queue: Pick<WakeQueue, 'wake'>;
  /** Tells the worker that runs the order, wherever it is, to look into its inbox. Throws nothing, promises nothing. */
  readonly notifyCommand: (orderId: string) => void;
  readonly log: Log;
}

export interface CancelRequested {
  readonly orderId: string;
  /** As it was when the command was taken in. */
  readonly status: OrderStatus;
}

/** One an order: asking again adds nothing, so that whoever asks in a loop does not fill the inbox. */
const CANCEL: Command = { type: 'CANCEL', commandId: 'cancel' };

/**
 * Resolves once the command is durable; repeating it does no harm.
 * @throws FillstreamError order_not_found, order_ended
 * @throws StoreUnavailable
 */
export type CancelOrder = (owner: string, orderId: string) => Promise<CancelRequested>;

export function cancelOrder(deps: CancelDeps): CancelOrder {
  return async (owner, orderId) => {
    const order = await deps.load(owner, orderId);
    const pushed = await deps.inbox.push(orderId, CANCEL);
    switch (pushed.outcome) {
      case 'unknown':
        throw orderNotFound(orderId);
      case 'ended':
        throw new FillstreamError('order_ended', `Order ${orderId} has ended: it is ${pushed.status}`);
      case 'accepted':
        deps.notifyCommand(orderId);
        if (pushed.worker === null) wakeFor(deps, { orderId, version: pushed.version });
        return { orderId, status: order.status };
    }
  };
}
