import type { Message, MessageOf } from '../../protocol/messages.ts';
import type { ErrorCode } from '../../errors.ts';

/**
 * One connection, as the feed sees it: a transport's side of the contract. Nothing here throws or waits; what cannot be
 * sent at once is buffered by the transport, and `bufferedBytes` says how much that is.
 */
export interface Reader {
  /** Readers of one transport that is able to reach many at a time. */
  readonly group: ReaderGroup;
  /** What was sent and is still in this process's memory. Asked before each message: must be cheap. */
  bufferedBytes(): number;
  send(message: Message): void;
  /** From now on this reader is among those that the group's broadcasts to the order reach. */
  enter(orderId: string): void;
  leave(orderId: string): void;
  /** The order has ended and all of its entries were sent. */
  end(orderId: string): void;
  /** The stream of one order ends with this error. */
  fail(code: ErrorCode, error: MessageOf<'error'>): void;
  /** The connection ends, with an error for each order that it watched. */
  close(code: ErrorCode, errors: readonly MessageOf<'error'>[]): void;
}

export interface ReaderGroup {
  /** Sends to exactly these readers of the group, all of which entered the order; encodes once. */
  broadcast(orderId: string, readers: Readers, message: Message): void;
}

export type Readers = Pick<ReadonlyMap<Reader, unknown>, 'size' | 'keys'>;
