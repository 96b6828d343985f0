/** REST: the route table, and one answer to every error in it. */
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Edge } from '../edge/edge.ts';
import type { PublicAddress } from '../edge/public-address.ts';
import { toPublicError } from '../edge/public-error.ts';
import { FillstreamError } from '../errors.ts';
import { orderIdSchema } from '../protocol/fields.ts';
import type { Log } from '../telemetry/log.ts';
import type { MachineCatalogue } from '../charts/machine-catalogue.ts';
import { documentRoutes } from './documents/document-routes.ts';
import { adoptMessages, type Messages } from './messages.ts';
import type { Page } from './page/open-page.ts';
import { servePage } from './page/serve-page.ts';
import type { Route } from './route.ts';
import { routerOf } from './router.ts';
import { chainRoutes, type ChainFacts } from './routes/chain.ts';
import type { Operate } from '../orders/commands/operate.ts';
import type { ShareOrders } from '../orders/commands/share-order.ts';
import { operatorRoutes } from './routes/operator.ts';
import { sessionRoutes, type SessionRoutesDeps } from './routes/session.ts';
import { shareRoutes } from './routes/shares.ts';
import { healthRoutes, type HealthDeps } from './routes/health.ts';
import { machineFinder, machineRoutes } from './routes/machines.ts';
import { machineStatsRoutes, type MachineStatsRoutesDeps } from './routes/machine-stats.ts';
import { quoteRoutes, type QuoteRoutesDeps } from './routes/quotes.ts';
import { orderRoutes, type OrderRoutesDeps } from './routes/orders.ts';
import { plainListRoutes } from './routes/plain-list.ts';
import { problemRoutes } from './routes/problems.ts';
import { streamRoutes, type StreamRoutesDeps } from './routes/streams.ts';

export interface HttpAppDeps {
  readonly edge: Edge;
  /** The same as the server's. */
  readonly messages: Messages;
  readonly orders: Omit<OrderRoutesDeps, 'address'>;
  readonly quotes: QuoteRoutesDeps;
  readonly streams: StreamRoutesDeps;
  readonly health: HealthDeps;
  readonly shareOrders: ShareOrders;
  readonly operate: Operate;
  readonly machines: MachineCatalogue;
  readonly machineStats: MachineStatsRoutesDeps['machineStats'];
  readonly chainFacts: () => ChainFacts;
  /** Null: it is not built. */
  readonly page: Page | null;
  /** Origins whose pages may frame what a share link shows. */
  readonly frameAncestors: readonly string[];
  readonly log: Log;
}

export interface ApiRoutesDeps extends Pick<
  HttpAppDeps,
  | 'orders'
  | 'quotes'
  | 'streams'
  | 'health'
  | 'machines'
  | 'machineStats'
  | 'chainFacts'
  | 'shareOrders'
  | 'operate'
> {
  readonly access: SessionRoutesDeps['access'];
  readonly address: PublicAddress;
}

/** Every route of an api. */
export function apiRoutes({
  address,
  orders,
  quotes,
  streams,
  health,
  machines,
  machineStats,
  chainFacts,
  shareOrders,
  operate,
  access,
}: ApiRoutesDeps): readonly Route[] {
  const routes = [
    ...streamRoutes(streams),
    ...orderRoutes({ ...orders, address }),
    ...quoteRoutes(quotes),
    ...shareRoutes({ shareOrders, address }),
    ...operatorRoutes({ operate, access: orders.access, prefix: address.prefix }),
    ...sessionRoutes({ access, address, clock: health.clock }),
    ...machineRoutes({ machines, address }),
    ...machineStatsRoutes({ machineStats, findMachine: machineFinder(machines) }),
    ...chainRoutes(chainFacts),
    ...plainListRoutes({ orders: orders.orders, chainFacts }),
    ...healthRoutes(health),
    ...problemRoutes(address),
  ];
  const { version } = health;
  return [...routes, ...documentRoutes(routes, { version, prefix: address.prefix })];
}

export function createHttpApp(deps: HttpAppDeps): Express {
  return httpApp(
    apiRoutes({ ...deps, address: deps.edge.address, access: deps.edge.access }),
    deps,
    servePage(deps.page, deps.frameAncestors),
  );
}

/** For a process that takes no orders. */
export function createHealthApp(deps: Pick<HttpAppDeps, 'edge' | 'messages' | 'health' | 'log'>): Express {
  return httpApp([...healthRoutes(deps.health), ...problemRoutes(deps.edge.address)], deps);
}

/** Answers these routes, what `others` answer, and errors as problem JSON. */
export function httpApp(
  routes: readonly Route[],
  { edge, messages, log }: Pick<HttpAppDeps, 'edge' | 'messages' | 'log'>,
  ...others: readonly RequestHandler[]
): Express {
  const app = express();
  adoptMessages(app, messages);
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);
  app.enable('case sensitive routing');
  app.use(routerOf(routes, edge), ...others, unknownPath, answerError(edge, log));
  return app;
}

const unknownPath: RequestHandler = (req) => {
  throw new FillstreamError('not_found', `There is nothing at ${req.path.slice(0, 100)}`);
};

/** Express knows an error handler by its four parameters. */
function answerError({ problems }: Pick<Edge, 'problems'>, log: Log): ErrorRequestHandler {
  return (thrown: unknown, req, res, next) => {
    const error = toPublicError(asRequestError(thrown));
    const about = { method: req.method, path: req.path, orderId: orderIdIn(req.path) };
    if (error.code === 'internal_error') {
      log.error({ err: error.cause, ...about }, 'a request failed by a defect');
    } else if (error.code === 'store_unavailable' && error.cause !== undefined) {
      log.warn({ err: error.cause, ...about }, 'the store does not answer');
    }
    if (res.headersSent) {
      // Express ends the connection, so that half an answer is not taken for a whole one.
      next(thrown);
      return;
    }
    problems.send(res, error, req.path);
  };
}

function orderIdIn(path: string): string | undefined {
  return path.split('/').find((part) => orderIdSchema.safeParse(part).success);
}

/** Express's router itself throws it for a malformed path. */
function asRequestError(thrown: unknown): unknown {
  if (!(thrown instanceof URIError)) return thrown;
  const message = 'expected well-formed percent-encoding';
  return new FillstreamError('invalid_request', `The path: ${message}`, {
    errors: [{ field: 'path', message }],
  });
}
