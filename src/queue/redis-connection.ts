import redis from 'redis';

const CONNECT_WITHIN_MS = 1_000;

/**
 * A connection for Bee-Queue, which knows redis@3 only. It listens for errors from its first moment on: Bee-Queue takes
 * over a connection some turns after it was made, and one that fails in between would end the process.
 *
 * It is never repaired: the first loss ends it.
 * @param address `redis://…`, `rediss://…` or the path of a unix socket
 * @param connections gets it, and those that Bee-Queue makes from it
 */
export function connectRedis(
  address: string,
  connections: redis.RedisClient[],
  onError: (error: unknown) => void,
): redis.RedisClient {
  const client = redis.createClient({
    ...(address.startsWith('/') ? { path: address } : { url: address }),
    connect_timeout: CONNECT_WITHIN_MS,
    // Anything but a number ends a redis@3 client at the first loss of its connection.
    retry_strategy: () => new Error('the connection to Redis ended'),
  });
  client.on('error', onError);
  // How Bee-Queue makes the other connections that it needs.
  client.duplicate = () => connectRedis(address, connections, onError);
  connections.push(client);
  return client;
}
