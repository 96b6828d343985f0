/** Which pages may open a stream. Browsers let any page open a WebSocket and read from it: only the server can refuse. */
import type { IncomingMessage } from 'node:http';
import { FillstreamError } from '../errors.ts';

/** Null: it may. No `Origin` at all is a program, not a page. */
export type OriginCheck = (req: IncomingMessage) => FillstreamError | null;

/** @param allowedOrigins as browsers send them: `https://app.example`. A page of this server itself is always allowed. */
export function originCheck(allowedOrigins: readonly string[]): OriginCheck {
  const allowed = new Set(allowedOrigins);
  return ({ headers: { origin, host } }) => {
    if (origin === undefined || allowed.has(origin)) return null;
    if (host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)) return null;
    const page = JSON.stringify(origin.slice(0, 100));
    return new FillstreamError(
      'origin_not_allowed',
      `Pages of ${page} may not connect: expected a page of this server, or no page`,
    );
  };
}
