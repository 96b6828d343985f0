/** The messages that speak about a connection; what speaks about an order is in its journal. */
import type { FillstreamError } from '../../errors.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { OrderPosition } from './order-position.ts';

export function connectionMessage(now: number): MessageOf<'connection'> {
  return { type: 'connection', message: 'Connected', timestamp: iso(now) };
}

export function orderConnectionMessage(
  orderId: string,
  progress: number,
  now: number,
): MessageOf<'connection'> {
  return { type: 'connection', orderId, progress, message: 'Connected', timestamp: iso(now) };
}

export function subscribedMessage(
  orderId: string,
  position: OrderPosition,
  now: number,
): MessageOf<'subscribed'> {
  const message = `The order is ${position.status}; its journal has ${entries(position.lastSeq)}`;
  return { type: 'subscribed', orderId, ...position, message, timestamp: iso(now) };
}

export function heartbeatMessage(
  orderId: string,
  position: OrderPosition,
  now: number,
): MessageOf<'heartbeat'> {
  return {
    type: 'heartbeat',
    orderId,
    ...position,
    message: `Still ${position.status}`,
    timestamp: iso(now),
  };
}

export interface About {
  readonly orderId?: string;
  readonly progress?: number;
  readonly lastSeq?: number;
}

/** All wrong fields of a request stand in `message`, because a message has no list of them; the error's own text names the first. */
export function errorMessage(error: FillstreamError, about: About, now: number): MessageOf<'error'> {
  const { errors = [], lastSeq } = error.details;
  const fields = errors.map(({ field, message }) => `${field}: ${message}`);
  return {
    type: 'error',
    code: error.code,
    message: fields.length > 1 ? fields.join('; ') : error.message,
    timestamp: iso(now),
    ...(lastSeq === undefined ? {} : { lastSeq }),
    ...about,
  };
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

function iso(now: number): string {
  return new Date(now).toISOString();
}
