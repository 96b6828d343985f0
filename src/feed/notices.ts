/** The messages that speak about a connection; what speaks about an order is in its journal. */
import type { FillstreamError } from '../errors.ts';
import type { MessageOf } from '../protocol/messages.ts';
import type { Standing } from './standing.ts';

export function connected(now: number): MessageOf<'connection'> {
  return { type: 'connection', message: 'Connected', timestamp: iso(now) };
}

export function connectedTo(orderId: string, progress: number, now: number): MessageOf<'connection'> {
  return { type: 'connection', orderId, progress, message: 'Connected', timestamp: iso(now) };
}

export function subscribed(orderId: string, standing: Standing, now: number): MessageOf<'subscribed'> {
  const message = `The order is ${standing.status}; its journal has ${entries(standing.lastSeq)}`;
  return { type: 'subscribed', orderId, ...standing, message, timestamp: iso(now) };
}

export function heartbeat(orderId: string, standing: Standing, now: number): MessageOf<'heartbeat'> {
  return {
    type: 'heartbeat',
    orderId,
    ...standing,
    message: `Still ${standing.status}`,
    timestamp: iso(now),
  };
}

export interface About {
  readonly orderId?: string;
  readonly progress?: number;
  readonly lastSeq?: number;
}

/** What is wrong with a request's fields stands in `message`: a message has no room for a list. */
export function errorNotice(error: FillstreamError, about: About, now: number): MessageOf<'error'> {
  const { errors = [], lastSeq } = error.details;
  const fields = errors.map(({ field, message }) => `${field}: ${message}`);
  return {
    type: 'error',
    code: error.code,
    message: [error.message, ...fields].join('; '),
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
