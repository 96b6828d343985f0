import redis from 'redis';
import {
  InvalidRedisAddress,
  readRedisAddress,
  type RedisServerAddress,
  type RedisSocketAddress,
} from '../settings/redis-address.ts';
import { tlsOptions, type RedisTls } from '../settings/redis-tls.ts';

const CONNECT_WITHIN_MS = 1_000;

/** One server, and how to connect to it. */
export interface QueueServer {
  readonly address: RedisServerAddress | RedisSocketAddress;
  readonly tls: RedisTls;
}

/**
 * @param text `redis://…`, `rediss://…` or the path of a unix socket
 * @throws InvalidRedisAddress also for a cluster and for sentinels: Bee-Queue's client supports neither
 */
export function readQueueServer(text: string, tls: RedisTls): QueueServer {
  const address = readRedisAddress(text);
  if (address.kind === 'cluster' || address.kind === 'sentinel') {
    throw new InvalidRedisAddress(
      `the queue cannot use a ${address.kind} address: expected single servers, redis:// or rediss://, one or several`,
    );
  }
  return { address, tls };
}

/**
 * A connection for Bee-Queue, which supports only redis@3. It has an error listener from the start: Bee-Queue adds its own
 * some ticks later, and an error without a listener would end the process.
 *
 * It does not reconnect: the first loss ends it.
 * @param connections receives it, and those that Bee-Queue makes from it
 */
export function connectRedis(
  server: QueueServer,
  connections: redis.RedisClient[],
  onError: (error: unknown) => void,
): redis.RedisClient {
  const client = redis.createClient({
    ...endpointOptions(server),
    connect_timeout: CONNECT_WITHIN_MS,
    // Anything but a number ends a redis@3 client at the first loss of its connection.
    retry_strategy: () => new Error('the connection to Redis ended'),
  });
  client.on('error', onError);
  // How Bee-Queue makes the other connections that it needs.
  client.duplicate = () => connectRedis(server, connections, onError);
  connections.push(client);
  return client;
}

function endpointOptions({ address, tls }: QueueServer): redis.ClientOpts & { readonly user?: string } {
  if (address.kind === 'socket') return { path: address.path };
  const { host, port, user, password, database } = address;
  return {
    host,
    port,
    ...(database === 0 ? {} : { db: database }),
    ...(user === null ? {} : { user }),
    ...(password === null ? {} : { password }),
    ...(address.tls ? { tls: tlsOptions(host, tls) } : {}),
  };
}
