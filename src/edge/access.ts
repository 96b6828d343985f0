/**
 * The one place that decides on whose behalf a request acts, and whether it may: REST asks it with each request, every stream at its
 * handshake, and the feed afterwards once a second for as long as the stream is open.
 */
import type { IncomingMessage } from 'node:http';
import { FillstreamError, orderNotFound } from '../errors.ts';
import type { AccessEnd, Identity } from '../identity/identity.ts';
import { ANONYMOUS, includesRole, type AccessRule, type Principal } from '../identity/principal.ts';
import type { CountRequest } from './rate-limit.ts';
import { credentialsOf } from './credentials.ts';

/** What a request wants to do. */
export interface Wish {
  readonly access: AccessRule;
  /** The order that it concerns. Null: none, or all of the owner's. */
  readonly orderId: string | null;
}

export interface Access {
  /**
   * @param offered what a Socket.IO client sends as `auth`
   * @throws FillstreamError unauthorized, identity_unavailable, rate_limited. @throws StoreUnavailable
   */
  principalOf(req: IncomingMessage, offered?: unknown): Promise<Principal>;
  /** @throws FillstreamError those of `principalOf`, and those of `demand`. @throws StoreUnavailable */
  authorize(req: IncomingMessage, wish: Wish): Promise<Principal>;
  /** Null: the principal is still one. @throws StoreUnavailable */
  endOf(principal: Principal): Promise<AccessEnd | null>;
  /** A ticket for the address of the order's stream. Null: none is needed. @throws StoreUnavailable */
  ticketFor(principal: Principal, orderId: string): Promise<string | null>;
  /** @throws FillstreamError unauthorized without an API key or a token. @throws StoreUnavailable */
  sessionFor(principal: Principal): Promise<{ readonly session: string; readonly expiresAt: number }>;
}

export function requestAccess(identity: Identity, countRequest: CountRequest): Access {
  const principalOf = async (req: IncomingMessage, offered?: unknown): Promise<Principal> => {
    const principal = await identity.principalOf(credentialsOf(req, offered));
    await countRequest(principal);
    return principal;
  };
  return {
    principalOf,
    authorize: async (req, wish) => {
      if (wish.access === 'public') return ANONYMOUS;
      const principal = await principalOf(req);
      demand(principal, wish);
      return principal;
    },
    endOf: (principal) => identity.endOf(principal),
    ticketFor: (principal, orderId) => identity.ticketFor(principal, orderId),
    sessionFor: (principal) => identity.sessionFor(principal),
  };
}

/**
 * @throws FillstreamError forbidden; order_not_found for an order that a ticket does not name, as for an unknown one: the store is asked
 * for neither
 */
export function demand(principal: Principal, { access, orderId }: Wish): void {
  if (access === 'public') return;
  if (!includesRole(principal.role, access)) {
    throw new FillstreamError(
      'forbidden',
      `This needs the role ${access}: the ${whatOf(principal)} has the role ${principal.role}`,
    );
  }
  if (principal.orderId === null || principal.orderId === orderId) return;
  if (orderId !== null) throw orderNotFound(orderId);
  throw new FillstreamError('forbidden', `The ${whatOf(principal)} is for one order: expected its address`);
}

function whatOf({ kind }: Principal): string {
  const words = { local: 'server', key: 'API key', token: 'token', ticket: 'ticket', share: 'share link' };
  return kind === 'anonymous' ? 'request' : words[kind];
}
