/** A connection to whatever carries notifications: one server, the master that sentinels name, or any node of a cluster. */
import { Redis, type RedisOptions } from 'ioredis';
import {
  readRedisAddress,
  type RedisAddress,
  type RedisClusterAddress,
  type RedisSocketAddress,
} from '../settings/redis-address.ts';
import { tlsOptions, type RedisTls } from '../settings/redis-tls.ts';
import type { Random } from '../runtime/time.ts';
import { ClusterNodes, connectorTo, followCluster } from './cluster-nodes.ts';

const RECONNECT_CAP_MS = 1_000;
const CONNECT_WITHIN_MS = 2_000;
/** Then a connection that was given up is cut off. */
const DISCONNECT_WITHIN_MS = 500;
/** A connection whose other end is silent this long after a command is replaced: a half-open one says nothing at all. */
const SILENT_FOR_MS = 3_000;

const delayBefore = (attempt: number): number => Math.min(25 * 2 ** Math.min(attempt, 10), RECONNECT_CAP_MS);

/** Without what would change the types of answers. */
type Options = Omit<RedisOptions, 'replyMapping'>;

const OPTIONS: Options = {
  // A closed connection rejects what it had not answered; else ioredis would leave it unsettled for ever.
  maxRetriesPerRequest: 0,
  // Nothing is kept for a connection that is not there: neither notifications, which are old by then, nor memory.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  connectTimeout: CONNECT_WITHIN_MS,
  disconnectTimeout: DISCONNECT_WITHIN_MS,
  socketTimeout: SILENT_FOR_MS,
  retryStrategy: delayBefore,
};

export interface OpenRedis {
  readonly tls: RedisTls;
  /** Spreads processes over the nodes of a cluster. */
  readonly random: Random;
}

/** @throws InvalidRedisAddress */
export function openRedis(text: string, { tls, random }: OpenRedis): Redis {
  const address = readRedisAddress(text);
  if (address.kind !== 'cluster') return new Redis({ ...OPTIONS, ...whereabouts(address, tls) });
  const nodes = new ClusterNodes(address.nodes, random);
  const Connector = connectorTo(nodes, address.tls ? tls : null, DISCONNECT_WITHIN_MS);
  // What TLS takes is the connector's business; ioredis only has to know that it is there.
  const secured = address.tls ? { tls: {} } : {};
  const redis = new Redis({ ...OPTIONS, ...accessTo(address), ...secured, Connector });
  followCluster(redis, nodes);
  return redis;
}

function whereabouts(address: Exclude<RedisAddress, RedisClusterAddress>, tls: RedisTls): Options {
  switch (address.kind) {
    case 'socket':
      return { path: address.path };
    case 'server': {
      const { host, port, database } = address;
      const secured = address.tls ? { tls: tlsOptions(host, tls) } : {};
      return { ...accessTo(address), ...secured, host, port, db: database };
    }
    case 'sentinel': {
      const { sentinels, master, password } = address;
      const secured = address.tls
        ? { tls: { ...tls }, enableTLSForSentinelMode: true, sentinelTLS: { ...tls } }
        : {};
      return {
        ...accessTo(address),
        ...secured,
        sentinels: [...sentinels],
        name: master,
        // Sentinels have users of their own; one that asks for nothing takes any password of the default user.
        ...(password === null ? {} : { sentinelPassword: password }),
        sentinelCommandTimeout: CONNECT_WITHIN_MS,
        sentinelRetryStrategy: delayBefore,
      };
    }
  }
}

function accessTo({ user, password }: Exclude<RedisAddress, RedisSocketAddress>): Options {
  return { ...(user === null ? {} : { username: user }), ...(password === null ? {} : { password }) };
}
