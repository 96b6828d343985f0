import redis from 'redis';
import {
  InvalidRedisAddress,
  readRedisAddress,
  type RedisServerAddress,
  type RedisSocketAddress,
} from '../settings/redis-address.ts';
import { tlsOptions, type RedisTls } from '../settings/redis-tls.ts';

const CONNECT_WITHIN_MS = 1_000;

/** One server, and how to speak to it. */
export interface QueueServer {
  readonly address: RedisServerAddress | RedisSocketAddress;
  readonly tls: RedisTls;
}

/**
 * @param text `redis://…`, `rediss://…` or the path of a unix socket
 * @throws InvalidRedisAddress for a cluster and for sentinels, too: Bee-Queue's client knows neither
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
 * A connection for Bee-Queue, which knows redis@3 only. It listens for errors from its first moment on: Bee-Queue takes
 * over a connection some turns after it was made, and one that fails in between would end the process.
 *
 * It is never repaired: the first loss ends it.
 * @param connections gets it, and those that Bee-Queue makes from it
 */
export function connectRedis(
  server: QueueServer,
  connections: redis.RedisClient[],
  onError: (error: unknown) => void,
): redis.RedisClient {
  const client = redis.createClient({
    ...whereabouts(server),
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

function whereabouts({ address, tls }: QueueServer): redis.ClientOpts & { readonly user?: string } {
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
