/** One connection to one server, as a stream of the messages that arrive on it. Resuming is `follow.ts`'s. */
import type { After } from '../../protocol/fields.ts';
import type { ErrorMessage, JournaledMessage, Message, OrdersMessage } from '../../protocol/messages.ts';
import type { OrdersFilter } from '../../protocol/requests.ts';
import { StreamError, type ApiErrorCode } from '../errors.ts';

export type { After, ErrorMessage, JournaledMessage, Message, OrdersFilter, OrdersMessage };

export interface Connect {
  /** Of the API, without a slash at its end. */
  readonly url: string;
  /** Closes the connection. */
  readonly signal: AbortSignal;
}

export interface ConnectToOrder extends Connect {
  readonly orderId: string;
  readonly after: After;
}

export interface ConnectToOrders extends Connect {
  readonly filter: OrdersFilter;
  readonly token: string | null;
}

/** A message with the token up to which everything was sent before it and with it; null: as before. */
export interface OrdersReceived {
  readonly message: Message | OrdersMessage;
  readonly token: string | null;
}

/**
 * The streams return once the server has sent the whole order, and otherwise throw: Lost when connecting again may help, StreamError and
 * ApiError when the server refuses. `error` messages are thrown, not passed on.
 */
export interface Transport {
  order(connect: ConnectToOrder): AsyncGenerator<Message, void, undefined>;
  orders(connect: ConnectToOrders): AsyncGenerator<OrdersReceived, void, undefined>;
}

/** The connection is gone, or could not be made, for a reason that may pass. */
export class Lost extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Lost';
  }
}

/** Reasons that pass; a client comes back with the last `seq` or token that it has. */
const PASSING: ReadonlySet<ApiErrorCode> = new Set([
  'store_unavailable',
  'shutting_down',
  'slow_reader',
  'internal_error',
]);

/** RFC 6455 and its registry: the server is restarting, or asks to come back later. */
const PASSING_CLOSE_CODES: ReadonlySet<number> = new Set([1001, 1005, 1006, 1011, 1012, 1013, 1014]);

/** What to throw for an `error` message that ended a stream. */
export function endOf(error: ErrorMessage, closeCode: number | null): Error {
  const { code, message, lastSeq = null } = error;
  const passes = PASSING.has(code) || (closeCode !== null && PASSING_CLOSE_CODES.has(closeCode));
  return passes ? new Lost(`${code}: ${message}`) : new StreamError(code, message, closeCode, lastSeq);
}

/** What to throw for a close that no `error` message came before. */
export function endOfClose(closeCode: number): Error {
  if (closeCode < 4000 || closeCode >= 4500) return new Lost(`the connection was closed with ${closeCode}`);
  const message = `the connection was closed with ${closeCode}, without an error message`;
  return new StreamError('invalid_request', message, closeCode, null);
}
