/** Where clients reach this server: at PUBLIC_URL, else where this client's own request says. */
import type { IncomingMessage } from 'node:http';

/** A name, an IPv4 address or a bracketed IPv6 one, with or without a port. Anything else that a client sends is not echoed. */
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/;

/** Forwarding headers are not believed: any client can send them, and a proxy may pass them on. */
export interface PublicAddress {
  /** `https://orders.example`; null: PUBLIC_URL is unset. */
  readonly origin: string | null;
  /** The path of PUBLIC_URL without a slash at its end: `` or `/prefix`. It stands before every path that clients are given. */
  readonly prefix: string;
  /** The address of an order's WebSocket. */
  webSocketUrl(req: IncomingMessage, orderId: string): string;
}

/** @param publicUrl null: the Host header says it */
export function publicAddress(publicUrl: string | null): PublicAddress {
  const url = publicUrl === null ? null : new URL(publicUrl);
  const prefix = url === null ? '' : url.pathname.replace(/\/+$/, '');
  const webSocketBase = url === null ? null : `${url.origin.replace(/^http/, 'ws')}${prefix}`;
  return {
    origin: url === null ? null : url.origin,
    prefix,
    webSocketUrl: (req, orderId) => `${webSocketBase ?? `ws://${hostOf(req)}`}/api/orders/status/${orderId}`,
  };
}

/** The Host header; the socket's own address where the header is missing or malformed. */
export function hostOf(req: IncomingMessage): string {
  const { host } = req.headers;
  if (host !== undefined && HOST.test(host)) return host;
  const { localAddress = '127.0.0.1', localPort = 80, localFamily } = req.socket;
  return localFamily === 'IPv6' ? `[${localAddress}]:${localPort}` : `${localAddress}:${localPort}`;
}
