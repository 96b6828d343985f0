/** Builds the parts, each on the ones below it, and takes them down in reverse. The only place that picks adapters. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { DEFAULT_RETRY_POLICY } from '../machines/order/retry-policy.ts';
import { machineRegistry } from '../machines/registry.ts';
import type { Config } from './config.ts';
import { crashAt, passNothing, type PassCrashPoint } from './crash-points.ts';
import { dataFiles, openDataDir } from './data-files.ts';
import { openEmbeddedRedis } from './embedded/embedded-redis.ts';
import { startFeed, type RunningFeed } from './feed/start-feed.ts';
import { openRedisClients } from './feed/redis-clients.ts';
import { createHttpApp } from './http/app.ts';
import { closeConnections, listen, stopListening } from './http/listen.ts';
import { createHttpServer } from './http/server.ts';
import { cancelOrder } from './orders/cancel-order.ts';
import { countOpenOrders } from './orders/open-orders.ts';
import { readOrders } from './orders/read-orders.ts';
import { submitOrder } from './orders/submit-order.ts';
import { sweep } from './orders/sweep.ts';
import { openWakeQueue } from './queue/bee-wake-queue.ts';
import type { WakeQueue } from './queue/port.ts';
import { releaseVersion } from './release-version.ts';
import { openSimulation } from './simulation.ts';
import { openSqliteStore } from './store/sqlite/open-sqlite-store.ts';
import type { Store } from './store/ports.ts';
import { openLog } from './telemetry/log.ts';
import { every, systemClock } from './time.ts';
import { UserFault } from './user-fault.ts';
import { Worker } from './worker/worker.ts';

export interface Running {
  readonly url: string;
  readonly dataDir: string;
  readonly redis: string;
  /** Hands over what runs and stops; every part that was started is stopped. */
  close(): Promise<void>;
}

const SWEEP_MS = 500;
const PROBE_LIMIT_MS = 1_000;
const STOP_WITHIN_MS = 8_000;
/** Everybody is this owner as long as no keys are set. */
const LOCAL_OWNER = 'local';

/** Everything in one process. @throws UserFault when something around it has to be put right */
export async function startFillstream(config: Config): Promise<Running> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    return await start(config, stops, stopAll);
  } catch (thrown) {
    await stopAll();
    throw thrown;
  }
}

