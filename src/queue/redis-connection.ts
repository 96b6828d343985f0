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
  endOnUnaskedReply(client, onError);
  // How Bee-Queue makes the other connections that it needs.
  client.duplicate = () => connectRedis(server, connections, onError);
  connections.push(client);
  return client;
}

/**
 * redis@3 throws in its socket's handler, and so ends the process, at a reply that it did not ask for (of another service on the port, of
 * a broken proxy), and at one that does not fit what it asked for, as all that follow such a reply. The connection cannot be trusted
 * with the next reply either: it is ended, and replaced like any lost one.
 */
function endOnUnaskedReply(client: redis.RedisClient, onError: (error: unknown) => void): void {
  const end = (error: unknown): void => {
    onError(error);
    client.stream.destroy();
  };
  for (const name of ['return_reply', 'return_error']) {
    const original: unknown = Reflect.get(client, name);
    if (typeof original !== 'function') throw new Error(`redis@3 has no ${name}`);
    Reflect.set(client, name, (reply: unknown) => {
      const isMessage = Reflect.get(client, 'pub_sub_mode') !== 0 && Array.isArray(reply) && reply.length > 2;
      if (client.command_queue.length === 0 && !isMessage) {
        end(new Error('Redis sent a reply that was not asked for: the connection is ended'));
        return;
      }
      if (name === 'return_reply' && isForeignToPop(client, reply)) {
        end(new Error('Redis answered a wait for jobs with what is no job: the connection is ended'));
        return;
      }
      try {
        Reflect.apply(original, client, [reply]);
      } catch (error) {
        end(error);
      }
    });
  }
}

/**
 * A consumer waits by BRPOPLPUSH, and takes any reply for the id of a job: it then looks for a job that does not exist, and waits no
 * more. Ids of jobs have a colon (`bee-wake-queue.ts`), and a wait that ended without a job is answered by null.
 */
function isForeignToPop(client: redis.RedisClient, reply: unknown): boolean {
  const asked: object = client.command_queue;
  const peek: unknown = Reflect.get(asked, 'peekFront');
  if (typeof peek !== 'function') throw new Error('redis@3 has no queue of commands with peekFront');
  const head: unknown = Reflect.apply(peek, asked, []);
  if (typeof head !== 'object' || head === null || !('command' in head)) return false;
  if (head.command !== 'brpoplpush' || reply === null) return false;
  return !(Buffer.isBuffer(reply) || typeof reply === 'string') || !reply.includes(':');
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
