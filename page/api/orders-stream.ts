/**
 * All orders, live: each entry that is journaled from now on, as server-sent events. `resync` says that what was missed is no longer
 * known: the list is to be read again. A server without this stream is asked for the newest orders once a second.
 *
 * A browser opens at most six HTTP/1.1 connections to one server, streams of all its tabs included: a tab that is hidden gives its
 * stream back, and reads the list again when it is shown.
 */
import type { JournaledMessage } from '../../src/protocol/messages.ts';
import type { OrderPageView } from '../../src/protocol/views.ts';
import { readOrders } from './answers.ts';
import { get, Refused, ROOT } from './rest.ts';

export interface OrdersStreamHandlers {
  readonly onEntry: (message: JournaledMessage) => void;
  /** The newest orders, of a server without the stream. */
  readonly onPage: (page: OrderPageView) => void;
  /** Entries may have been missed. */
  readonly onResync: () => void;
  readonly onLink: (link: 'connecting' | 'live' | 'offline') => void;
}

export interface OrdersStream {
  retryNow(): void;
  close(): void;
}

const POLL_MS = 1_000;
/** After so many polls the stream is tried again: it may have been refused for a moment only. */
const POLLS = 30;
const HIDDEN_MS = 10_000;
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;

export function watchOrders(handlers: OrdersStreamHandlers): OrdersStream {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  let hasStream = false;
  let polls = false;
  let pollsLeft = POLLS;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  let isPolling = false;
  let pauseMs = PAUSE_MS;

  function connect(): void {
    clearTimeout(timer);
    source?.close();
    polls = false;
    const opened = new EventSource(`${ROOT}api/orders/events`);
    source = opened;
    opened.onmessage = ({ data }) => receive(JSON.parse(String(data)) as { readonly type: string });
    opened.onerror = () => {
      if (isClosed || source !== opened) return;
      if (opened.readyState === EventSource.CLOSED) {
        // Refused, or not there at all: the browser does not try again.
        void afterRefusal();
        return;
      }
      handlers.onLink('offline');
    };
  }

  function receive(message: { readonly type: string }): void {
    hasStream = true;
    pauseMs = PAUSE_MS;
    if (message.type === 'subscribed') handlers.onLink('live');
    else if (message.type === 'resync') handlers.onResync();
    else if ('seq' in message) handlers.onEntry(message as JournaledMessage);
  }

  async function afterRefusal(): Promise<void> {
    const status = await get('api/orders?limit=1').then(
      () => 200,
      (error: unknown) => (error instanceof Refused ? error.status : 0),
    );
    if (isClosed) return;
    if (status === 200 && !hasStream) {
      polls = true;
      pollsLeft = POLLS;
      await poll();
      return;
    }
    handlers.onLink('offline');
    timer = setTimeout(connect, pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }

  async function poll(): Promise<void> {
    if (isPolling) return;
    isPolling = true;
    clearTimeout(timer);
    try {
      const page = await readOrders({ limit: 200 });
      if (isClosed) return;
      handlers.onLink('live');
      handlers.onPage(page);
    } catch {
      if (isClosed) return;
      handlers.onLink('offline');
    } finally {
      isPolling = false;
    }
    if (source === null) return;
    pollsLeft -= 1;
    timer = setTimeout(() => {
      if (pollsLeft > 0) void poll();
      else connect();
    }, POLL_MS);
  }

  function suspend(): void {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function onVisibility(): void {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(suspend, HIDDEN_MS);
    } else if (source === null) {
      handlers.onResync();
      connect();
    }
  }

  document.addEventListener('visibilitychange', onVisibility);
  connect();
  return {
    retryNow: () => {
      if (polls) void poll();
      else connect();
    },
    close() {
      isClosed = true;
      document.removeEventListener('visibilitychange', onVisibility);
      clearTimeout(hiding);
      suspend();
    },
  };
}
