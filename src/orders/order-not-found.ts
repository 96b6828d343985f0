import { FillstreamError } from '../errors.ts';

export function orderNotFound(orderId: string): FillstreamError {
  return new FillstreamError('order_not_found', `There is no order ${orderId}`);
}
