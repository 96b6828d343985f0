/**
 * The two connections to Redis that carry notifications, and nothing else. While Redis is away no request fails: what cannot be
 * published is counted and dropped, and the subscriber reconnects by itself.
 *
 * The Socket.IO adapter and emitter drop the promises of their commands and trust what they receive. So they get these two wrappers:
 * promises that never reject, and listeners that never throw.
 */
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { checkRedisTls, type RedisTls } from '../settings/redis-tls.ts';
import { every, type Random } from '../runtime/time.ts';
import { RedisPublisher } from './publisher.ts';
import { RedisSubscriber } from './subscriber.ts';
import { openRedis } from './open-redis.ts';

const PING_EVERY_MS = 1_500;

export interface RedisClients {
  /** For the adapter, the emitter and the command channel. */
  readonly pub: RedisPublisher;
  /** For the adapter and the command channel. */
  readonly sub: RedisSubscriber;
  /** Notifications that did not reach Redis since the start. */
  readonly lostNotifications: number;
  /** Whether notifications can be published and received. */
  isUp(): boolean;
  close(): Promise<void>;
}

export interface RedisClientsOptions {
  readonly tls?: RedisTls;
  readonly random?: Random;
}

/**
 * @param address any form that `readRedisAddress` accepts
 * @throws InvalidRedisAddress, InvalidRedisTls
 */
export function openRedisClients(
  address: string,
  log: Pick<Logger, 'info' | 'warn'>,
  { tls = {}, random = Math.random }: RedisClientsOptions = {},
): RedisClients {
  checkRedisTls(tls);
  const publisher = openRedis(address, { tls, random });
  const subscriber = openRedis(address, { tls, random });
  const stopLogging = [logChanges(publisher, 'publisher', log), logChanges(subscriber, 'subscriber', log)];

  const pub = new RedisPublisher(publisher);
  const sub = new RedisSubscriber(subscriber);
  // `socketTimeout` waits for replies, and a connection that only subscribes has none without pings.
  const stopPings = every(
    PING_EVERY_MS,
    () => {
      // Not awaited: the reply of a connection that closes meanwhile may never come.
      if (subscriber.status === 'ready') subscriber.ping().catch(() => undefined);
      return Promise.resolve();
    },
    () => undefined,
  );
  return {
    pub,
    sub,
    get lostNotifications() {
      return pub.lost;
    },
    isUp: () => pub.isReady && sub.isListening,
    close: async () => {
      for (const stop of stopLogging) stop();
      publisher.disconnect();
      subscriber.disconnect();
      await stopPings();
    },
  };
}

/** @returns stops it: a disconnection that follows is intended */
function logChanges(redis: Redis, name: string, log: Pick<Logger, 'info' | 'warn'>): () => void {
  let up: boolean | null = null;
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  redis.on('ready', () => {
    if (up !== true) log.info({ redis: name }, 'Redis is connected');
    up = true;
  });
  redis.on('close', () => {
    if (up !== false) log.warn({ redis: name, err: reason }, 'Redis is away; the feed reads the journal');
    up = false;
  });
  return () => {
    up = false;
  };
}
