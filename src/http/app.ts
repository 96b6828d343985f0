/** The REST edge: routes, and one answer to everything that goes wrong in them. */
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { FillstreamError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import { toPublicError } from '../edge/public-error.ts';
import { sendProblem } from '../edge/problems.ts';
import { healthRoutes, type HealthDeps } from './routes/health.ts';
import { orderRoutes, type OrderRoutesDeps } from './routes/orders.ts';
import { problemRoutes } from './routes/problems.ts';

export interface HttpAppDeps {
  readonly orders: OrderRoutesDeps;
  readonly health: HealthDeps;
  readonly log: Log;
  /** Whatever else this server answers: a page, its documents. Asked when no route above takes the path. */
  readonly others?: readonly RequestHandler[];
}

export function createHttpApp({ orders, health, log, others = [] }: HttpAppDeps): Express {
  return appOf([orderRoutes(orders), healthRoutes(health), problemRoutes(), ...others], log);
}

/** Of a process that takes no orders. */
export function createHealthApp({ health, log }: Pick<HttpAppDeps, 'health' | 'log'>): Express {
  return appOf([healthRoutes(health)], log);
}

function appOf(routes: readonly RequestHandler[], log: Log): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);
  app.enable('case sensitive routing');
  app.use(...routes, unknownPath, tellWhatWentWrong(log));
  return app;
}

const unknownPath: RequestHandler = (req) => {
  throw new FillstreamError('not_found', `There is nothing at ${req.path.slice(0, 100)}`);
};

/** Express knows an error handler by its four parameters. */
function tellWhatWentWrong(log: Log): ErrorRequestHandler {
  return (thrown: unknown, req, res, next) => {
    const error = toPublicError(asRequestError(thrown));
    if (error.code === 'internal_error') {
      log.error({ err: error.cause, method: req.method, path: req.path }, 'a request met a defect');
    } else if (error.code === 'store_unavailable' && error.cause !== undefined) {
      log.warn({ err: error.cause, method: req.method, path: req.path }, 'the store does not answer');
    }
    if (res.headersSent) {
      // Too late to tell: Express ends the connection, so that nobody takes half an answer for a whole one.
      next(thrown);
      return;
    }
    sendProblem(res, error, req.path);
  };
}

/** Express's router throws this one itself. */
function asRequestError(thrown: unknown): unknown {
  if (!(thrown instanceof URIError)) return thrown;
  const message = 'expected well-formed percent-encoding';
  return new FillstreamError('invalid_request', `The path: ${message}`, {
    errors: [{ field: 'path', message }],
  });
}
