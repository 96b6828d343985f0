/** The REST edge over a SQLite store, on a real socket, with everything that came out of it. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { DEFAULT_RETRY_POLICY } from '../../../machines/order/retry-policy.ts';
import { machineRegistry } from '../../../machines/registry.ts';
import { passNothing, type CrashPoint } from '../../../src/crash-points.ts';
import { machineCatalogue } from '../../../src/charts/machine-catalogue.ts';
import { openEdge, type Edge } from '../../../src/edge/edge.ts';
import { orderAccess, type OrderAccess } from '../../../src/edge/order-access.ts';
import type { HostCheck } from '../../../src/edge/host-policy.ts';
import { OPEN_IDENTITY, type Identity } from '../../../src/identity/identity.ts';
import type { Hideable } from '../../../src/protocol/redaction.ts';
import type { Clock } from '../../../src/runtime/time.ts';
import { createHttpApp } from '../../../src/http/app.ts';
import type { Page } from '../../../src/http/page/open-page.ts';
import type { ChainFacts } from '../../../src/http/routes/chain.ts';
import { ownMessages } from '../../../src/http/messages.ts';
import { createHttpServer } from '../../../src/http/server.ts';
import type { EventStreams } from '../../../src/http/routes/streams.ts';
import type { Probe } from '../../../src/http/probes.ts';
import { dryRun } from '../../../src/orders/submission/dry-run.ts';
import { quoteOrder, type QuoteSettings } from '../../../src/orders/submission/quote-order.ts';
import { cancelOrder } from '../../../src/orders/commands/cancel-order.ts';
import { limitOpenOrders } from '../../../src/orders/submission/open-order-limit.ts';
import { NO_LIMITS, type OrderLimits } from '../../../src/orders/submission/order-limits.ts';
import { readInspection } from '../../../src/orders/reading/read-inspection.ts';
import { readMachineStats } from '../../../src/orders/reading/read-machine-stats.ts';
import { readOrders } from '../../../src/orders/reading/read-orders.ts';
import { operate, type SignerFunds } from '../../../src/orders/commands/operate.ts';
import { retryOrder } from '../../../src/orders/commands/retry-order.ts';
import { shareOrders } from '../../../src/orders/commands/share-order.ts';
import { submitOrder } from '../../../src/orders/submission/submit-order.ts';
import type { WakeUp } from '../../../src/queue/port.ts';
import type { SignerAccount } from '../../../src/store/ledger.ts';
import { ANY_TOKEN, type TokenNames } from '../../../src/settings/token-names.ts';
import type { Venue } from '../../../src/venues/port.ts';
import { storeForTests, type StoreForTests } from '../store-for-tests.ts';

export interface RestServer {
  /** For streams beside REST. */
  readonly http: Server;
  readonly edge: Edge;
  readonly access: OrderAccess;
  readonly url: string;
  readonly port: number;
  readonly store: StoreForTests;
  /** The wake-ups that were sent. */
  readonly wakes: WakeUp[];
  readonly notifiedCommands: string[];
  /** What was logged, warnings and defects alike. */
  readonly logged: { readonly level: 'warn' | 'error'; readonly fields: object; readonly text: string }[];
  /** Milliseconds that the clock is ahead. */
  ahead: number;
  /** Of a feed beside REST; without one they are refused. */
  streams: EventStreams;
  stop(): Promise<void>;
}

interface Options {
  readonly limit?: number;
  readonly tokens?: TokenNames;
  readonly limits?: OrderLimits;
  readonly publicUrl?: string;
  readonly allowedOrigins?: readonly string[];
  readonly keepAliveMs?: number;
  readonly queueDown?: boolean;
  readonly probes?: Readonly<Record<string, Probe>>;
  readonly isShuttingDown?: () => boolean;
  readonly passCrashPoint?: (point: CrashPoint) => void;
  readonly chainFacts?: ChainFacts;
  readonly accounts?: readonly SignerAccount[];
  readonly funds?: ReadonlyMap<string, SignerFunds>;
  readonly page?: Page | null;
  readonly hostCheck?: HostCheck;
  readonly frameAncestors?: readonly string[];
  readonly shareHides?: readonly Hideable[];
  /** Left out: none is needed. */
  readonly identity?: (store: StoreForTests, clock: Clock) => Identity;
  /** Left out: none can be asked. */
  readonly venues?: readonly Venue[];
  readonly quoteSettings?: Partial<QuoteSettings>;
}

const NO_CHAIN: ChainFacts = {
  chain: { execution: 'simulated', chainId: null, confirmations: null, explorer: null },
  tokens: [],
};

