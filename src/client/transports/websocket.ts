/** A plain WebSocket for each order. It has no stream of all orders: the client follows those as server-sent events. */
import type { Message } from '../../protocol/messages.ts';
import { queryOf } from '../rest.ts';
import { onAbort } from '../pause.ts';
import { MessageQueue, silenceTimer } from './message-queue.ts';
import { isOrdersMessage, parseMessage } from './parse-message.ts';
import { endOf, endOfClose, Lost, type ConnectToOrder, type ErrorMessage } from './transport.ts';

/** The part of a WebSocket that is used: a browser's, Node's and that of `ws` have it. */
export interface SomeWebSocket {
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
  close(code?: number): void;
}

/** Opens a WebSocket with these headers. */
export type OpenWebSocket = (url: string, headers: Readonly<Record<string, string>>) => SomeWebSocket;

export interface WebSocketOptions {
  readonly open: OpenWebSocket | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly silenceMs: number;
}

const ORDER_ENDED = 1000;

export class WebSocketTransport {
  readonly #options: WebSocketOptions;

  constructor(options: WebSocketOptions) {
    this.#options = options;
  }

  async *order({ url, signal, orderId, after }: ConnectToOrder): AsyncGenerator<Message, void, undefined> {
    const { headers, silenceMs } = this.#options;
    const open = this.#options.open ?? (await platformWebSocket());
    signal.throwIfAborted();
    const href = `${url.replace(/^http/, 'ws')}/api/orders/status/${encodeURIComponent(orderId)}${queryOf({ after })}`;
    const queue = new MessageQueue<Message>();
    const socket = open(href, headers);
    let refusal: ErrorMessage | null = null;
    const silence = silenceTimer(silenceMs, () => queue.end(new Lost(`${href}: silent for ${silenceMs} ms`)));
    let isLeft = false;
    socket.addEventListener('message', ({ data }) => {
      // Until its close is answered a socket may still deliver.
      if (isLeft) return;
      silence.restart();
      try {
        const message = parseMessage(String(data));
        if (message.type === 'error') refusal = message;
        else if (!isOrdersMessage(message)) queue.push(message);
      } catch (error) {
        queue.end(error instanceof Error ? error : new Lost(String(error)));
      }
    });
    // A close follows, which says more.
    socket.addEventListener('error', () => undefined);
    socket.addEventListener('close', ({ code }) => {
      if (code === ORDER_ENDED) queue.end(null);
      else queue.end(refusal === null ? endOfClose(code) : endOf(refusal, code));
    });
    const leave = (): void => queue.end(new Lost('the stream was left'));
    const forget = onAbort(signal, leave);
    try {
      yield* queue.read();
    } finally {
      forget();
      isLeft = true;
      silence.stop();
      queue.end(null);
      socket.close(1000);
    }
  }
}

/**
 * Node.js 20 has no WebSocket, and that of later ones sends headers by an option of its own: `ws` does both everywhere. A browser sends
 * no headers.
 */
async function platformWebSocket(): Promise<OpenWebSocket> {
  if (!isNode()) return (url) => new WebSocket(url);
  const ws = await import('ws');
  return (url, headers) => new ws.WebSocket(url, { headers });
}

/** Bun and Deno, which bring `ws` or load it, count as Node.js. */
export function isNode(): boolean {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } };
  return process?.versions?.node !== undefined;
}
