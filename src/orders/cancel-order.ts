/** Stores a cancellation in the order's inbox and then acknowledges it. The order's machine decides the outcome. */
import type { OrderStatus } from '../../machines/order/state.ts';
import type { Command } from '../../machines/order/types.ts';
import { FillstreamError, orderNotFound } from '../errors.ts';
import type { WakeQueue } from '../queue/port.ts';
import type { Inbox, StoredOrder } from '../store/ports.ts';
import type { Log } from '../telemetry/log.ts';
import { wakeOrder } from './wake-order.ts';

export interface CancelDeps {
  /** An order of this owner. @throws FillstreamError order_not_found */
  readonly load: (owner: string, orderId: string) => Promise<StoredOrder>;
  readonly inbox: Pick<Inbox, 'push'>;
  readonly queue: Pick<WakeQueue, 'wake'>;
  /** Notifies the order's worker that its inbox has a command. Does not throw; the notification may be lost. */
  readonly notifyCommand: (orderId: string) => void;
  readonly log: Log;
}

export interface CancelRequested {
  readonly orderId: string;
  /** The status when the command was stored. */
  readonly status: OrderStatus;
}

/** One command id for all cancellations of an order, so that repeated requests do not fill its inbox. */
const CANCEL: Command = { type: 'CANCEL', commandId: 'cancel' };

/**
 * Resolves once the command is durable. A repetition has no effect.
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
        throw new FillstreamError(
          'order_ended',
          `Order ${orderId} cannot be cancelled: it has ended as ${pushed.status}`,
        );
      case 'accepted':
        deps.notifyCommand(orderId);
        if (pushed.worker === null) wakeOrder(deps, { orderId, version: pushed.version });
        return { orderId, status: order.status };
    }
  };
}
