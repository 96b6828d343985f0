import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OriginCheck } from '../../edge/origin.ts';
import { PROBLEM_TYPE, problemJson, refuseUpgrade } from '../../edge/refuse.ts';

/** An Engine.IO middleware; it sees polls and upgrades alike, before either counts for anything. */
export function refuseForeignPages(checkOrigin: OriginCheck) {
  return (req: IncomingMessage, res: ServerResponse, next: () => void): void => {
    const refusal = checkOrigin(req);
    if (refusal === null) {
      next();
    } else if (req.headers.upgrade !== undefined) {
      refuseUpgrade(req.socket, refusal);
    } else {
      res.writeHead(refusal.status, { 'Content-Type': PROBLEM_TYPE, 'Cache-Control': 'no-store' });
      res.end(problemJson(refusal));
    }
  };
}
