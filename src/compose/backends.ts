/** What every role stands on: the data folder, Redis, the store, the queue. */
import type { Logger } from 'pino';
import type { MachineRegistry } from '../../machines/registry.ts';
import type { Config } from '../config.ts';
import { crashAt, passNothing, type PassCrashPoint } from '../crash-points.ts';
import { dataFiles, openDataDir } from '../data-files.ts';
import { openEmbeddedRedis } from '../embedded/embedded-redis.ts';
import { openWakeQueue } from '../queue/bee-wake-queue.ts';
import type { WakeQueue } from '../queue/port.ts';
import { openMongoStore } from '../store/mongo/open-mongo-store.ts';
import type { Store } from '../store/ports.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import { openLog } from '../telemetry/log.ts';
import { systemClock } from '../time.ts';
import { UserFault } from '../user-fault.ts';
import type { Stops } from './stops.ts';

export interface Backends {
  readonly log: Logger;
  /** Absolute; exists. */
  readonly dataDir: string;
  readonly registry: MachineRegistry;
  /** `redis://…`, or the path of the private server's unix socket. */
  readonly redisAddress: string;
  readonly store: Store;
  readonly queue: WakeQueue;
  readonly passCrashPoint: PassCrashPoint;
  /** For people. */
  readonly uses: Readonly<Record<string, string>>;
}

/** @throws UserFault */
export async function openBackends(
  config: Config,
  registry: MachineRegistry,
  stops: Stops,
): Promise<Backends> {
  const log = openLog(config.LOG_LEVEL);
  const dataDir = openDataDir(config.DATA_DIR);
  const passCrashPoint = crashPoints(config);
  const redisAddress = await openRedis(config, dataDir, log, stops);
  const store = await openStore(config, dataDir, passCrashPoint);
  stops.push(() => store.close());
  const queue = openWakeQueue({
    address: redisAddress,
    machineVersion: registry.current,
    clock: systemClock,
    log,
  });
  stops.push(() => queue.close());
  const uses = {
    data: dataDir,
    store: config.MONGODB_URL === undefined ? `SQLite, ${dataFiles(dataDir).orders}` : 'MONGODB_URL',
    redis: config.REDIS_URL === undefined ? `a private server at ${redisAddress}` : 'REDIS_URL',
  };
  return { log, dataDir, registry, redisAddress, store, queue, passCrashPoint, uses };
}

/** @throws UserFault when the store does not answer, is of a newer release, or is no database */
async function openStore(config: Config, dataDir: string, passCrashPoint: PassCrashPoint): Promise<Store> {
  const { MONGODB_URL: url, MONGODB_POOL_SIZE: poolSize, MONGODB_TIMEOUT_MS: timeoutMs } = config;
  try {
    if (url !== undefined) return await openMongoStore({ url, poolSize, timeoutMs, passCrashPoint });
    return await openSqliteStore({ file: dataFiles(dataDir).orders, passCrashPoint });
  } catch (error) {
    throw new UserFault(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function openRedis(config: Config, dataDir: string, log: Logger, stops: Stops): Promise<string> {
  if (config.REDIS_URL !== undefined) return config.REDIS_URL;
  const embedded = await openEmbeddedRedis({ dataDir, log });
  stops.push(() => embedded.close());
  return embedded.socketPath;
}

function crashPoints({ CRASH_AT }: Config): PassCrashPoint {
  return CRASH_AT === undefined ? passNothing : crashAt(CRASH_AT, () => process.kill(process.pid, 'SIGKILL'));
}
