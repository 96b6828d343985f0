/** The client of the API, for Node.js, Bun, Deno and browsers. */
import type { z } from 'zod';
import type { OrderStatus } from '../../machines/order/state.ts';
import type { submissionSchema } from '../protocol/requests.ts';
import type {
  CancelRequestedView,
  DryRunView as DryRun,
  OrderCountsView,
  OrderPageView,
  OrderView,
  QuotesView as Quotes,
  RetryRequestedView,
  SubmittedView,
  TransitionsView,
  TransitionView,
} from '../protocol/views.ts';
import { Endpoints } from './endpoints.ts';
import { StreamError } from './errors.ts';
import {
  followOrder,
  followOrders,
  isFinalMessage,
  type FinalMessage,
  type FollowContext,
  type FollowHandlers,
  type Resync,
} from './follow.ts';
import { Rest, type CallOptions } from './rest.ts';
import { SocketIoTransport } from './transports/socket-io.ts';
import { SseTransport } from './transports/sse.ts';
import type { After, JournaledMessage, OrdersFilter, Transport } from './transports/transport.ts';
import { isNode, WebSocketTransport, type OpenWebSocket } from './transports/websocket.ts';
import { openWatch, type Watch } from './watch.ts';

export interface ClientOptions {
  /** Of the API, as `https://swaps.example` or `http://127.0.0.1:3000`. Of several, the next one is used where one fails. */
  readonly url: string | readonly string[];
  /** Sent as `Authorization: Bearer <key>`. */
  readonly apiKey?: string;
  /**
   * How orders are followed; `sse` by default.
   * - `sse`: needs nothing but `fetch`. A browser opens at most six such connections to a server, those of all its tabs included.
   * - `websocket`: one WebSocket an order; all orders come as `sse`. In Node.js it needs the package `ws`. In a browser, which sends no
   *   headers with a WebSocket, a client with an `apiKey` uses `sse` instead.
   * - `socket.io`: one connection for all orders that are followed; needs the package `socket.io-client`.
   */
  readonly transport?: 'sse' | 'websocket' | 'socket.io';
  /** How long a call is repeated while the server does not answer, or answers 429 or 5xx. 30,000. */
  readonly retryForMs?: number;
  /** How long one answer may take. 15,000. */
  readonly timeoutMs?: number;
  /** A stream without a message or heartbeat for so long counts as lost. 45,000: three heartbeats of a server by default. */
  readonly silenceMs?: number;
  /** Instead of the platform's. */
  readonly fetch?: typeof fetch;
  /** Instead of the platform's, or `ws`. */
  readonly openWebSocket?: OpenWebSocket;
}

/** The body of a submission. */
export type OrderRequest = z.input<typeof submissionSchema>;

export interface SubmitOptions extends CallOptions {
  /** Submissions with the same key and body make one order. Default: a random key, the same in each repetition of this call. */
  readonly idempotencyKey?: string;
}

export interface SubmittedOrder extends SubmittedView {
  /** False: an earlier submission with this key made the order. */
  readonly created: boolean;
}

export interface ListFilter {
  readonly status?: OrderStatus;
  readonly clientOrderId?: string;
  /** Orders that a page has: 1 to 200. */
  readonly limit?: number;
}

export interface WatchOptions extends FollowHandlers {
  readonly signal?: AbortSignal;
}

export interface Token {
  readonly symbol: string;
  readonly address: string;
  readonly decimals: number;
}

const CREATED = 201;
const PAGE = 200;

/**
 * All calls throw ApiError when the API refuses the request, ConnectionError when there is no answer, and the reason of an aborted
 * `signal`. They are repeated for `retryForMs` first, where that can help.
 */
export class FillstreamClient {
  readonly #endpoints: Endpoints;
  readonly #rest: Rest;
  readonly #transport: Transport;

  /** @throws TypeError for an address that is not http:// or https:// */
  constructor(options: ClientOptions) {
    const { url, apiKey, retryForMs = 30_000, timeoutMs = 15_000 } = options;
    // Called as a method of another object, a browser's `fetch` throws.
    const fetch: typeof globalThis.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    this.#endpoints = new Endpoints(url);
    this.#rest = new Rest({ endpoints: this.#endpoints, headers, fetch, timeoutMs, retryForMs });
    this.#transport = transportOf(options, fetch, headers);
  }

