import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Edge } from '../../edge/edge.ts';
import { isPreflight, preflightHeaders } from '../../edge/origin-policy.ts';
import { sendNothing } from '../../edge/send.ts';
import { methodNotAllowed } from '../../errors.ts';

const METHODS = ['GET', 'POST'];
const ALLOW = METHODS.join(', ');

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
    else if (isPreflight(req)) sendNothing(res, 204, preflightHeaders(ALLOW));
    // Engine.IO answers them with 500 and nothing else.
    else if (!METHODS.includes(req.method ?? '')) problems.send(res, methodNotAllowed(req.method, ALLOW));
    else next();
  };
}
