/** Stores a cancellation in the order's inbox and then acknowledges it. The order's machine decides the outcome. */
import type { OrderStatus } from '../../../machines/order/state.ts';
import type { Command } from '../../../machines/order/types.ts';
import { pushCommand, type CommandDeps } from './push-command.ts';

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

export function cancelOrder(deps: CommandDeps): CancelOrder {
  return async (owner, orderId) => {
    const order = await deps.load(owner, orderId);
    await pushCommand(deps, orderId, CANCEL, 'cannot be cancelled');
    return { orderId, status: order.status };
  };
}
