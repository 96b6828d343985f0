/**
 * Orders over REST. `url` is the address of the API, such as `http://127.0.0.1:3000`.
 * All functions throw ApiError when the API refuses the request, and ConnectionError when there is no answer.
 */
import type { z } from 'zod';
import type { OrderStatus } from '../../machines/order/state.ts';
import type { submissionSchema } from '../protocol/requests.ts';
import {
  cancelRequestedViewSchema,
  orderPageViewSchema,
  orderViewSchema,
  submittedViewSchema,
  transitionsViewSchema,
  type CancelRequestedView,
  type OrderPageView,
  type OrderView,
  type SubmittedView,
  type TransitionsView,
} from '../protocol/views.ts';
import { ApiError, ConnectionError, getJson, postJson } from './http.ts';

/** The body of a submission. */
export type OrderRequest = z.input<typeof submissionSchema>;

export interface SubmitOptions {
  /** Submissions with the same key make one order. Default: a random key. */
  readonly idempotencyKey?: string;
  /** How long the submission is repeated while the server does not answer, or answers 429 or 5xx. */
  readonly retryForMs?: number;
}

export interface SubmittedOrder extends SubmittedView {
  /** False: an earlier submission with this key made the order. */
  readonly created: boolean;
}

const CREATED = 201;
const RETRY_FOR_MS = 120_000;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 500;

/** Resolves when the order is accepted. Repeating the request is safe because of its key. */
export async function submitOrder(
  url: string,
  order: OrderRequest,
  { idempotencyKey = crypto.randomUUID(), retryForMs = RETRY_FOR_MS }: SubmitOptions = {},
): Promise<SubmittedOrder> {
  const retryUntil = Date.now() + retryForMs;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs + FIRST_DELAY_MS, LONGEST_DELAY_MS)) {
    try {
      const headers = { 'idempotency-key': idempotencyKey };
      const { status, body } = await postJson(
        `${url}/api/orders/execute`,
        submittedViewSchema,
        order,
        headers,
      );
      return { ...body, created: status === CREATED };
    } catch (error) {
      if (!isRetryable(error) || Date.now() >= retryUntil) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

/** Requests a cancellation. Resolves when the request is stored: the order may still be filled. */
export async function cancelOrder(url: string, orderId: string): Promise<CancelRequestedView> {
  return (await postJson(`${orderUrl(url, orderId)}/cancel`, cancelRequestedViewSchema, {})).body;
}

export async function getOrder(url: string, orderId: string): Promise<OrderView> {
  return (await getJson(orderUrl(url, orderId), orderViewSchema)).body;
}

export interface ListOptions {
  readonly status?: OrderStatus;
  readonly clientOrderId?: string;
  /** 1 to 200. */
  readonly limit?: number;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** One page of orders, newest first. */
export async function listOrders(url: string, options: ListOptions = {}): Promise<OrderPageView> {
  return (await getJson(`${url}/api/orders${queryOf(options)}`, orderPageViewSchema)).body;
}

export interface TransitionsOptions {
  /** A seq: the page begins with the entry after it. */
  readonly after?: number;
  /** 1 to 200. */
  readonly limit?: number;
}

/** One page of an order's journal. */
export async function listTransitions(
  url: string,
  orderId: string,
  options: TransitionsOptions = {},
): Promise<TransitionsView> {
  const path = `${orderUrl(url, orderId)}/transitions${queryOf(options)}`;
  return (await getJson(path, transitionsViewSchema)).body;
}

function orderUrl(url: string, orderId: string): string {
  return `${url}/api/orders/${orderId}`;
}

function queryOf(options: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options)) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** No answer, too many orders, or a failure of the server. */
function isRetryable(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429;
  return error instanceof ConnectionError;
}
