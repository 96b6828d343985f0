/** The role that accepts orders and serves their feeds. */
import { randomUUID } from 'node:crypto';
import { DEFAULT_RETRY_POLICY } from '../../../machines/order/retry-policy.ts';
import type { Config } from '../../settings/config.ts';
import type { Notifications } from '../../notifications/notifications.ts';
import { openRedisClients } from '../../redis/redis-clients.ts';
import { openEdge } from '../../edge/edge.ts';
import { orderAccess, type OrderAccess } from '../../edge/order-access.ts';
import { startFeed, type RunningFeed } from '../../feed/start-feed.ts';
import type { Identity } from '../../identity/identity.ts';
import { machineCatalogue } from '../../charts/machine-catalogue.ts';
import { createHttpApp } from '../../http/app.ts';
import { closeConnections, listen, stopListening } from '../../http/listen.ts';
import { openPage } from '../../http/page/open-page.ts';
import { ownMessages } from '../../http/messages.ts';
import { createHttpServer } from '../../http/server.ts';
import { dryRun } from '../../orders/submission/dry-run.ts';
import { quoteOrder } from '../../orders/submission/quote-order.ts';
import { cancelOrder } from '../../orders/commands/cancel-order.ts';
import { FillstreamError } from '../../errors.ts';
import { OperatorError } from '../../operator-error.ts';
import { operate } from '../../orders/commands/operate.ts';
import { shareOrders } from '../../orders/commands/share-order.ts';
import { resumeSignerOf } from '../commands/resume-signer.ts';
import { limitOpenOrders } from '../../orders/submission/open-order-limit.ts';
import { readInspection } from '../../orders/reading/read-inspection.ts';
import { readMachineStats } from '../../orders/reading/read-machine-stats.ts';
import { readOrders } from '../../orders/reading/read-orders.ts';
import { retryOrder } from '../../orders/commands/retry-order.ts';
import { submitOrder } from '../../orders/submission/submit-order.ts';
import { systemClock } from '../../runtime/time.ts';
import type { TokenNames } from '../../settings/token-names.ts';
import type { Backends } from '../adapters/backends.ts';
import { chainFacts } from '../adapters/chain-facts.ts';
import { signerFunds } from '../adapters/signer-funds.ts';
import { healthOf } from './health.ts';
import { hostCheckOf } from '../adapters/open-identity.ts';
import { openRateLimit } from '../adapters/open-rate-limit.ts';
import { openLimits } from '../adapters/open-limits.ts';
import { knownContracts } from '../adapters/known-contracts.ts';
import { apiMarket, quoteVenues } from '../adapters/api-market.ts';
import { tradedTokens } from '../adapters/traded-tokens.ts';
import type { ShutdownSteps } from '../adapters/shutdown.ts';
import type { SignersPart } from './signers-part.ts';

export interface Api {
  readonly notifications: Notifications;
  /** Takes requests from now on. @returns its URL */
  listen(): Promise<string>;
}

