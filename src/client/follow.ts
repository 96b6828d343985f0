/**
 * Follows one order, or all, over lost connections and servers that stop: connects again after the last entry that it passed on, to the
 * next address. So its reader gets each entry once and in order.
 */
import { isFinal } from '../../machines/order/state.ts';
import type { Endpoints } from './endpoints.ts';
import { Backoff, pause } from './pause.ts';
import { isOrdersMessage } from './transports/parse-message.ts';
import {
  Lost,
  type After,
  type JournaledMessage,
  type Message,
  type OrdersFilter,
  type OrdersMessage,
  type Transport,
} from './transports/transport.ts';

/** `connecting` at first, `live` once the server has found what is followed, `offline` until it is connected again. */
export type Link = 'connecting' | 'live' | 'offline';

export interface FollowHandlers {
  /** All messages, those that say nothing of an order too: heartbeats, `subscribed`. */
  readonly onMessage?: (message: Message | OrdersMessage) => void;
  /** @param lost why the connection was lost or could not be made */
  readonly onLink?: (link: Link, lost?: Error) => void;
}

/** Entries may be missing before it: read the orders again. The stream goes on. */
export type Resync = Extract<OrdersMessage, { type: 'resync' }>;

export type FinalMessage = Extract<JournaledMessage, { type: 'confirmed' | 'failed' | 'cancelled' }>;

/** The last entry of an order. */
export function isFinalMessage(entry: JournaledMessage): entry is FinalMessage {
  return entry.type !== 'retry' && isFinal(entry.type);
}

export interface FollowContext {
  readonly endpoints: Endpoints;
  readonly transport: Transport;
  readonly handlers: FollowHandlers;
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Returns when the order has ended. @throws StreamError, ApiError, the signal's reason */
export async function* followOrder(
  context: FollowContext,
  orderId: string,
  after: After,
): AsyncGenerator<JournaledMessage, void, undefined> {
  const { transport, handlers } = context;
  let from = after;
  yield* connectAgain(context, async function* (url, isUp) {
    for await (const message of transport.order({ url, signal: context.signal, orderId, after: from })) {
      handlers.onMessage?.(message);
      if (message.type === 'subscribed') {
        if (from === 'latest') from = message.lastSeq;
        isUp();
        // Over Socket.IO nothing else says that nothing follows.
        if (isFinal(message.status) && message.lastSeq <= from) return;
      }
      if (!isEntry(message)) continue;
      const lastSeq: number = from === 'latest' ? message.seq - 1 : from;
      if (message.seq <= lastSeq) continue;
      // Another subscription on the same connection began further on.
      if (message.seq > lastSeq + 1) throw new Lost(`order ${orderId}: seq ${message.seq} after ${lastSeq}`);
      from = message.seq;
      isUp();
      yield message;
      if (isFinalMessage(message)) return;
    }
  });
}

/** Does not return. Entries of different orders have no order between them. @throws StreamError, ApiError, the signal's reason */
export async function* followOrders(
  context: FollowContext,
  filter: OrdersFilter,
  fromToken: string | null,
): AsyncGenerator<JournaledMessage | Resync, void, undefined> {
  const { transport, handlers, signal } = context;
  let token = fromToken;
  const received = new LastSeqs();
  yield* connectAgain(context, async function* (url, isUp) {
    for await (const { message, token: at } of transport.orders({ url, signal, filter, token })) {
      handlers.onMessage?.(message);
      if (message.type === 'subscribed') isUp();
      if (isEntry(message)) {
        if (received.isNew(message)) yield message;
      } else if (isOrdersMessage(message) && message.type === 'resync') yield message;
      // After the entry was passed on: a token says that everything up to it was.
      token = at ?? token;
    }
    throw new Lost('the stream of all orders ended');
  });
}

type Connection<Item> = (url: string, isUp: () => void) => AsyncGenerator<Item, void, undefined>;

/** Runs connections one after the other until one of them returns. */
async function* connectAgain<Item>(
  { endpoints, handlers, signal }: FollowContext,
  connect: Connection<Item>,
): AsyncGenerator<Item, void, undefined> {
  const backoff = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
  handlers.onLink?.('connecting');
  for (;;) {
    signal.throwIfAborted();
    const url = endpoints.current;
    let isLive = false;
    try {
      yield* connect(url, () => {
        if (!isLive) handlers.onLink?.('live');
        isLive = true;
        backoff.reset();
      });
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Lost)) throw error;
      endpoints.failed(url);
      handlers.onLink?.('offline', error);
    }
    await pause(backoff.next(), signal);
  }
}

function isEntry(message: Message | OrdersMessage): message is JournaledMessage {
  return 'seq' in message;
}

/** Orders whose last `seq` is kept: more than a token repeats entries of. */
const MOST_ORDERS = 50_000;

/** The last `seq` of each order, those that moved last at the end. */
class LastSeqs {
  readonly #seqs = new Map<string, number>();

  isNew({ orderId, seq }: JournaledMessage): boolean {
    const lastSeq = this.#seqs.get(orderId) ?? 0;
    if (seq <= lastSeq) return false;
    this.#seqs.delete(orderId);
    this.#seqs.set(orderId, seq);
    if (this.#seqs.size > MOST_ORDERS)
      for (const oldest of this.#seqs.keys()) {
        this.#seqs.delete(oldest);
        break;
      }
    return true;
  }
}
