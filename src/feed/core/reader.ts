import type { Message, MessageOf, OrdersMessage } from '../../protocol/messages.ts';
import type { ErrorCode } from '../../errors.ts';

export type Sent = Message | OrdersMessage;

/**
 * One connection, as the feed sees it: a transport's side of the contract. No method throws or waits; the transport buffers what
 * cannot be sent at once, and `bufferedBytes` is the size of that.
 */
export interface Reader {
  /** The readers of the same transport, to which it can broadcast. */
  readonly group: ReaderGroup;
  /** What was sent and is still in this process's memory. Called before each message: must be cheap. */
  bufferedBytes(): number;
  /** While bytes are buffered: differs from what it was before if the peer has read some since. Null: it is not known. */
  readProgress(): string | null;
  /** @param token where a stream of all orders resumes after this message */
  send(message: Sent, token?: string): void;
  /** From now on the group's broadcasts to the room reach this reader. */
  joinRoom(room: string): void;
  leaveRoom(room: string): void;
  /** The order has ended and all of its entries were sent. */
  endSubscription(orderId: string): void;
  /** The stream of one order ends with this error. */
  failSubscription(code: ErrorCode, error: MessageOf<'error'>): void;
  /** The connection ends, after an error for each of its subscriptions. At least one. */
  close(code: ErrorCode, errors: readonly MessageOf<'error'>[]): void;
}

export interface ReaderGroup {
  /** Sends to exactly these readers of the group, all of which joined the room; encodes once. */
  broadcast(room: string, readers: Readers, message: Sent, token?: string): void;
}

export type Readers = Pick<ReadonlyMap<Reader, unknown>, 'size' | 'keys'>;
