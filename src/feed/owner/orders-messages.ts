/** The messages that describe a stream of all orders. Their keys are in the order of `messages.ts`. */
import type { OrdersMessage, RESYNC_CODES } from '../../protocol/messages.ts';

type Of<Type extends OrdersMessage['type']> = Extract<OrdersMessage, { type: Type }>;
export type ResyncCode = (typeof RESYNC_CODES)[number];

export function subscribedToOrders(token: string, now: number): Of<'subscribed'> {
  const message = 'Following all orders';
  return { type: 'subscribed', scope: 'orders', timestamp: iso(now), token, message };
}

export function ordersHeartbeat(token: string, now: number): Of<'heartbeat'> {
  return { type: 'heartbeat', scope: 'orders', timestamp: iso(now), token, message: 'Still following' };
}

const WHY: Readonly<Record<ResyncCode, string>> = {
  token_too_old: 'More has happened since the token than is repeated',
  token_unknown: 'The token is not one of this store',
};

export function resync(code: ResyncCode, token: string, now: number): Of<'resync'> {
  const message = `${WHY[code]}: entries may be missing before this message; read the orders again`;
  return { type: 'resync', scope: 'orders', timestamp: iso(now), token, code, message };
}

function iso(now: number): string {
  return new Date(now).toISOString();
}
