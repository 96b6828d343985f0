/**
 * Serves the page: its addresses all give the same HTML, and the browser's code shows what belongs to each. API paths are not among
 * them, and keep answering problem JSON.
 */
import type { RequestHandler } from 'express';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendNothing, type AnswerHeaders } from '../../edge/send.ts';
import { FillstreamError, methodNotAllowed } from '../../errors.ts';
import type { Page, PageFile } from './open-page.ts';

/** No inline script or style, and nothing from another origin. */
export const PAGE_SECURITY: AnswerHeaders = securityWith("'none'");

function securityWith(frameAncestors: string): AnswerHeaders {
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      `frame-ancestors ${frameAncestors}`,
    ].join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  };
}

const DOCUMENTS_PATH = '/docs';
const PAGE_PATH = /^\/(?:docs|orders\/[^/]+(?:\/embed)?|machines(?:\/[^/]+)?|system)?$/;
const ASSET_PATH = /^\/assets\/([^/]+)$/;
/** What a share link shows may be framed. */
const EMBED_PATH = /^\/orders\/[^/]+\/embed$/;
const ALLOW = 'GET, HEAD, OPTIONS';

/**
 * @param page null: it is not built
 * @param frameAncestors origins whose pages may frame what a share link shows
 */
export function servePage(page: Page | null, frameAncestors: readonly string[]): RequestHandler {
  const embedSecurity = frameAncestors.length === 0 ? PAGE_SECURITY : securityWith(frameAncestors.join(' '));
  return (req, res, next) => {
    const asset = ASSET_PATH.exec(req.path)?.[1];
    if (asset === undefined && !PAGE_PATH.test(req.path)) {
      next();
      return;
    }
    if (page === null) {
      throw new FillstreamError(
        'not_found',
        'The page is not built: npm start builds it, and npm run build before a release',
      );
    }
    const html = req.path === DOCUMENTS_PATH ? page.documents : page.index;
    const file = asset === undefined ? html(baseOf(req.path)) : page.assets.get(asset);
    if (file === undefined)
      throw new FillstreamError('not_found', `There is nothing at ${req.path.slice(0, 100)}`);
    if (req.method === 'OPTIONS') {
      sendNothing(res, 204, { Allow: ALLOW });
      return;
    }
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      throw methodNotAllowed(req.method, ALLOW);
    }
    const caching = asset === undefined ? 'no-cache' : 'public, max-age=31536000, immutable';
    sendFile(req, res, file, caching, EMBED_PATH.test(req.path) ? embedSecurity : PAGE_SECURITY);
  };
}

/** Relative addresses work under every prefix that a proxy puts before the path. */
function baseOf(path: string): string {
  const depth = path.split('/').length - 2;
  return depth === 0 ? './' : '../'.repeat(depth);
}

function sendFile(
  req: IncomingMessage,
  res: ServerResponse,
  file: PageFile,
  caching: string,
  security: AnswerHeaders,
): void {
  const headers = {
    ...security,
    'Cache-Control': caching,
    ETag: file.etag,
    Vary: 'Accept-Encoding',
  };
  if (namesEtag(req.headers['if-none-match'], file.etag)) {
    res.writeHead(304, headers);
    res.end();
    return;
  }
  const isGzipped = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(req.headers['accept-encoding'] ?? '');
  const bytes = isGzipped ? file.gzipped : file.bytes;
  res.writeHead(200, {
    ...headers,
    'Content-Type': file.contentType,
    'Content-Length': bytes.length,
    ...(isGzipped ? { 'Content-Encoding': 'gzip' } : {}),
  });
  res.end(req.method === 'HEAD' ? undefined : bytes);
}

/** A proxy that compresses may have made a tag weak. */
function namesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
