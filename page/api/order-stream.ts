/**
 * One order, live. The server sends each entry once and in order, from `after`; after a lost connection it is asked for what
 * follows the last entry that came.
 */
import type { Message } from '../../src/protocol/messages.ts';
import { addressOf } from './rest.ts';
import { loadSession } from './session.ts';

export interface OrderStreamHandlers {
  readonly onMessage: (message: Message) => void;
  /** The key or the ticket that it was opened with has ended. */
  readonly onAccessEnded: () => void;
  readonly onLink: (link: 'connecting' | 'live' | 'offline') => void;
}

export interface OrderStream {
  /** Connects at once, instead of after the pause. */
  retryNow(): void;
  close(): void;
}

const ORDER_ENDED = 1000;
const UNAUTHORIZED = 4401;
const ACCESS_ENDED = 4410;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export function watchOrder(orderId: string, after: number, handlers: OrderStreamHandlers): OrderStream {
  let lastSeq = after;
  let pauseMs = FIRST_PAUSE_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let socket: WebSocket | null = null;
  let isClosed = false;

  function connect(): void {
    clearTimeout(timer);
    const url = new URL(addressOf(`api/orders/status/${orderId}?after=${lastSeq}`), location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const opened = new WebSocket(url);
    socket = opened;
    opened.onmessage = ({ data }) => {
      const message = JSON.parse(String(data)) as Message;
      if ('seq' in message) lastSeq = message.seq;
      if (message.type === 'subscribed') {
        pauseMs = FIRST_PAUSE_MS;
        handlers.onLink('live');
      }
      handlers.onMessage(message);
    };
    opened.onclose = ({ code }) => {
      if (isClosed || socket !== opened) return;
      if (code === ORDER_ENDED) return;
      if (code === UNAUTHORIZED || code === ACCESS_ENDED) {
        // Shows the sign-in, if that is why.
        void loadSession();
        handlers.onAccessEnded();
      }
      handlers.onLink('offline');
      timer = setTimeout(connect, pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    };
  }

  connect();
  return {
    retryNow: () => {
      if (socket?.readyState !== WebSocket.OPEN) connect();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}
