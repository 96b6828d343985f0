/** Opens what every role needs: the data folder, Redis, the store and the queue. */
import { realpathSync } from 'node:fs';
import type { Logger } from 'pino';
import type { MachineRegistry } from '../../../machines/registry.ts';
import type { Config } from '../../settings/config.ts';
import { crashAt, passNothing, type PassCrashPoint } from '../../crash-points.ts';
import { dataFiles, openDataDir } from '../../settings/data-dir.ts';
import { anvilServer } from '../../embedded/anvil/embedded-anvil.ts';
import { superviseServers } from '../../embedded/supervise-servers.ts';
import { redisServer } from '../../embedded/redis/redis-server.ts';
import { openWakeQueue, type WakeQueueOptions } from '../../queue/bee-wake-queue.ts';
import { MultiVersionQueue } from '../../queue/multi-version-queue.ts';
import type { WakeQueue } from '../../queue/port.ts';
import { checkRedisTls, type RedisTls } from '../../settings/redis-tls.ts';
import type { Store } from '../../store/ports.ts';
import { openLog } from '../../telemetry/log.ts';
import { readTextFile } from '../../runtime/text-file.ts';
import { systemClock } from '../../runtime/time.ts';
import { OperatorError } from '../../operator-error.ts';
import { openStore } from './open-store.ts';
import { releaseId } from './release-id.ts';
import type { ShutdownSteps } from './shutdown.ts';

export interface Backends {
  readonly log: Logger;
  /** Absolute; exists. */
  readonly dataDir: string;
  readonly registry: MachineRegistry;
  /** Which release this is: see `releaseId`. */
  readonly release: string;
  /** The address of the Redis for notifications: that of the settings, or the path of the private server's unix socket. */
  readonly feedRedis: string;
  readonly redisTls: RedisTls;
  /** The chain of the data folder. Null: orders are executed on another chain. */
  readonly localChain: { readonly rpcUrl: string; readonly chainDir: string } | null;
  readonly store: Store;
  readonly queue: WakeQueue;
  readonly passCrashPoint: PassCrashPoint;
  /** For people. */
  readonly uses: Readonly<Record<string, string>>;
}

/** @throws OperatorError */
export async function openBackends(
  config: Config,
  registry: MachineRegistry,
  stops: ShutdownSteps,
): Promise<Backends> {
  const log = openLog(config.LOG_LEVEL);
  const dataDir = openDataDir(config.DATA_DIR);
  const passCrashPoint = crashPoints(config);
  const redisTls = readRedisTls(config);
  // The private server runs only if something uses it.
  const needsRedis = config.FEED_REDIS_URL === undefined || config.QUEUE_REDIS_URLS.length === 0;
  const embedded = await openEmbedded(config, dataDir, needsRedis, log, stops);
  const redis = config.REDIS_URL ?? embedded.socketPath;
  const store = await openStore(config, dataDir, passCrashPoint);
  stops.push(() => store.close());
  const queueRedis = config.QUEUE_REDIS_URLS.length === 0 ? [redis] : config.QUEUE_REDIS_URLS;
  const queue = openQueue({ address: queueRedis, tls: redisTls, clock: systemClock, log }, registry);
  stops.push(() => queue.close());
  const uses = {
    data: dataDir,
    store: config.MONGODB_URL === undefined ? `SQLite, ${dataFiles(dataDir).orders}` : 'MONGODB_URL',
    redis: [
      ...(needsRedis ? [config.REDIS_URL === undefined ? `a private server at ${redis}` : 'REDIS_URL'] : []),
      ...(config.FEED_REDIS_URL === undefined ? [] : ['FEED_REDIS_URL']),
      ...(config.QUEUE_REDIS_URLS.length === 0 ? [] : ['QUEUE_REDIS_URLS']),
    ].join(', '),
    chain: describeChain(config, embedded.localChain),
  };
  const feedRedis = config.FEED_REDIS_URL ?? redis;
  const { localChain } = embedded;
  return {
    log,
    dataDir,
    registry,
    release: releaseId(registry),
    feedRedis,
    redisTls,
    localChain,
    store,
    queue,
    passCrashPoint,
    uses,
  };
}

/** The queue of this machine version. A consumer also reads the queues of older registered versions. */
function openQueue(options: Omit<WakeQueueOptions, 'machineVersion'>, registry: MachineRegistry): WakeQueue {
  const open = (machineVersion: number): WakeQueue => openWakeQueue({ ...options, machineVersion });
  const older = [...registry.machines.keys()].filter((version) => version < registry.current);
  return new MultiVersionQueue(open(registry.current), () => older.map(open));
}

/** @throws OperatorError */
export function readRedisTls(config: Config): RedisTls {
  const files = {
    ca: config.REDIS_TLS_CA_FILE,
    cert: config.REDIS_TLS_CERT_FILE,
    key: config.REDIS_TLS_KEY_FILE,
  };
  const texts = Object.entries(files).flatMap(([name, file]) =>
    file === undefined ? [] : [[name, readSettingFile(file)] as const],
  );
  const tls: RedisTls = Object.fromEntries(texts);
  try {
    checkRedisTls(tls);
  } catch (error) {
    throw new OperatorError(`REDIS_TLS_*: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  return tls;
}

/** @throws OperatorError */
function readSettingFile(file: string): string {
  try {
    return readTextFile(file);
  } catch (error) {
    throw new OperatorError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

interface Embedded {
  /** Empty if it is not needed. */
  readonly socketPath: string;
  readonly localChain: Backends['localChain'];
}

/**
 * Supervises the servers of the data folder, as far as the settings name no other ones. All roles supervise the same ones,
 * because any of them may be the folder's owner.
 */
async function openEmbedded(
  config: Config,
  dataDir: string,
  needsRedis: boolean,
  log: Logger,
  stops: ShutdownSteps,
): Promise<Embedded> {
  const folder = realpathSync(dataDir);
  const redis = needsRedis && config.REDIS_URL === undefined ? await redisServer(folder, log) : null;
  const anvil =
    config.EXECUTION === 'chain' && config.RPC_URL === undefined
      ? anvilServer(folder, { blockTimeMs: config.LOCAL_BLOCK_MS }, log)
      : null;
  const servers = [redis, anvil].filter((server) => server !== null);
  if (servers.length > 0) {
    const supervision = await superviseServers(folder, servers, log);
    stops.push(() => supervision.close());
  }
  return {
    socketPath: redis?.socketPath ?? '',
    localChain: anvil === null ? null : { rpcUrl: anvil.rpcUrl(), chainDir: anvil.chainDir },
  };
}

function describeChain({ EXECUTION, RPC_URL }: Config, local: Backends['localChain']): string {
  if (EXECUTION === 'simulated') return 'simulated: nothing is really swapped';
  return RPC_URL === undefined ? `a private anvil at ${local?.rpcUrl ?? '?'}` : 'RPC_URL';
}

function crashPoints({ CRASH_AT }: Config): PassCrashPoint {
  return CRASH_AT === undefined ? passNothing : crashAt(CRASH_AT, () => process.kill(process.pid, 'SIGKILL'));
}
