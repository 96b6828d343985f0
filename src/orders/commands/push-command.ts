/** Stores a command in the inbox of an order and then notifies its worker. The order's machine decides what comes of it. */
import type { Command } from '../../../machines/order/types.ts';
import { FillstreamError, orderNotFound } from '../../errors.ts';
import type { WakeQueue } from '../../queue/port.ts';
import type { Inbox, StoredOrder } from '../../store/ports.ts';
import type { Log } from '../../telemetry/log.ts';
import { wakeOrder } from '../wake-order.ts';

export interface CommandDeps {
  /** An order of this owner. @throws FillstreamError order_not_found */
  readonly load: (owner: string, orderId: string) => Promise<StoredOrder>;
  readonly inbox: Pick<Inbox, 'push'>;
  readonly queue: Pick<WakeQueue, 'wake'>;
  /** Notifies the order's worker that its inbox has a command. Does not throw; the notification may be lost. */
  readonly notifyCommand: (orderId: string) => void;
  readonly log: Log;
}

/**
 * Resolves once the command is durable. A command whose id is in the inbox has no effect.
 * @param refused why an order that has ended does not take it: `cannot be cancelled`
 * @throws FillstreamError order_not_found, order_ended
 * @throws StoreUnavailable
 */
export async function pushCommand(
  deps: CommandDeps,
  orderId: string,
  command: Command,
  refused: string,
): Promise<void> {
  const pushed = await deps.inbox.push(orderId, command);
  switch (pushed.outcome) {
    case 'unknown':
      throw orderNotFound(orderId);
    case 'ended':
      throw new FillstreamError(
        'order_ended',
        `Order ${orderId} ${refused}: it has ended as ${pushed.status}`,
      );
    case 'accepted':
      deps.notifyCommand(orderId);
      if (pushed.worker === null) wakeOrder(deps, { orderId, version: pushed.version });
  }
}
