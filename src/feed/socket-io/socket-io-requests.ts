/** Requests of Socket.IO clients. Each gets an acknowledgement if it asks for one; a refused one also gets an `error` message. */
import type { Logger } from 'pino';
import { demand } from '../../edge/access.ts';
import { FillstreamError } from '../../errors.ts';
import type { Principal } from '../../identity/principal.ts';
import {
  subscribeOrdersSchema,
  subscribeSchema,
  unsubscribeOrdersSchema,
  unsubscribeSchema,
} from '../../protocol/requests.ts';
import type { Acknowledgement } from '../../protocol/acknowledgements.ts';
import type { Clock } from '../../runtime/time.ts';
import type { FeedConnection } from '../core/connection.ts';
import { errorMessage, type ErrorSubject } from '../core/control-messages.ts';
import type { OwnerFeed } from '../owner/owner-feed.ts';
import { readPayload } from '../../edge/read-input.ts';
import { RequestRate } from './request-rate.ts';
import type { FeedSocket, SocketIoReader } from './socket-io-reader.ts';
import { toPublicError } from '../../edge/public-error.ts';

interface RequestDeps {
  readonly socket: FeedSocket;
  readonly connection: FeedConnection;
  readonly reader: SocketIoReader;
  readonly ownerFeed: OwnerFeed;
  readonly principal: Principal;
  readonly maxBufferedBytes: number;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
}

type Acknowledge = (answer: Acknowledgement) => void;

export function answerRequests(deps: RequestDeps): void {
  const { socket, connection, reader, ownerFeed, principal, maxBufferedBytes, clock, log } = deps;

  const rate = new RequestRate(clock);
  socket.onAny((event: unknown, ...sent: unknown[]) => {
    if (!rate.take()) {
      connection.disconnect('rate_limited', 'The connection sent requests faster than they are answered');
      return;
    }
    // Answers cannot fall behind like entries: a client that keeps asking and does not read is disconnected.
    if (reader.bufferedBytes() > 2 * maxBufferedBytes) {
      connection.disconnect('slow_reader', 'The connection did not read the answers to its requests');
      return;
    }
    const last = sent.at(-1);
    const acknowledge = isAcknowledge(last) ? last : null;
    const payload = acknowledge === null ? sent : sent.slice(0, -1);
    answer(event, payload)
      .then((result) => acknowledge?.(result))
      .catch((thrown: unknown) => refuse(thrown, payload, acknowledge));
  });

  // An invalid packet. Socket.IO closes the connection after this.
  socket.on('error', (thrown) => {
    if (thrown instanceof Error) refuse(invalid('This is not a Socket.IO packet'), [], null);
  });

  async function answer(event: unknown, payload: readonly unknown[]): Promise<Acknowledgement> {
    if (event !== 'subscribe' && event !== 'unsubscribe') {
      const name = JSON.stringify(String(event).slice(0, 40));
      throw invalid(`unknown event ${name}: expected "subscribe" or "unsubscribe"`);
    }
    if (payload.length !== 1) {
      throw invalid(
        `"${event}" came with ${payload.length} payloads: expected 1, {orderId} or {scope: "orders"}`,
      );
    }
    if (isAboutAllOrders(payload[0])) return answerForAllOrders(event, payload[0]);
    if (event === 'unsubscribe') {
      const { orderId } = readPayload(unsubscribeSchema, payload[0]);
      return { ok: true, orderId, wasSubscribed: connection.unsubscribe(orderId) };
    }
    const { orderId, after } = readPayload(subscribeSchema, payload[0]);
    demand(principal, { access: 'watch', orderId });
    const position = await connection.subscribe(orderId, after);
    if (position !== null) return { ok: true, orderId, status: position.status, lastSeq: position.lastSeq };
    // No message: the later request decides.
    const message = 'A later subscribe or unsubscribe for this order replaced this one';
    return { ok: false, orderId, error: { code: 'invalid_request', message } };
  }

  async function answerForAllOrders(
    event: 'subscribe' | 'unsubscribe',
    payload: unknown,
  ): Promise<Acknowledgement> {
    if (event === 'unsubscribe') {
      const { scope } = readPayload(unsubscribeOrdersSchema, payload);
      return { ok: true, scope, wasSubscribed: ownerFeed.unsubscribe(connection) };
    }
    const { scope, filter, token = null } = readPayload(subscribeOrdersSchema, payload);
    demand(principal, { access: 'watch', orderId: null });
    const { owner } = principal;
    const from = await ownerFeed.subscribe(connection, { owner, filter, token });
    if (from !== null) return { ok: true, scope, token: from };
    const message = 'A later subscribe or unsubscribe for all orders replaced this one';
    return { ok: false, scope, error: { code: 'invalid_request', message } };
  }

  function refuse(thrown: unknown, payload: readonly unknown[], acknowledge: Acknowledge | null): void {
    const error = toPublicError(thrown);
    if (error.code === 'internal_error')
      log.error({ err: thrown, orderId: orderIdIn(payload[0]) }, 'a subscription failed');
    const { errors } = error.details;
    reader.send(errorMessage(error, subjectOf(payload[0]), clock.now()));
    acknowledge?.({
      ok: false,
      error: {
        code: error.code,
        message: error.message,
        ...(errors === undefined ? {} : { errors: [...errors] }),
      },
    });
  }
}

function invalid(message: string): FillstreamError {
  return new FillstreamError('invalid_request', message);
}

function isAcknowledge(value: unknown): value is Acknowledge {
  return typeof value === 'function';
}

function isAboutAllOrders(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && 'scope' in payload;
}

/** For a client with several subscriptions, to see which one was refused. */
function subjectOf(payload: unknown): ErrorSubject {
  if (isAboutAllOrders(payload)) return { scope: 'orders' };
  const orderId = orderIdIn(payload);
  return orderId === null ? {} : { orderId, progress: 0 };
}

function orderIdIn(payload: unknown): string | null {
  const read = unsubscribeSchema.shape.orderId.safeParse(
    typeof payload === 'object' && payload !== null && 'orderId' in payload ? payload.orderId : null,
  );
  return read.success ? read.data : null;
}