  /** Resolves when the order is accepted and durable. A repetition after a lost answer finds the order that was made. */
  async submit(order: OrderRequest, options: SubmitOptions = {}): Promise<SubmittedOrder> {
    const { idempotencyKey = randomKey(), ...call } = options;
    const headers = { 'idempotency-key': idempotencyKey };
    const { status, body } = await this.#rest.call({
      path: '/api/orders/execute',
      body: order,
      headers,
      ...call,
    });
    return { ...(body as SubmittedView), created: status === CREATED };
  }

  /** What an order with this body would get now, from which venue and why. Nothing is reserved. */
  async quote(order: OrderRequest, options: CallOptions = {}): Promise<Quotes> {
    return (await this.#rest.call({ path: '/api/quotes', body: order, ...options })).body as Quotes;
  }

  /** Makes all checks of a submission and stores nothing. @throws ApiError as `submit` does where the order would be refused */
  async dryRun(order: OrderRequest, options: SubmitOptions = {}): Promise<DryRun> {
    const { idempotencyKey, ...call } = options;
    const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    const query = { dryRun: true };
    const { body } = await this.#rest.call({
      path: '/api/orders/execute',
      query,
      body: order,
      headers,
      ...call,
    });
    return body as DryRun;
  }

  get(orderId: string, options: CallOptions = {}): Promise<OrderView> {
    return this.#read(orderPath(orderId), {}, options);
  }

  /** One page, newest first. @param cursor the `nextCursor` of the page before */
  page(
    filter: ListFilter & { readonly cursor?: string } = {},
    options: CallOptions = {},
  ): Promise<OrderPageView> {
    return this.#read('/api/orders', filter, options);
  }

  /** All orders, newest first, read page by page. None comes twice or is missed while new ones are made. */
  async *list(
    filter: ListFilter = {},
    options: CallOptions = {},
  ): AsyncGenerator<OrderView, void, undefined> {
    let cursor: string | null = null;
    do {
      const from = cursor === null ? {} : { cursor };
      const page: OrderPageView = await this.page({ limit: PAGE, ...filter, ...from }, options);
      yield* page.orders;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  /** How many orders there are, by status and reason. */
  counts(options: CallOptions = {}): Promise<OrderCountsView> {
    return this.#read('/api/orders/counts', {}, options);
  }

  /** Ends the backoff of an order: its next attempt begins at once. Safe to repeat. */
  async retry(orderId: string, options: CallOptions = {}): Promise<RetryRequestedView> {
    return (await this.#rest.call({ path: `${orderPath(orderId)}/retry`, body: {}, ...options }))
      .body as RetryRequestedView;
  }

  /** How the server and its parts are, as JSON that is not checked. */
  health(options: CallOptions = {}): Promise<unknown> {
    return this.#read('/health', {}, options);
  }

  /** Requests a cancellation. Resolves when the request is stored: the order may still be filled. Safe to repeat. */
  async cancel(orderId: string, options: CallOptions = {}): Promise<CancelRequestedView> {
    return (await this.#rest.call({ path: `${orderPath(orderId)}/cancel`, body: {}, ...options }))
      .body as CancelRequestedView;
  }

  /** One page of an order's journal. @param page `after`: it begins with the entry after this seq; `limit`: 1 to 200 */
  transitionsPage(
    orderId: string,
    page: { readonly after?: number; readonly limit?: number } = {},
    options: CallOptions = {},
  ): Promise<TransitionsView> {
    return this.#read(`${orderPath(orderId)}/transitions`, page, options);
  }

  /** An order's journal up to now, read page by page. */
  async *transitions(
    orderId: string,
    { after = 0 }: { readonly after?: number } = {},
    options: CallOptions = {},
  ): AsyncGenerator<TransitionView, void, undefined> {
    for (let from = after, isMore = true; isMore;) {
      const page = await this.transitionsPage(orderId, { after: from }, options);
      yield* page.transitions;
      from = page.nextAfter;
      isMore = page.links.next !== null;
    }
  }

  /** Empty: the server knows none, as in the simulation. */
  async tokens(options: CallOptions = {}): Promise<readonly Token[]> {
    return (await this.#read<{ readonly tokens: readonly Token[] }>('/api/tokens', {}, options)).tokens;
  }

  /**
   * An order's entries, each once and in order, over lost connections and changes of server, until the order has ended.
   * @param options `after`: the seq to begin after (0), or `latest`: only what follows
   * @throws StreamError, ApiError when the server refuses, and the signal's reason; from the iteration
   */
  watch(orderId: string, options: WatchOptions & { readonly after?: After } = {}): Watch<JournaledMessage> {
    return openWatch(
      (signal) => followOrder(this.#follow(options, signal), orderId, options.after ?? 0),
      options.signal,
    );
  }

  /**
   * The entries of all orders from now on, each once, those of an order in its order, over lost connections and changes of server. It ends
   * with `close`, the signal, or an error. A `resync` among them says that entries may be missing before it: read the orders again.
   * @param options `token`: resumes where a stream ended, from its last token
   */
  watchAll(
    filter: OrdersFilter = {},
    options: WatchOptions & { readonly token?: string } = {},
  ): Watch<JournaledMessage | Resync> {
    const { token = null } = options;
    return openWatch((signal) => followOrders(this.#follow(options, signal), filter, token), options.signal);
  }

  /** The last entry of the order, once it has ended. */
  async waitFor(orderId: string, options: WatchOptions = {}): Promise<FinalMessage> {
    for await (const entry of this.watch(orderId, options)) if (isFinalMessage(entry)) return entry;
    throw new StreamError(
      'internal_error',
      `the stream of order ${orderId} ended before the order did`,
      null,
      null,
    );
  }

  #follow({ onMessage, onLink }: WatchOptions, signal: AbortSignal): FollowContext {
    const handlers = {
      ...(onMessage === undefined ? {} : { onMessage }),
      ...(onLink === undefined ? {} : { onLink }),
    };
    return { endpoints: this.#endpoints, transport: this.#transport, handlers, signal };
  }

  async #read<Body>(path: string, query: object, options: CallOptions): Promise<Body> {
    return (await this.#rest.call({ path, query, ...options })).body as Body;
  }
}

function transportOf(
  { transport = 'sse', apiKey, silenceMs = 45_000, openWebSocket }: ClientOptions,
  fetch: typeof globalThis.fetch,
  headers: Readonly<Record<string, string>>,
): Transport {
  if (transport === 'socket.io') return new SocketIoTransport({ apiKey, headers });
  const sse = new SseTransport({ fetch, headers, silenceMs });
  const needsHeaders = apiKey !== undefined && openWebSocket === undefined;
  if (transport === 'sse' || (needsHeaders && !isNode())) return sse;
  const websocket = new WebSocketTransport({ open: openWebSocket, headers, silenceMs });
  return { order: (connect) => websocket.order(connect), orders: (connect) => sse.orders(connect) };
}

function orderPath(orderId: string): string {
  return `/api/orders/${encodeURIComponent(orderId)}`;
}

/** 128 random bits. (`crypto.randomUUID` is missing in pages that come over plain http.) */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
