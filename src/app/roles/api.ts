/** The role that accepts orders and serves their feeds. */
import { randomUUID } from 'node:crypto';
import { DEFAULT_RETRY_POLICY } from '../../../machines/order/retry-policy.ts';
import type { Config } from '../../settings/config.ts';
import type { Notifications } from '../../notifications/notifications.ts';
import { openRedisClients } from '../../redis/redis-clients.ts';
import { openEdge } from '../../edge/edge.ts';
import { orderAccess, type OrderAccess } from '../../edge/order-access.ts';
import { startFeed, type RunningFeed } from '../../feed/start-feed.ts';
import { machineCatalogue } from '../../charts/machine-catalogue.ts';
import { createHttpApp } from '../../http/app.ts';
import { closeConnections, listen, stopListening } from '../../http/listen.ts';
import { openPage } from '../../http/page/open-page.ts';
import { createHttpServer } from '../../http/server.ts';
import { cancelOrder } from '../../orders/cancel-order.ts';
import { limitOpenOrders } from '../../orders/open-order-limit.ts';
import { readOrders } from '../../orders/read-orders.ts';
import { submitOrder } from '../../orders/submit-order.ts';
import { systemClock } from '../../runtime/time.ts';
import type { TokenNames } from '../../settings/token-names.ts';
import type { Backends } from '../adapters/backends.ts';
import { chainFacts } from '../adapters/chain-facts.ts';
import { healthOf } from './health.ts';
import { openLimits } from '../adapters/open-limits.ts';
import { knownContracts } from '../adapters/known-contracts.ts';
import { tradedTokens } from '../adapters/traded-tokens.ts';
import type { ShutdownSteps } from '../adapters/shutdown.ts';

export interface Api {
  readonly notifications: Notifications;
  /** Takes requests from now on. @returns its URL */
  listen(): Promise<string>;
}

/** Builds it; it takes no requests before `listen`. */
export function startApi(config: Config, backends: Backends, stops: ShutdownSteps): Api {
  const { store, log, feedRedis, redisTls } = backends;
  let shuttingDown = false;
  const edge = openEdge(
    { publicUrl: config.PUBLIC_URL ?? null, allowedOrigins: config.ALLOWED_ORIGINS },
    log,
  );
  const access = orderAccess(store.orders);
  const tokens = tradedTokens(config, backends);
  // The feed needs the server, and the routes need the feed. No request comes before `listen`.
  const server = createHttpServer((req, res) => void app(req, res), edge, {
    keepAliveMs: config.HTTP_KEEP_ALIVE_MS,
  });
  stops.push(() => closeConnections(server));
  const clients = openRedisClients(feedRedis, log, { tls: redisTls });
  stops.push(() => clients.close());
  const feed = startFeed({
    server,
    edge,
    access,
    journal: store.journal,
    work: store.work,
    changes: store.changes,
    tokenName: tokens.nameOf,
    redis: clients,
    clock: systemClock,
    settings: { heartbeatMs: config.FEED_HEARTBEAT_MS },
    log,
  });
  stops.push(() => feed.close());
  const page = openPage();
  const app = createHttpApp({
    edge,
    orders: {
      ...orderUseCases(config, backends, { access, tokens, linkPrefix: edge.address.prefix, feed }),
      access,
    },
    streams: { streams: feed.eventStreams, access },
    health: healthOf(config, backends, {
      connections: () => feed.connections(),
      isShuttingDown: () => shuttingDown,
    }),
    machines: machineCatalogue(backends.registry, page?.drawings ?? {}),
    chainFacts: chainFacts(config, backends),
    page,
    log,
  });

  return {
    notifications: feed.notifications,
    async listen() {
      const url = await listen(server, config.HOST, config.PORT);
      stops.push(() => {
        shuttingDown = true;
        stopListening(server);
        return Promise.resolve();
      });
      return url;
    },
  };
}

interface UseCaseDeps {
  readonly access: OrderAccess;
  readonly tokens: TokenNames;
  readonly linkPrefix: string;
  readonly feed: Pick<RunningFeed, 'notifications' | 'created'>;
}

function orderUseCases(
  config: Config,
  backends: Backends,
  { access: { load }, tokens, linkPrefix, feed }: UseCaseDeps,
) {
  const { store, queue, registry, passCrashPoint, log } = backends;
  const notifyCommand = (orderId: string) => feed.notifications.commandWaiting(orderId);
  return {
    submitOrder: submitOrder({
      store: store.orders,
      queue,
      openOrders: limitOpenOrders(store.orders, systemClock, config.MAX_IN_FLIGHT),
      tokens,
      contracts: knownContracts(config, backends),
      limits: openLimits(config, tokens, store.dayTotals),
      registry,
      policy: {
        ...DEFAULT_RETRY_POLICY,
        backoffBaseMs: config.BACKOFF_BASE_MS,
        backoffCapMs: config.BACKOFF_CAP_MS,
      },
      clock: systemClock,
      newIdempotencyKey: randomUUID,
      notifyCreated: (message, owner) => feed.created(message, owner),
      passCrashPoint,
      log,
    }),
    cancelOrder: cancelOrder({ load, inbox: store.inbox, queue, notifyCommand, log }),
    orders: readOrders({ load, store: store.orders, journal: store.journal, linkPrefix }),
  };
}
