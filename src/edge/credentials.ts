/** Where a request carries its credentials: the Authorization header, then a ticket in the address, then the page's cookie. */
import type { IncomingMessage } from 'node:http';
import type { Credentials } from '../identity/identity.ts';

export const SESSION_COOKIE = 'fillstream_session';

/** Longer ones are not looked at: a token of an identity provider has some thousand characters. */
const MAX_LENGTH = 8_192;
const BEARER = /^bearer +([\x21-\x7e]+) *$/i;

/** Tickets that were taken out of addresses. */
const TICKETS = new WeakMap<IncomingMessage, string>();

/**
 * Moves the ticket from the request's address to where `credentialsOf` finds it, before anything else reads the address: no log, no
 * error and no schema of a query sees it. A second one stays, and is refused like any unknown parameter.
 */
export function takeTicket(req: IncomingMessage): void {
  const { url = '' } = req;
  const start = url.indexOf('?');
  if (start < 0 || !url.includes('ticket=', start)) return;
  const parts = url.slice(start + 1).split('&');
  const index = parts.findIndex((part) => part.startsWith('ticket='));
  const [ticket = ''] = index < 0 ? [] : parts.splice(index, 1);
  if (ticket === '') return;
  TICKETS.set(req, ticket.slice('ticket='.length));
  req.url = `${url.slice(0, start)}${parts.length === 0 ? '' : `?${parts.join('&')}`}`;
}

/** @param offered what a Socket.IO client sends as `auth`: `{token}` or `{ticket}` */
export function credentialsOf(req: IncomingMessage, offered: unknown = null): Credentials {
  const { authorization } = req.headers;
  if (authorization !== undefined) {
    // A header of another scheme is not ignored: it names no one.
    return { kind: 'bearer', text: bounded(BEARER.exec(authorization)?.[1] ?? '') };
  }
  const token = textIn(offered, 'token');
  if (token !== null) return { kind: 'bearer', text: bounded(token) };
  const ticket = textIn(offered, 'ticket') ?? TICKETS.get(req);
  if (ticket !== undefined) return { kind: 'ticket', text: bounded(ticket) };
  const session = cookieOf(req.headers.cookie ?? '', SESSION_COOKIE);
  return session === null ? { kind: 'none' } : { kind: 'session', text: bounded(session) };
}

function bounded(text: string): string {
  return text.length > MAX_LENGTH ? '' : text;
}

function textIn(offered: unknown, name: 'token' | 'ticket'): string | null {
  if (typeof offered !== 'object' || offered === null) return null;
  const value: unknown = Object.entries(offered).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : null;
}

function cookieOf(cookies: string, name: string): string | null {
  for (const part of cookies.split(';')) {
    const [key = '', value = ''] = part.split('=', 2);
    if (key.trim() === name) return value.trim();
  }
  return null;
}
