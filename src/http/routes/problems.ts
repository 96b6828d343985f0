/** What a problem's `type` leads to: the error, explained, for people and programs. */
import { Router } from 'express';
import { ERRORS, FillstreamError, type ErrorCode } from '../../errors.ts';
import { otherMethods } from './methods.ts';
import { problemType } from '../../edge/problems.ts';
import { sendJson, sendText } from '../../edge/send.ts';

/** By the last part of its address. */
const BY_NAME: ReadonlyMap<string, readonly [code: ErrorCode, kind: (typeof ERRORS)[ErrorCode]]> = new Map(
  codes().map((code) => [problemType(code).slice('/problems/'.length), [code, ERRORS[code]]]),
);

export function problemRoutes(): Router {
  const router = Router({ caseSensitive: true });
  router
    .route('/problems/:name')
    .get((req, res) => {
      const found = BY_NAME.get(req.params.name);
      if (found === undefined) throw new FillstreamError('not_found', 'There is no such problem');
      const [code, { status, closeCode, title, advice }] = found;
      if (req.accepts(['application/json', 'text/html']) === 'text/html') {
        const text = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${code}</title><h1>${title}</h1><p><code>${code}</code>, HTTP ${status}</p><p>${advice}</p></html>\n`;
        sendText(res, 200, 'text/html; charset=utf-8', text);
        return;
      }
      sendJson(res, 200, { type: problemType(code), code, status, closeCode, title, advice });
    })
    .all(otherMethods('GET, HEAD'));
  return router;
}

function codes(): readonly ErrorCode[] {
  return Object.keys(ERRORS).filter((key): key is ErrorCode => key in ERRORS);
}
