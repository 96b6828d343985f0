/** A connection for notifications: to one server, to the master that sentinels name, or to any node of a cluster. */
import { Redis, type RedisOptions } from 'ioredis';
import {
  readRedisAddress,
  type RedisAddress,
  type RedisClusterAddress,
  type RedisSocketAddress,
} from '../settings/redis-address.ts';
import { tlsOptions, type RedisTls } from '../settings/redis-tls.ts';
import type { Random } from '../runtime/time.ts';
import { ClusterNodes, connectorTo, discoverNodes } from './cluster-nodes.ts';

const RECONNECT_CAP_MS = 1_000;
const CONNECT_WITHIN_MS = 2_000;
/** After this a connection that is being closed is cut off. */
const DISCONNECT_WITHIN_MS = 500;
/** A connection whose other end is silent this long after a command is replaced: it may be half open. */
const SILENT_FOR_MS = 3_000;

const delayBefore = (attempt: number): number => Math.min(25 * 2 ** Math.min(attempt, 10), RECONNECT_CAP_MS);

/** Without the option that would change the types of replies. */
type Options = Omit<RedisOptions, 'replyMapping'>;

const OPTIONS: Options = {
  // A connection that closes rejects its unanswered commands; otherwise ioredis would leave them unsettled forever.
  maxRetriesPerRequest: 0,
  // Nothing is queued while disconnected: notifications would be out of date, and the queue would grow.
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
  if (address.kind !== 'cluster') return new Redis({ ...OPTIONS, ...endpointOptions(address, tls) });
  const nodes = new ClusterNodes(address.nodes, random);
  const Connector = connectorTo(nodes, address.tls ? tls : null, DISCONNECT_WITHIN_MS);
  // The connector has the TLS options; ioredis only has to know that TLS is used.
  const secured = address.tls ? { tls: {} } : {};
  const redis = new Redis({ ...OPTIONS, ...credentials(address), ...secured, Connector });
  discoverNodes(redis, nodes);
  return redis;
}

function endpointOptions(address: Exclude<RedisAddress, RedisClusterAddress>, tls: RedisTls): Options {
  switch (address.kind) {
    case 'socket':
      return { path: address.path };
    case 'server': {
      const { host, port, database } = address;
      const secured = address.tls ? { tls: tlsOptions(host, tls) } : {};
      return { ...credentials(address), ...secured, host, port, db: database };
    }
    case 'sentinel': {
      const { sentinels, master, password } = address;
      const secured = address.tls
        ? { tls: { ...tls }, enableTLSForSentinelMode: true, sentinelTLS: { ...tls } }
        : {};
      return {
        ...credentials(address),
        ...secured,
        sentinels: [...sentinels],
        name: master,
        // Sentinels have their own users. One without a password accepts any password of the default user.
        ...(password === null ? {} : { sentinelPassword: password }),
        sentinelCommandTimeout: CONNECT_WITHIN_MS,
        sentinelRetryStrategy: delayBefore,
      };
    }
  }
}

function credentials({ user, password }: Exclude<RedisAddress, RedisSocketAddress>): Options {
  return { ...(user === null ? {} : { username: user }), ...(password === null ? {} : { password }) };
}
