import type { Notifications } from '../../notifications/notifications.ts';
import { openRedisClients } from '../../redis/redis-clients.ts';
import { startNotifications } from '../../feed/start-feed.ts';
import type { Backends } from '../adapters/backends.ts';
import type { ShutdownSteps } from '../adapters/shutdown.ts';

/** For a process without a feed: it announces entries, and receives the notifications of commands. */
export function startNotificationsOnly(
  { feedRedis, redisTls, log }: Backends,
  stops: ShutdownSteps,
): Notifications {
  const clients = openRedisClients(feedRedis, log, { tls: redisTls });
  stops.push(() => clients.close());
  const running = startNotifications({ redis: clients, log });
  stops.push(() => {
    running.close();
    return Promise.resolve();
  });
  return running.notifications;
}