/** Builds it; it takes no requests before `listen`. @param signers null: it has none */
export function startApi(
  config: Config,
  backends: Backends,
  identity: Identity,
  stops: ShutdownSteps,
  signers: SignersPart | null,
): Api {
  const { store, log, feedRedis, redisTls } = backends;
  let shuttingDown = false;
  const edge = openEdge(
    {
      publicUrl: config.PUBLIC_URL ?? null,
      allowedOrigins: config.ALLOWED_ORIGINS,
      hostCheck: hostCheckOf(config),
      shareHides: config.SHARE_HIDES,
    },
    identity,
    log,
    openRateLimit(config, backends, stops),
  );
  const access = orderAccess(store.orders);
  const tokens = tradedTokens(config, backends);
  // The feed needs the server, and the routes need the feed. No request comes before `listen`.
  const messages = ownMessages();
  const server = createHttpServer((req, res) => void app(req, res), edge, {
    messages,
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
    settings: {
      heartbeatMs: config.FEED_HEARTBEAT_MS,
      maxConnectionsPerOwner: config.MAX_CONNECTIONS_PER_OWNER,
      maxConnectionsPerAddress: config.MAX_CONNECTIONS_PER_ADDRESS,
    },
    log,
  });
  stops.push(() => feed.close());
  const page = openPage();
  const contracts = knownContracts(config, backends);
  const market = apiMarket(config, backends);
  const factsOfChain = chainFacts(config, backends, market);
  const useCases = orderUseCases(config, backends, {
    access,
    tokens,
    contracts,
    linkPrefix: edge.address.prefix,
    feed,
  });
  const app = createHttpApp({
    messages,
    edge,
    orders: {
      ...useCases,
      access: edge.access,
      redaction: edge.redaction,
    },
    quotes: {
      quoteOrder: quoteOrder({
        venues: quoteVenues(config, market),
        tokens,
        contracts,
        minNetValue: config.MIN_NET_VALUE,
        clock: systemClock,
        newId: randomUUID,
        log,
      }),
    },
    streams: { streams: feed.eventStreams },
    health: healthOf(
      config,
      backends,
      { connections: () => feed.connections(), isShuttingDown: () => shuttingDown },
      signers,
    ),
    shareOrders: shareOrders({
      load: access.load,
      shares: store.identity.shares,
      ticketOf: (share) => identity.shareTicket(share),
      newId: randomUUID,
      clock: systemClock,
    }),
    operate: operate({
      orders: store.orders,
      work: store.work,
      accounts: store.ledger.accounts,
      audit: store.identity.audit,
      cancelOrder: useCases.cancelOrder,
      resumeSigner: (address) => resumeForOperator(config, backends, address),
      fundsOf: signerFunds(market, factsOfChain),
      deadAfterMs: config.DEAD_AFTER_MS,
      newId: randomUUID,
      clock: systemClock,
    }),
    frameAncestors: config.FRAME_ANCESTORS,
    machines: machineCatalogue(backends.registry, page?.drawings ?? {}),
    machineStats: readMachineStats(store.orders, store.journal),
    chainFacts: factsOfChain,
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

/** @throws FillstreamError not_found */
async function resumeForOperator(
  config: Config,
  { store }: Backends,
  address: string,
): Promise<readonly string[]> {
  const lines: string[] = [];
  try {
    await resumeSignerOf(store.ledger, address, config, (line) => lines.push(line));
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new FillstreamError('not_found', error.message, { cause: error });
  }
  return lines;
}

interface UseCaseDeps {
  readonly access: OrderAccess;
  readonly tokens: TokenNames;
  readonly contracts: ReadonlySet<string>;
  readonly linkPrefix: string;
  readonly feed: Pick<RunningFeed, 'notifications' | 'created'>;
}

function orderUseCases(
  config: Config,
  backends: Backends,
  { access: { load }, tokens, contracts, linkPrefix, feed }: UseCaseDeps,
) {
  const { store, queue, registry, passCrashPoint, log } = backends;
  const notifyCommand = (orderId: string) => feed.notifications.commandWaiting(orderId);
  const checked = {
    store: store.orders,
    openOrders: limitOpenOrders(store.orders, systemClock, config.MAX_IN_FLIGHT),
    tokens,
    contracts,
    limits: openLimits(config, tokens, store.dayTotals),
    clock: systemClock,
  };
  return {
    dryRun: dryRun(checked),
    submitOrder: submitOrder({
      ...checked,
      queue,
      registry,
      policy: {
        ...DEFAULT_RETRY_POLICY,
        backoffBaseMs: config.BACKOFF_BASE_MS,
        backoffCapMs: config.BACKOFF_CAP_MS,
      },
      newIdempotencyKey: randomUUID,
      notifyCreated: (message, owner) => feed.created(message, owner),
      passCrashPoint,
      log,
    }),
    cancelOrder: cancelOrder({ load, inbox: store.inbox, queue, notifyCommand, log }),
    retryOrder: retryOrder({ load, inbox: store.inbox, queue, notifyCommand, log }),
    inspection: readInspection(load, store.journal, registry),
    orders: readOrders({ load, store: store.orders, journal: store.journal, tokens, linkPrefix }),
  };
}