async function start(
  config: Config,
  stops: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Running> {
  const log = openLog(config.LOG_LEVEL);
  const dataDir = openDataDir(config.DATA_DIR);
  const passCrashPoint = crashPoints(config);

  const redis = await redisAddress(config, dataDir, log, stops);
  const store = await openStore(dataDir, passCrashPoint);
  stops.push(() => store.close());
  const { venues, submitter } = openSimulation({ ...config, DATA_DIR: dataDir }, passCrashPoint);
  stops.push(() => submitter.close());
  const queue = openWakeQueue({
    address: redis,
    machineVersion: machineRegistry.current,
    clock: systemClock,
    log,
  });
  stops.push(() => queue.close());

  let feed: RunningFeed | null = null;
  let shuttingDown = false;
  const app = createHttpApp({
    orders: {
      ...orderUseCases(config, {
        store,
        queue,
        passCrashPoint,
        log,
        commandHint: (id) => feed?.hints.commandWaiting(id),
      }),
      ownerOf: () => LOCAL_OWNER,
      publicUrl: config.PUBLIC_URL ?? null,
      allowedOrigins: config.ALLOWED_ORIGINS,
    },
    health: {
      probes: {
        store: async () => {
          await store.check();
          return undefined;
        },
        queue: async () => (await queue.depth()) ?? Promise.reject(new Error('Redis does not answer')),
      },
      connections: () => feed?.connections() ?? {},
      isShuttingDown: () => shuttingDown,
      version: releaseVersion(),
      clock: systemClock,
      probeLimitMs: PROBE_LIMIT_MS,
    },
    log,
  });
  const server = createHttpServer(app);
  stops.push(() => closeConnections(server));
  const clients = openRedisClients(redis, log);
  stops.push(() => clients.close());
  feed = startFeed({
    server,
    orders: store.orders,
    journal: store.journal,
    redis: clients,
    clock: systemClock,
    settings: { heartbeatMs: config.FEED_HEARTBEAT_MS, allowedOrigins: config.ALLOWED_ORIGINS },
    log,
  });
  const runningFeed = feed;
  stops.push(() => runningFeed.close());
  const { hints } = runningFeed;

  const worker = new Worker(
    {
      workerId: randomUUID(),
      store,
      queue,
      registry: machineRegistry,
      venues,
      submitter,
      announce: (message) => hints.announce(message),
      clock: systemClock,
      random: Math.random,
      newCommitId: randomUUID,
      passCrashPoint,
      log,
    },
    {
      concurrency: config.CONCURRENCY,
      heartbeatMs: config.HEARTBEAT_MS,
      deadAfterMs: config.DEAD_AFTER_MS,
      compareMs: 1_000,
      parkAfterMs: config.PARK_AFTER_MS,
      stopWithinMs: STOP_WITHIN_MS,
    },
  );
  hints.onCommand((orderId) => void worker.lookAtInbox(orderId).catch(() => undefined));
  await worker.start();
  stops.push(() => worker.stop());
  stops.push(
    every(
      SWEEP_MS,
      () =>
        sweep({
          work: store.work,
          queue,
          worker,
          machineVersion: machineRegistry.current,
          deadAfterMs: config.DEAD_AFTER_MS,
          log,
        }),
      (thrown) => log.warn({ err: thrown }, 'sweep failed; the next one is in half a second'),
    ),
  );

  const url = await listen(server, config.HOST, config.PORT);
  stops.push(() => {
    shuttingDown = true;
    stopListening(server);
    return Promise.resolve();
  });
  return {
    url,
    dataDir,
    redis: config.REDIS_URL === undefined ? `a private server at ${redis}` : 'REDIS_URL',
    close,
  };
}

/** @throws UserFault when the file is of a newer release, or is no database */
async function openStore(dataDir: string, passCrashPoint: PassCrashPoint): Promise<Store> {
  try {
    return await openSqliteStore({ file: dataFiles(dataDir).orders, passCrashPoint });
  } catch (error) {
    throw new UserFault(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** `redis://…`, or the path of the private server's unix socket. */
async function redisAddress(
  config: Config,
  dataDir: string,
  log: Logger,
  stops: (() => Promise<void>)[],
): Promise<string> {
  if (config.REDIS_URL !== undefined) return config.REDIS_URL;
  const embedded = await openEmbeddedRedis({ dataDir, log });
  stops.push(() => embedded.close());
  return embedded.socketPath;
}

interface UseCaseDeps {
  readonly store: Store;
  readonly queue: WakeQueue;
  readonly passCrashPoint: PassCrashPoint;
  readonly log: Logger;
  readonly commandHint: (orderId: string) => void;
}

function orderUseCases(config: Config, { store, queue, passCrashPoint, log, commandHint }: UseCaseDeps) {
  return {
    submitOrder: submitOrder({
      store: store.orders,
      queue,
      openOrders: countOpenOrders(store.orders, systemClock, config.MAX_IN_FLIGHT),
      registry: machineRegistry,
      policy: {
        ...DEFAULT_RETRY_POLICY,
        backoffBaseMs: config.BACKOFF_BASE_MS,
        backoffCapMs: config.BACKOFF_CAP_MS,
      },
      clock: systemClock,
      drawKey: randomUUID,
      passCrashPoint,
      log,
    }),
    cancelOrder: cancelOrder({
      store: store.orders,
      inbox: store.inbox,
      queue,
      commandHint,
      log,
    }),
    orders: readOrders({ store: store.orders, journal: store.journal }),
  };
}

function crashPoints({ CRASH_AT }: Config): PassCrashPoint {
  return CRASH_AT === undefined ? passNothing : crashAt(CRASH_AT, () => process.kill(process.pid, 'SIGKILL'));
}
