/**
 * By which names a server without keys may be called. A page elsewhere can make its own name lead to this address (DNS rebinding), and
 * its browser then takes this server for the page's own: only the Host header tells the two apart.
 */
import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { FillstreamError } from '../errors.ts';
import type { PublicAddress } from './public-address.ts';

/** What is read of a request. */
interface Called {
  readonly headers: Pick<IncomingMessage['headers'], 'host'>;
  readonly socket: { readonly localAddress?: string | undefined };
}

export interface HostPolicy {
  /** Null: the request is allowed. */
  refusalOf(req: Called): FillstreamError | null;
}

/**
 * - `loopback`: names of this machine, the address that the connection came to, and PUBLIC_URL's host
 * - `addresses`: also any IP address, as a published port of a container is called
 * - `any`: no check
 */
export type HostCheck = 'loopback' | 'addresses' | 'any';

/** @param isOpen false: requests need credentials, which a page elsewhere does not have */
export function hostPolicy(
  check: HostCheck,
  { origin }: Pick<PublicAddress, 'origin'>,
  isOpen: () => boolean,
): HostPolicy {
  const publicHost = origin === null ? null : new URL(origin).hostname;
  const isAllowed = (name: string, req: Called): boolean =>
    isLoopback(name) ||
    name === publicHost ||
    name === unmapped(req.socket.localAddress ?? '') ||
    (check === 'addresses' && isIP(name) !== 0);
  return {
    refusalOf: (req) => {
      if (check === 'any' || !isOpen()) return null;
      const { host } = req.headers;
      // A browser always sends it.
      if (host === undefined) return null;
      const name = nameIn(host);
      if (name !== null && isAllowed(name, req)) return null;
      return new FillstreamError(
        'host_not_allowed',
        `This server is not called ${JSON.stringify(host.slice(0, 100))}: expected localhost, an address of this machine, or the host of PUBLIC_URL`,
      );
    },
  };
}

/** Whether only this machine reaches what listens there. @param host as HOST names it, without brackets */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
  );
}

/** In lower case, without port and brackets. Null: it is malformed. */
function nameIn(host: string): string | null {
  if (!URL.canParse(`http://${host}/`)) return null;
  const url = new URL(`http://${host}/`);
  if (url.pathname !== '/' || url.search !== '' || url.username !== '' || url.password !== '') return null;
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function unmapped(address: string): string {
  return address.replace(/^::ffff:/, '');
}
