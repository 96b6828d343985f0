/** The feed with its transports, put together; and what a process has that announces and has no clients. */
import { Emitter } from '@socket.io/redis-emitter';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import type { Journal } from '../store/ports.ts';
import { sleep, systemClock, type Clock } from '../runtime/time.ts';
import { Feed } from './core/feed.ts';
import { receiveEntries } from '../notifications/receive-entries.ts';
import { NotificationBus, type Notifications } from '../notifications/notifications.ts';
import type { Edge } from '../edge/edge.ts';
import type { OrderAccess } from '../edge/order-access.ts';
import type { RedisClients } from '../redis/redis-clients.ts';
import { DEFAULT_FEED_SETTINGS, type FeedSettings } from './core/settings.ts';
import { closeSocketIo, openSocketIo, serveSocketIo, SOCKET_IO_PATH } from './socket-io/socket-io.ts';
import { serveWebSockets } from './websocket/websocket.ts';

/** How long clients may take to read that the server goes. */
const LEAVE_WITHIN_MS = 1_000;

export interface StartFeedDeps {
  /** May listen already. Is not closed by the feed. */
  readonly server: Server;
  readonly edge: Edge;
  readonly access: OrderAccess;
  readonly journal: Journal;
  /** Is to be closed after the feed. */
  readonly redis: RedisClients;
  readonly settings?: Partial<FeedSettings>;
  readonly clock?: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export interface RunningFeed {
  readonly notifications: Notifications;
  /** For transports beside these. */
  readonly feed: Feed;
  connections(): { readonly socketIo: number; readonly webSocket: number };
  /** Tells every reader where to resume, closes it, and resolves when all have gone or a second has passed. */
  close(): Promise<void>;
}

export function startFeed(deps: StartFeedDeps): RunningFeed {
  const { server, edge, access, journal, redis, clock = systemClock, log } = deps;
  const settings = { ...DEFAULT_FEED_SETTINGS, ...deps.settings };
  const { maxBufferedBytes, heartbeatMs } = settings;

  const feed = new Feed({ access, journal, settings, clock, log });
  const io = openSocketIo(redis, { server, edge });
  serveSocketIo({ io, feed, access, maxBufferedBytes, clock, log });
  const isElsewhere = (path: string): boolean => path.startsWith(SOCKET_IO_PATH);
  const webSockets = serveWebSockets({
    server,
    feed,
    edge,
    access,
    isElsewhere,
    heartbeatMs,
    maxBufferedBytes,
    clock,
    log,
  });
  io.on('hints', receiveEntries(feed, log));
  const notifications = new NotificationBus({ entries: io, redis, log });
  feed.start();

  return {
    notifications: {
      announce: (message) => {
        feed.offer(message);
        notifications.announce(message);
      },
      commandWaiting: (orderId) => notifications.commandWaiting(orderId),
      onCommand: (handler) => notifications.onCommand(handler),
    },
    feed,
    connections: () => ({ socketIo: io.engine.clientsCount, webSocket: webSockets.count }),
    close: async () => {
      notifications.close();
      const closed = feed.close();
      await webSockets.close(LEAVE_WITHIN_MS);
      const until = clock.now() + LEAVE_WITHIN_MS;
      while (io.engine.clientsCount > 0 && clock.now() < until) await sleep(10);
      await closed;
      await closeSocketIo(io);
    },
  };
}

export interface RunningNotifications {
  readonly notifications: Notifications;
  /** Before the Redis clients are closed. */
  close(): void;
}

/** For a process without clients: announces entries to those that have some, and hears of none. */
export function startNotifications({
  redis,
  log,
}: Pick<StartFeedDeps, 'redis' | 'log'>): RunningNotifications {
  const notifications = new NotificationBus({ entries: new Emitter(redis.pub), redis, log });
  return { notifications, close: () => notifications.close() };
}