export async function startRestServer(options: Options = {}): Promise<RestServer> {
  const clock = { now: () => Date.now() + server.ahead };
  const store = storeForTests(clock.now);
  const wakes: WakeUp[] = [];
  const notifiedCommands: string[] = [];
  const logged: RestServer['logged'] = [];
  const log = {
    warn: (fields: object, text: string) => void logged.push({ level: 'warn', fields, text }),
    error: (fields: object, text: string) => void logged.push({ level: 'error', fields, text }),
  };
  const queue = {
    wake: (wakeUps: readonly WakeUp[]) => {
      wakes.push(...wakeUps);
      return options.queueDown === true
        ? Promise.reject(new Error('the queue is unavailable'))
        : Promise.resolve();
    },
  };
  const { publicUrl = null, allowedOrigins = [] } = options;
  const identity = options.identity?.(store, clock) ?? OPEN_IDENTITY;
  const edge = openEdge(
    {
      publicUrl,
      allowedOrigins,
      hostCheck: options.hostCheck ?? 'any',
      shareHides: options.shareHides ?? [],
    },
    identity,
    log,
  );
  const access = orderAccess(store.orders);
  const tokens = options.tokens ?? ANY_TOKEN;
  const checked = {
    store: store.orders,
    openOrders: limitOpenOrders(store.orders, clock, options.limit ?? 1_000),
    tokens,
    limits: options.limits ?? NO_LIMITS,
    clock,
  };
  const commands = {
    load: access.load,
    inbox: store.inbox,
    queue,
    notifyCommand: (orderId: string) => void notifiedCommands.push(orderId),
    log,
  };
  const cancel = cancelOrder(commands);
  const messages = ownMessages();
  const app = createHttpApp({
    messages,
    edge,
    orders: {
      dryRun: dryRun(checked),
      submitOrder: submitOrder({
        ...checked,
        queue,
        registry: machineRegistry,
        policy: DEFAULT_RETRY_POLICY,
        newIdempotencyKey: randomUUID,
        notifyCreated: () => undefined,
        passCrashPoint: options.passCrashPoint ?? passNothing,
        log,
      }),
      cancelOrder: cancel,
      retryOrder: retryOrder(commands),
      inspection: readInspection(access.load, store.journal, machineRegistry),
      orders: readOrders({
        load: access.load,
        store: store.orders,
        journal: store.journal,
        tokens: options.tokens ?? ANY_TOKEN,
        linkPrefix: edge.address.prefix,
      }),
      access: edge.access,
      redaction: edge.redaction,
    },
    quotes: {
      quoteOrder: quoteOrder({
        venues: () => options.venues ?? null,
        tokens,
        minNetValue: 'positive',
        clock,
        newId: randomUUID,
        log,
        ...(options.quoteSettings === undefined ? {} : { settings: options.quoteSettings }),
      }),
    },
    streams: {
      streams: {
        streamOrder: (res, watch) => server.streams.streamOrder(res, watch),
        streamOrders: (res, watch) => server.streams.streamOrders(res, watch),
      },
    },
    health: {
      probes: { store: () => store.check().then(() => undefined), ...options.probes },
      connections: () => ({ websocket: 2 }),
      isShuttingDown: options.isShuttingDown ?? (() => false),
      version: '1.2.3',
      clock: { now: () => Date.now() },
      probeLimitMs: 100,
    },
    shareOrders: shareOrders({
      load: access.load,
      shares: store.identity.shares,
      ticketOf: (share) => identity.shareTicket(share),
      newId: randomUUID,
      clock,
    }),
    operate: operate({
      orders: store.orders,
      work: store.work,
      accounts: { list: () => Promise.resolve(options.accounts ?? []) },
      audit: store.identity.audit,
      cancelOrder: cancel,
      resumeSigner: (address) => Promise.resolve([`${address} signs again.`]),
      fundsOf: () => Promise.resolve(options.funds ?? null),
      deadAfterMs: 5_000,
      newId: randomUUID,
      clock,
    }),
    frameAncestors: options.frameAncestors ?? [],
    machines: machineCatalogue(machineRegistry, {}),
    machineStats: readMachineStats(store.orders, store.journal),
    chainFacts: () => options.chainFacts ?? NO_CHAIN,
    page: options.page ?? null,
    log,
  });
  const http = createHttpServer(app, edge, { messages, keepAliveMs: options.keepAliveMs ?? 65_000 });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const server: RestServer = {
    http,
    edge,
    access,
    url: `http://127.0.0.1:${port}`,
    port,
    store,
    wakes,
    notifiedCommands,
    logged,
    ahead: 0,
    streams: { streamOrder: withoutFeed, streamOrders: withoutFeed },
    stop: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}

function withoutFeed(): Promise<never> {
  return Promise.reject(new Error('this server has no feed'));
}
