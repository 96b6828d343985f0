import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Edge } from '../../edge/edge.ts';
import { isPreflight, preflightHeaders } from '../../edge/origin-policy.ts';
import { sendNothing } from '../../edge/send.ts';
import { FillstreamError } from '../../errors.ts';

const METHODS = 'GET, POST';

function notAllowed(method = ''): FillstreamError {
  return new FillstreamError('method_not_allowed', `${method} is not allowed: expected ${METHODS}`, {
    allow: METHODS,
  });
}

/** Hosts and origins. An Engine.IO middleware. It sees polls and upgrades alike, before Engine.IO handles them. */
export function applyOriginPolicy({
  hosts,
  origins,
  problems,
}: Pick<Edge, 'hosts' | 'origins' | 'problems'>) {
  return (req: IncomingMessage, res: ServerResponse, next: () => void): void => {
    const refusal = hosts.refusalOf(req) ?? origins.refusalOf(req);
    if (req.headers.upgrade !== undefined) {
      if (refusal === null) next();
      else problems.endSocket(req.socket, refusal);
      return;
    }
    origins.setCorsHeaders(req, res);
    if (refusal !== null) problems.send(res, refusal);
    else if (isPreflight(req)) sendNothing(res, 204, preflightHeaders(METHODS));
    // Engine.IO answers them with 500 and nothing else.
    else if (!METHODS.split(', ').includes(req.method ?? '')) problems.send(res, notAllowed(req.method));
    else next();
  };
}
