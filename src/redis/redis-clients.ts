/**
 * The two connections to Redis that carry notifications. Redis carries nothing else here, so that its being away is nobody's
 * failure: what cannot be published is counted and dropped, and the subscriber comes back by itself.
 *
 * The adapter and the emitter drop the promises of their commands and trust what they receive; so they get these two
 * wrappers, whose promises never reject and whose listeners never throw.
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
  /** What the adapter, the emitter and the command channel publish with. */
  readonly pub: RedisPublisher;
  /** What the adapter and the command channel subscribe with. */
  readonly sub: RedisSubscriber;
  /** Notifications that did not reach Redis since the start. */
  readonly lostNotifications: number;
  /** Whether notifications reach Redis and come back from it. */
  isUp(): boolean;
  close(): Promise<void>;
}

export interface RedisClientsOptions {
  readonly tls?: RedisTls;
  readonly random?: Random;
}

/**
 * @param address any form that `readRedisAddress` knows
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
  const silence = [logChanges(publisher, 'publisher', log), logChanges(subscriber, 'subscriber', log)];

  const pub = new RedisPublisher(publisher);
  const sub = new RedisSubscriber(subscriber);
  // Gives `socketTimeout` something to wait for on a connection that only listens.
  const stopPings = every(
    PING_EVERY_MS,
    () => {
      // Not waited for: the answer of a connection that is closed meanwhile may never come.
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
      for (const becomeSilent of silence) becomeSilent();
      publisher.disconnect();
      subscriber.disconnect();
      await stopPings();
    },
  };
}

/** @returns makes it silent: what follows was asked for */
function logChanges(redis: Redis, name: string, log: Pick<Logger, 'info' | 'warn'>): () => void {
  let up: boolean | null = null;
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  redis.on('ready', () => {
    if (up !== true) log.info({ redis: name }, 'Redis is there');
    up = true;
  });
  redis.on('close', () => {
    if (up !== false) log.warn({ redis: name, err: reason }, 'Redis is away; watchers read the journal');
    up = false;
  });
  return () => {
    up = false;
  };
}
