/**
 * A plain Socket.IO client: it subscribes, applies what comes and repairs nothing. After a reconnection it names the
 * last `seq` that it got, as any client does.
 */
import { io, type Socket } from 'socket.io-client';
import { messageSchema, type JournaledMessage, type Message, type MessageOf } from '../protocol/messages.ts';

export interface OrderWatcher {
  /** Watches the order from its first entry. */
  watch(orderId: string): void;
  close(): void;
}

export interface Watching {
  readonly url: string;
  readonly lastSeq: (orderId: string) => number;
  readonly hasEnded: (orderId: string) => boolean;
  readonly onEntry: (message: JournaledMessage) => void;
  readonly onError: (text: string) => void;
}

const ASK_AGAIN_MS = 500;

export function watchOrders({ url, lastSeq, hasEnded, onEntry, onError }: Watching): OrderWatcher {
  const socket: Socket = io(url, { transports: ['websocket'], reconnectionDelayMax: 500 });
  const watched = new Set<string>();
  const subscribe = (orderId: string): void => {
    if (hasEnded(orderId)) watched.delete(orderId);
    else socket.emit('subscribe', { orderId, after: lastSeq(orderId) });
  };

  /** A server that cannot read its store says so and gives the subscription up; asking again is safe. */
  const hearOf = ({ code, message, orderId }: MessageOf<'error'>): void => {
    if (code === 'store_unavailable' && orderId !== undefined) {
      setTimeout(() => {
        if (socket.connected) subscribe(orderId);
      }, ASK_AGAIN_MS).unref();
    } else onError(`${code}: ${message}`);
  };

  socket.on('connect', () => watched.forEach(subscribe));
  socket.on('status', (received: unknown) => {
    const message = messageSchema.safeParse(received);
    if (!message.success) onError(`a message that the protocol does not know: ${JSON.stringify(received)}`);
    else if (isEntry(message.data)) onEntry(message.data);
    else if (message.data.type === 'error') hearOf(message.data);
  });

  return {
    watch(orderId) {
      watched.add(orderId);
      if (socket.connected) subscribe(orderId);
    },
    close: () => void socket.close(),
  };
}

function isEntry(message: Message): message is JournaledMessage {
  return 'seq' in message;
}
