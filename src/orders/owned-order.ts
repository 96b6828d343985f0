import { FillstreamError } from '../errors.ts';
import type { OrderStore, StoredOrder } from '../store/ports.ts';

/**
 * An order of another owner counts as missing.
 * @throws FillstreamError order_not_found
 * @throws StoreUnavailable
 */
export async function loadOwnedOrder(
  store: Pick<OrderStore, 'load'>,
  owner: string,
  orderId: string,
): Promise<StoredOrder> {
  const order = await store.load(orderId);
  if (order?.owner !== owner) throw orderNotFound(orderId);
  return order;
}

export function orderNotFound(orderId: string): FillstreamError {
  return new FillstreamError('order_not_found', `There is no order ${orderId}`);
}
