/** Assembles the feed with its transports, and the notifications of a process without clients. */
import { Emitter } from '@socket.io/redis-emitter';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import type { Changes } from '../store/changes.ts';
import type { Journal, WorkStore } from '../store/ports.ts';
import type { JournaledMessage } from '../protocol/messages.ts';
import { systemClock, type Clock } from '../runtime/time.ts';
import { AccessMonitor } from './core/access-monitor.ts';
import { Feed } from './core/feed.ts';
import { receiveEntries } from '../notifications/receive-entries.ts';
import { NotificationBus, type Notifications } from '../notifications/notifications.ts';
import type { Edge } from '../edge/edge.ts';
import type { OrderAccess } from '../edge/order-access.ts';
import type { RedisClients } from '../redis/redis-clients.ts';
import { DEFAULT_FEED_SETTINGS, type FeedSettings } from './core/settings.ts';
import { serveEventStreams, type EventStreams } from './sse/sse.ts';
import type { TokenName } from './owner/orders-filter.ts';
import { OwnerFeed } from './owner/owner-feed.ts';
import { openSocketIo, serveSocketIo, SOCKET_IO_PATH } from './socket-io/socket-io.ts';
import { serveWebSockets } from './websocket/websocket.ts';

/** How long clients may take to read that the server shuts down. */
const LEAVE_WITHIN_MS = 1_000;

export interface StartFeedDeps {
  /** May listen already. The feed does not close it. */
  readonly server: Server;
  readonly edge: Edge;
  readonly access: OrderAccess;
  readonly journal: Journal;
  /** Left out: heartbeats do not say which orders are held. */
  readonly work?: Pick<WorkStore, 'held'>;
  readonly changes: Changes;
  /** By which orders are filtered. */
  readonly tokenName: TokenName;
  /** To be closed after the feed. */
  readonly redis: RedisClients;
  readonly settings?: Partial<FeedSettings>;
  readonly clock?: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export interface RunningFeed {
  readonly notifications: Notifications;
  readonly feed: Feed;
  readonly ownerFeed: OwnerFeed;
  /**
   * This process created an order. Other processes get a notification of its next entry, or find it within a second: until a worker takes it
   * there is nothing to hurry for.
   */
  created(message: JournaledMessage, owner: string): void;
  /** For the HTTP routes that answer with server-sent events. */
  readonly eventStreams: Omit<EventStreams, 'close'>;
  connections(): { readonly socketIo: number; readonly webSocket: number; readonly sse: number };
  /** Sends every reader where to resume, closes it, and resolves when all are closed; after a second it cuts the rest off. */
  close(): Promise<void>;
}

export function startFeed(deps: StartFeedDeps): RunningFeed {
  const { server, edge, access, journal, work, changes, tokenName, redis, clock = systemClock, log } = deps;
  const settings = { ...DEFAULT_FEED_SETTINGS, ...deps.settings };
  const { maxBufferedBytes, heartbeatMs } = settings;

  const feed = new Feed({ access, journal, ...(work === undefined ? {} : { work }), settings, clock, log });
  const ownerFeed = new OwnerFeed({ access, journal, changes, tokenName, settings, clock, log });
  const offer = (message: JournaledMessage, owner: string | null): void => {
    feed.offer(message);
    ownerFeed.offer(message, owner);
  };
  const accessMonitor = new AccessMonitor(edge.access, settings, (thrown) =>
    log.warn({ err: thrown }, 'the credentials of open streams cannot be checked now'),
  );
  const io = openSocketIo(redis, { server, edge });
  const socketIo = serveSocketIo({ io, feed, ownerFeed, edge, accessMonitor, maxBufferedBytes, clock, log });
  const isElsewhere = (path: string): boolean => path.startsWith(SOCKET_IO_PATH);
  const webSockets = serveWebSockets({
    server,
    feed,
    edge,
    accessMonitor,
    isElsewhere,
    heartbeatMs,
    clock,
    log,
  });
  const eventStreams = serveEventStreams({ feed, ownerFeed, edge, accessMonitor, clock });
  const isWatched = (orderId: string, owner: string | null): boolean =>
    feed.isWatched(orderId) || ownerFeed.isWatched(owner);
  io.on('hints', receiveEntries({ isWatched, offer }, log));
  const notifications = new NotificationBus({ entries: io, redis, log });
  feed.start();
  ownerFeed.start();
  accessMonitor.start();

  return {
    notifications: {
      announce: (message, owner) => {
        offer(message, owner ?? null);
        notifications.announce(message, owner);
      },
      commandWaiting: (orderId) => notifications.commandWaiting(orderId),
      onCommand: (handler) => notifications.onCommand(handler),
    },
    feed,
    ownerFeed,
    created: (message, owner) => ownerFeed.created(message, owner),
    eventStreams,
    connections: () => ({
      socketIo: socketIo.count,
      webSocket: webSockets.count,
      sse: eventStreams.count,
    }),
    close: async () => {
      notifications.close();
      const closed = Promise.all([feed.close(), ownerFeed.close(), accessMonitor.close()]);
      const transports = [webSockets, socketIo, eventStreams];
      await Promise.all(transports.map((transport) => transport.close(LEAVE_WITHIN_MS)));
      await closed;
    },
  };
}

export interface RunningNotifications {
  readonly notifications: Notifications;
  /** Before the Redis clients are closed. */
  close(): void;
}

/** For a process without clients: announces entries to the others, and receives none. */
export function startNotifications({
  redis,
  log,
}: Pick<StartFeedDeps, 'redis' | 'log'>): RunningNotifications {
  const notifications = new NotificationBus({ entries: new Emitter(redis.pub), redis, log });
  return { notifications, close: () => notifications.close() };
}
