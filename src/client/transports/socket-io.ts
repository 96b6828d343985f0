/**
 * Socket.IO: one connection carries all orders that a client follows. All orders of an owner have a connection of their own, because
 * entries that come for both subscriptions could not be told apart. `socket.io-client` is loaded when the first one connects.
 */
import type { Socket } from 'socket.io-client';
import type { Message, OrdersMessage } from '../../protocol/messages.ts';
import { onAbort } from '../pause.ts';
import { MessageQueue } from './message-queue.ts';
import { isOrdersMessage, readMessage } from './parse-message.ts';
import {
  endOf,
  Lost,
  type ConnectToOrder,
  type ConnectToOrders,
  type ErrorMessage,
  type OrdersReceived,
  type Transport,
} from './transport.ts';

export interface SocketIoOptions {
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

type AnyMessage = Message | OrdersMessage;
type Queue = MessageQueue<AnyMessage>;

/** One connection, and which queue wants which order's messages. */
interface Shared {
  readonly socket: Socket;
  /** Resolves when it is connected. @throws Lost */
  readonly connected: Promise<void>;
  readonly queues: Map<string, Set<Queue>>;
  /** The last request for each order: the server refuses those that a later one replaced. */
  readonly requests: Map<string, number>;
  /** The connection ended: another one is needed. */
  isOver: boolean;
}

/** Counts the queues of the stream of all orders beside those of orders. */
const ALL = '';

export class SocketIoTransport implements Transport {
  readonly #options: SocketIoOptions;
  readonly #shared = new Map<string, Promise<Shared>>();

  constructor(options: SocketIoOptions) {
    this.#options = options;
  }

  async *order({ url, signal, orderId, after }: ConnectToOrder): AsyncGenerator<Message, void, undefined> {
    const shared = await this.#connection(url);
    for await (const message of read(shared, signal, orderId, { orderId, after }, () =>
      this.#leave(url, shared),
    )) {
      if (!isOrdersMessage(message) && message.type !== 'connection') yield message;
    }
  }

  async *orders({
    url,
    signal,
    filter,
    token,
  }: ConnectToOrders): AsyncGenerator<OrdersReceived, void, undefined> {
    const shared = await openConnection(url, this.#options);
    const payload = { scope: 'orders', filter, ...(token === null ? {} : { token }) };
    for await (const message of read(shared, signal, ALL, payload, () => shared.socket.disconnect())) {
      yield { message, token: 'token' in message ? (message.token ?? null) : null };
    }
  }

  #connection(url: string): Promise<Shared> {
    const known = this.#shared.get(url);
    if (known !== undefined) return known;
    const opened = openConnection(url, this.#options);
    this.#shared.set(url, opened);
    const forget = (): void => {
      if (this.#shared.get(url) === opened) this.#shared.delete(url);
    };
    opened.then((shared) => {
      for (const event of ['disconnect', 'connect_error'] as const) shared.socket.once(event, forget);
      if (shared.isOver) forget();
    }, forget);
    return opened;
  }

  /** Closes a connection that carries nothing any more. */
  #leave(url: string, shared: Shared): void {
    if (shared.queues.size > 0 || shared.isOver) return;
    this.#shared.delete(url);
    shared.isOver = true;
    shared.socket.disconnect();
  }
}

async function openConnection(url: string, { apiKey, headers }: SocketIoOptions): Promise<Shared> {
  const { io } = await import('socket.io-client');
  const { origin, pathname } = new URL(url);
  const socket = io(origin, {
    path: `${pathname.replace(/\/$/, '')}/socket.io/`,
    transports: ['websocket'],
    // The client comes back by itself, perhaps to another server.
    reconnection: false,
    forceNew: true,
    ...(apiKey === undefined ? {} : { auth: { token: apiKey } }),
    extraHeaders: { ...headers },
  });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) =>
      reject(new Lost(`no connection to ${url}: ${error.message}`, error)),
    );
    socket.once('disconnect', (reason) => reject(new Lost(`the connection to ${url} ended: ${reason}`)));
  });
  const shared: Shared = { socket, connected, queues: new Map(), requests: new Map(), isOver: false };
  connected.catch(() => (shared.isOver = true));
  socket.on('disconnect', (reason) => {
    shared.isOver = true;
    endAll(shared.queues, new Lost(`the connection to ${url} ended: ${reason}`));
  });
  socket.on('status', (sent: unknown) => receive(shared.queues, sent));
  return shared;
}

function receive(queues: ReadonlyMap<string, Set<Queue>>, sent: unknown): void {
  try {
    const message = readMessage(sent);
    const orderId = 'scope' in message ? ALL : (message.orderId ?? ALL);
    const isRefusal = message.type === 'error';
    for (const queue of [
      ...(queues.get(orderId) ?? []),
      ...(orderId === ALL ? [] : (queues.get(ALL) ?? [])),
    ]) {
      if (isRefusal) queue.end(endOf(message, null));
      else queue.push(message);
    }
  } catch (error) {
    endAll(queues, error instanceof Error ? error : new Lost(String(error)));
  }
}

function endAll(queues: ReadonlyMap<string, Set<Queue>>, error: Error): void {
  for (const waiting of queues.values()) for (const queue of waiting) queue.end(error);
}

/** Subscribes, passes on what comes, and unsubscribes. @param key of its queue */
async function* read(
  shared: Shared,
  signal: AbortSignal,
  key: string,
  payload: object,
  left: () => void,
): AsyncGenerator<AnyMessage, void, undefined> {
  const { socket, queues, requests } = shared;
  const queue: Queue = new MessageQueue();
  queues.set(key, (queues.get(key) ?? new Set<Queue>()).add(queue));
  const leave = (): void => queue.end(new Lost('the stream was left'));
  const forget = onAbort(signal, leave);
  try {
    signal.throwIfAborted();
    if (shared.isOver) throw new Lost('the connection ended');
    shared.connected.then(
      () => subscribe(),
      (error: unknown) => queue.end(error instanceof Error ? error : new Lost(String(error))),
    );
    yield* queue.read();
  } finally {
    forget();
    const waiting = queues.get(key);
    waiting?.delete(queue);
    if (waiting?.size === 0) {
      queues.delete(key);
      requests.delete(key);
      if (socket.connected) socket.emit('unsubscribe', key === ALL ? { scope: 'orders' } : { orderId: key });
    }
    left();
  }

  function subscribe(): void {
    const request = (requests.get(key) ?? 0) + 1;
    requests.set(key, request);
    socket.emit('subscribe', payload, (answer: SubscribeAnswer) => {
      if (!answer.ok && requests.get(key) === request) queue.end(endOf(answer.error, null));
    });
  }
}

/** The acknowledgement of a subscription. */
type SubscribeAnswer = { readonly ok: true } | { readonly ok: false; readonly error: ErrorMessage };
