/**
 * Which pages may use this server with their visitor's browser: the same pages on REST and all streams. A request
 * without an `Origin` comes from a program and is always allowed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FillstreamError } from '../errors.ts';
import { hostOf, type PublicAddress } from './public-address.ts';
import type { AnswerHeaders } from './send.ts';

const REQUEST_HEADERS = 'Content-Type, Idempotency-Key, Authorization, Last-Event-ID';
const RESPONSE_HEADERS = 'Location, Retry-After';
/** How long a browser may keep the answer to a preflight. */
const PREFLIGHT_SECONDS = 600;

export interface OriginPolicy {
  /** Null: the request is allowed. */
  refusalOf(req: IncomingMessage): FillstreamError | null;
  /** Lets an allowed page read the answer, an error too. Before the answer's head is written. */
  setCorsHeaders(req: IncomingMessage, res: ServerResponse): void;
}

/** @param allowedOrigins as browsers send them (`https://app.example`), beside the origins of PUBLIC_URL and of the server itself */
export function originPolicy(allowedOrigins: readonly string[], { origin }: PublicAddress): OriginPolicy {
  const allowed = new Set([...allowedOrigins, ...(origin === null ? [] : [origin])]);
  const isAllowed = (req: IncomingMessage, page: string): boolean =>
    allowed.has(page) || page === ownOrigin('http', req) || page === ownOrigin('https', req);
  return {
    refusalOf(req) {
      const page = req.headers.origin;
      if (page === undefined || isAllowed(req, page)) return null;
      return new FillstreamError(
        'origin_not_allowed',
        `Pages of ${JSON.stringify(page.slice(0, 100))} may not do this: expected a page of this server or of an origin in ALLOWED_ORIGINS`,
      );
    },

    setCorsHeaders(req, res) {
      const page = req.headers.origin;
      // Answers are never cached: those to programs need no Vary.
      if (page === undefined) return;
      res.setHeader('Vary', 'Origin');
      if (!isAllowed(req, page)) return;
      res.setHeader('Access-Control-Allow-Origin', page);
      res.setHeader('Access-Control-Expose-Headers', RESPONSE_HEADERS);
    },
  };
}

/** A browser asks whether a page may send the request that follows. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

/** What the answer to an allowed preflight adds. @param methods `GET, HEAD` */
export function preflightHeaders(methods: string): AnswerHeaders {
  return {
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Allow-Headers': REQUEST_HEADERS,
    'Access-Control-Max-Age': PREFLIGHT_SECONDS,
  };
}

function ownOrigin(scheme: 'http' | 'https', req: IncomingMessage): string | null {
  const url = `${scheme}://${hostOf(req)}`;
  return URL.canParse(url) ? new URL(url).origin : null;
}
