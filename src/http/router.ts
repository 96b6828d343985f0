/** Makes the route table an Express router: each path with HEAD, OPTIONS, preflights, and 405 for every other method. */
import { Router, type Request, type RequestHandler } from 'express';
import type { Access } from '../edge/access.ts';
import type { Edge } from '../edge/edge.ts';
import { isPreflight, preflightHeaders, type OriginPolicy } from '../edge/origin-policy.ts';
import { sendJson, sendNothing, sendText } from '../edge/send.ts';
import { methodNotAllowed } from '../errors.ts';
import { answerInTime } from './answer-in-time.ts';
import type { Route } from './route.ts';

export function routerOf(
  routes: readonly Route[],
  { origins, access }: Pick<Edge, 'origins' | 'access'>,
): Router {
  const router = Router({ caseSensitive: true });
  for (const path of new Set(routes.map((route) => route.path))) {
    const place = router.route(path);
    const here = routes.filter((route) => route.path === path);
    for (const route of here) {
      if (route.isStream) place.get(refuseForeignPages(origins), answer(route, access));
      else if (route.method === 'GET') place.get(answer(route, access));
      else place.post(refuseForeignPages(origins), answer(route, access));
    }
    place.all(otherMethods(allowedMethods(here), origins));
  }
  return router;
}

/** The methods of a path, as the Allow header lists them, without OPTIONS. Express answers HEAD by the handler of GET. */
export function allowedMethods(routes: readonly Pick<Route, 'method'>[]): string {
  return routes.map(({ method }) => (method === 'GET' ? 'GET, HEAD' : method)).join(', ');
}

function answer({ access: rule, handle }: Route, access: Access): RequestHandler {
  return async (req, res) => {
    const orderId = req.params['orderId'];
    const wish = { access: rule, orderId: typeof orderId === 'string' ? orderId : null };
    const principal = await answerInTime(access.authorize(req, wish));
    const reply = await handle(req, principal);
    if ('stream' in reply) {
      await reply.stream(res);
      forget(req);
      return;
    }
    const { status, body, headers } = reply;
    if (typeof body === 'string') sendText(res, status, 'text/html; charset=utf-8', body, headers);
    else sendJson(res, status, body, headers);
  };
}

/**
 * A stream stays open for hours, and Node.js keeps its request for as long: without the headers and without Express's way to the
 * next handler, which holds every router that was passed. About 4 KB a stream.
 */
function forget(req: Request): void {
  req.headers = {};
  req.rawHeaders = [];
  Object.assign(req, { next: undefined });
}

/** A page of a foreign origin may send any other GET: without CORS headers its browser keeps the answer from it. */
function refuseForeignPages(origins: OriginPolicy): RequestHandler {
  return (req, _res, next) => {
    const refusal = origins.refusalOf(req);
    if (refusal !== null) throw refusal;
    next();
  };
}

function otherMethods(methods: string, origins: OriginPolicy): RequestHandler {
  const allow = `${methods}, OPTIONS`;
  return (req, res) => {
    if (req.method !== 'OPTIONS') {
      throw methodNotAllowed(req.method, allow);
    }
    if (!isPreflight(req)) {
      sendNothing(res, 204, { Allow: allow });
      return;
    }
    const refusal = origins.refusalOf(req);
    if (refusal !== null) throw refusal;
    sendNothing(res, 204, { Allow: allow, ...preflightHeaders(methods) });
  };
}
