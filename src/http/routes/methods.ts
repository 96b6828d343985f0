import type { RequestHandler } from 'express';
import { FillstreamError } from '../../errors.ts';
import { sendNothing } from '../../edge/send.ts';

/** Answers every method that a route does not take. `allow` is the Allow header: `GET, HEAD`. */
export function otherMethods(allow: string): RequestHandler {
  return (req, res) => {
    if (req.method === 'OPTIONS') {
      sendNothing(res, 204, { Allow: `${allow}, OPTIONS` });
      return;
    }
    throw new FillstreamError('method_not_allowed', `${req.method} is not taken here: expected ${allow}`, {
      allow: `${allow}, OPTIONS`,
    });
  };
}
