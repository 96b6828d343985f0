/**
 * Watches orders over Socket.IO. Entries are passed on as they arrive: the server delivers each of them once, in order. After a
 * reconnection the client subscribes again, after the last `seq` that it received.
 */
import { io, type Socket } from 'socket.io-client';
import { messageSchema, type JournaledMessage, type Message, type MessageOf } from '../protocol/messages.ts';

export interface OrderWatcher {
  /** Watches the order from its first entry until it ends. */
  watch(orderId: string): void;
  close(): void;
}

/** `code` is that of an `error` message, or `invalid_message`. */
export interface WatchError {
  readonly code: string;
  readonly message: string;
}

export interface WatchOptions {
  /** Of the API, as `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly onEntry: (message: JournaledMessage) => void;
  readonly onError: (error: WatchError) => void;
}

const RESUBSCRIBE_AFTER_MS = 500;

export function watchOrders({ url, onEntry, onError }: WatchOptions): OrderWatcher {
  const socket: Socket = io(url, { transports: ['websocket'], reconnectionDelayMax: 500 });
  /** The last received seq of each watched order. */
  const lastSeqs = new Map<string, number>();
  const timers = new Set<ReturnType<typeof setTimeout>>();

  function subscribe(orderId: string): void {
    const after = lastSeqs.get(orderId);
    if (socket.connected && after !== undefined) socket.emit('subscribe', { orderId, after });
  }

  function receive(message: JournaledMessage): void {
    const { orderId, seq, type } = message;
    const lastSeq = lastSeqs.get(orderId);
    if (type === 'confirmed' || type === 'failed' || type === 'cancelled') lastSeqs.delete(orderId);
    else if (lastSeq !== undefined) lastSeqs.set(orderId, Math.max(lastSeq, seq));
    onEntry(message);
  }

  /** A server that cannot read its store reports it and ends the subscription. Subscribing again is safe. */
  function receiveError({ code, message, orderId }: MessageOf<'error'>): void {
    if (code !== 'store_unavailable' || orderId === undefined) {
      onError({ code, message });
      return;
    }
    const timer = setTimeout(() => {
      timers.delete(timer);
      subscribe(orderId);
    }, RESUBSCRIBE_AFTER_MS);
    timers.add(timer);
  }

  socket.on('connect', () => {
    for (const orderId of lastSeqs.keys()) subscribe(orderId);
  });
  socket.on('status', (received: unknown) => {
    const message = messageSchema.safeParse(received);
    if (!message.success) {
      onError({ code: 'invalid_message', message: `not a protocol message: ${JSON.stringify(received)}` });
    } else if (isEntry(message.data)) receive(message.data);
    else if (message.data.type === 'error') receiveError(message.data);
  });

  return {
    watch(orderId) {
      lastSeqs.set(orderId, 0);
      subscribe(orderId);
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      socket.close();
    },
  };
}

function isEntry(message: Message): message is JournaledMessage {
  return 'seq' in message;
}
