/** A process without sockets, as a worker is one: its Redis clients and its notifications, and nothing else. */
import { pino } from 'pino';
import type { Notifications } from '../../src/notifications/notifications.ts';
import {
  openRedisClients,
  type RedisClients,
  type RedisClientsOptions,
} from '../../src/redis/redis-clients.ts';
import { startNotifications } from '../../src/feed/start-feed.ts';
import { eventually } from '../support/eventually.ts';

export interface Announcer {
  readonly notifications: Notifications;
  readonly redis: RedisClients;
  stop(): Promise<void>;
}

export function startAnnouncer(redisAddress: string, options: RedisClientsOptions = {}): Announcer {
  const log = pino({ level: 'silent' });
  const redis = openRedisClients(redisAddress, log, options);
  const running = startNotifications({ redis, log });
  return {
    notifications: running.notifications,
    redis,
    stop: async () => {
      running.close();
      await redis.close();
    },
  };
}

export async function areUp(...processes: readonly { readonly redis: RedisClients }[]): Promise<void> {
  await eventually(
    () => processes.every(({ redis }) => redis.isUp()),
    (up) => up,
  );
}
