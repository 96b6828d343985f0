/** Ends the backoff of an order that waits: its next attempt begins at once. */
import { isFinal, statePath, type OrderStatus } from '../../../machines/order/state.ts';
import { FillstreamError } from '../../errors.ts';
import { readStoredContext } from '../../journal/stored-context.ts';
import { pushCommand, type CommandDeps } from './push-command.ts';

export interface RetryRequested {
  readonly orderId: string;
  /** The status when the command was stored. */
  readonly status: OrderStatus;
  /** False: the order was in no backoff, and nothing was stored. */
  readonly waited: boolean;
}

/**
 * Resolves once the command is durable. It names the backoff that was seen, by the time at which it would end, so that a repetition
 * has no effect, and a late command does not end a later backoff.
 * @throws FillstreamError order_not_found, order_ended
 * @throws StoreUnavailable
 */
export type RetryOrder = (owner: string, orderId: string) => Promise<RetryRequested>;

export function retryOrder(deps: CommandDeps): RetryOrder {
  return async (owner, orderId) => {
    const { status, state } = await deps.load(owner, orderId);
    if (isFinal(status)) {
      throw new FillstreamError(
        'order_ended',
        `Order ${orderId} cannot be retried: it has ended as ${status}`,
      );
    }
    const { retryAt } = readStoredContext(state.context);
    if (retryAt === null || !statePath(state.value).endsWith('.backoff')) {
      return { orderId, status, waited: false };
    }
    const command = { type: 'RETRY_NOW', commandId: `retry-${retryAt}`, retryAt } as const;
    await pushCommand(deps, orderId, command, 'cannot be retried');
    return { orderId, status, waited: true };
  };
}
