/**
 * Keeps pages of other origins from submitting and cancelling with their visitor's browser. Reading needs no guard:
 * without CORS headers no such page gets to see an answer.
 */
import type { RequestHandler } from 'express';
import { FillstreamError } from '../errors.ts';
import { hostOf } from './public-url.ts';

/** @param allowedOrigins as browsers send them: `https://app.example`. A page of this server itself is always allowed. */
export function refuseForeignOrigin(allowedOrigins: readonly string[]): RequestHandler {
  const allowed = new Set(allowedOrigins);
  return (req, _res, next) => {
    const { origin } = req.headers;
    if (origin === undefined || allowed.has(origin)) {
      next();
      return;
    }
    const host = hostOf(req);
    if (origin === `http://${host}` || origin === `https://${host}`) {
      next();
      return;
    }
    throw new FillstreamError(
      'origin_not_allowed',
      `Pages of ${JSON.stringify(origin.slice(0, 100))} may not do this: expected a page of ${host}, or no page`,
    );
  };
}
