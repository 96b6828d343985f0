/** Where this server is, as its clients see it: as configured, else as this client reached it. */
import type { IncomingMessage } from 'node:http';

/** A name, an IPv4 address or a bracketed IPv6 one, with or without a port. What else a client sends is not echoed. */
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/;

/** Address of an order's WebSocket. No header that a proxy may have forgotten to clear is believed. */
export function webSocketUrl(req: IncomingMessage, orderId: string, publicUrl: string | null): string {
  const base =
    publicUrl === null ? `ws://${hostOf(req)}` : publicUrl.replace(/^http/, 'ws').replace(/\/$/, '');
  return `${base}/api/orders/status/${orderId}`;
}

/** The Host header, or the socket's own end where it is no host. */
export function hostOf(req: IncomingMessage): string {
  const { host } = req.headers;
  if (host !== undefined && HOST.test(host)) return host;
  const { localAddress = '127.0.0.1', localPort = 80, localFamily } = req.socket;
  return localFamily === 'IPv6' ? `[${localAddress}]:${localPort}` : `${localAddress}:${localPort}`;
}
