/** Single calls, for programs that make a few: each one opens a client of its own. `url` is the address of the API. */
import type { CancelRequestedView, OrderPageView, OrderView, TransitionsView } from '../protocol/views.ts';
import {
  FillstreamClient,
  type ListFilter,
  type OrderRequest,
  type SubmitOptions,
  type SubmittedOrder,
} from './fillstream-client.ts';

export type { OrderRequest };

const RETRY_FOR_MS = 120_000;

/** Repeated while the server does not answer, or answers 429 or 5xx. */
export function submitOrder(
  url: string,
  order: OrderRequest,
  options: SubmitOptions = {},
): Promise<SubmittedOrder> {
  return new FillstreamClient({ url, retryForMs: RETRY_FOR_MS }).submit(order, options);
}

/** Once, as all that follow. */
export function cancelOrder(url: string, orderId: string): Promise<CancelRequestedView> {
  return once(url).cancel(orderId);
}

export function getOrder(url: string, orderId: string): Promise<OrderView> {
  return once(url).get(orderId);
}

export function listOrders(
  url: string,
  page: ListFilter & { readonly cursor?: string } = {},
): Promise<OrderPageView> {
  return once(url).page(page);
}

export function listTransitions(
  url: string,
  orderId: string,
  page: { readonly after?: number; readonly limit?: number } = {},
): Promise<TransitionsView> {
  return once(url).transitionsPage(orderId, page);
}

function once(url: string): FillstreamClient {
  return new FillstreamClient({ url, retryForMs: 0 });
}
