/** The messages that describe a connection or a subscription. Their keys are in the order of `messages.ts`. */
import type { FillstreamError } from '../../errors.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { OrderPosition } from './order-position.ts';

export function connectionMessage(now: number): MessageOf<'connection'> {
  return { type: 'connection', timestamp: iso(now), message: 'Connected' };
}

export function orderConnectionMessage(
  orderId: string,
  progress: number,
  now: number,
): MessageOf<'connection'> {
  return { type: 'connection', orderId, progress, timestamp: iso(now), message: 'Connected' };
}

export function subscribedMessage(
  orderId: string,
  position: OrderPosition,
  now: number,
): MessageOf<'subscribed'> {
  const { status, lastSeq } = position;
  const message = `The order is ${status}; its journal has ${entries(lastSeq)}${whyHeld(position)}`;
  return { type: 'subscribed', orderId, ...placeOf(position, now), message };
}

export function heartbeatMessage(
  orderId: string,
  position: OrderPosition,
  now: number,
): MessageOf<'heartbeat'> {
  const message = `Still ${position.status}${whyHeld(position)}`;
  return { type: 'heartbeat', orderId, ...placeOf(position, now), message };
}

function placeOf({ status, progress, lastSeq, held }: OrderPosition, now: number) {
  const why = held === undefined ? {} : { held: { code: held.code, message: held.message } };
  return { progress, timestamp: iso(now), status, lastSeq, ...why };
}

function whyHeld({ held }: OrderPosition): string {
  return held === undefined ? '' : `; held: ${held.message}`;
}

/** The order, or the stream of all orders, that an error concerns. Without `lastSeq` it is the error's own, if it has one. */
export interface ErrorSubject {
  readonly orderId?: string;
  readonly scope?: 'orders';
  readonly progress?: number;
  readonly lastSeq?: number;
  readonly token?: string;
}

/** Field errors are part of `message`, because error messages have no list of them; the error's own text names the first. */
export function errorMessage(
  error: FillstreamError,
  { orderId, scope, progress, lastSeq = error.details.lastSeq, token }: ErrorSubject,
  now: number,
): MessageOf<'error'> {
  const { errors = [], retryAfterMs } = error.details;
  const fields = errors.map(({ field, message }) => `${field}: ${message}`);
  return {
    type: 'error',
    ...(orderId === undefined ? {} : { orderId }),
    ...(scope === undefined ? {} : { scope }),
    ...(progress === undefined ? {} : { progress }),
    timestamp: iso(now),
    code: error.code,
    ...(lastSeq === undefined ? {} : { lastSeq }),
    ...(token === undefined ? {} : { token }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    message: fields.length > 1 ? fields.join('; ') : error.message,
  };
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

function iso(now: number): string {
  return new Date(now).toISOString();
}
