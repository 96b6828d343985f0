/** The feed with its transports, put together; and what a process has that announces and has no clients. */
import { Emitter } from '@socket.io/redis-emitter';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import type { Journal, OrderStore } from '../store/ports.ts';
import { sleep, systemClock, type Clock } from '../time.ts';
import { Feed } from './feed.ts';
import { hearEntries } from './hear-entries.ts';
import { HintBus, type Hints } from './hints.ts';
import { originCheck } from './origin.ts';
import type { RedisClients } from './redis-clients.ts';
import { DEFAULT_FEED_SETTINGS, type FeedSettings } from './settings.ts';
import { closeSocketIo, openSocketIo, serveSocketIo, SOCKET_IO_PATH } from './socket-io.ts';
import { serveWebSockets } from './websocket.ts';

/** How long clients may take to read that the server goes. */
const LEAVE_WITHIN_MS = 1_000;

export interface StartFeedDeps {
  /** May listen already. Is not closed by the feed. */
  readonly server: Server;
  readonly orders: Pick<OrderStore, 'load'>;
  readonly journal: Journal;
  /** Is to be closed after the feed. */
  readonly redis: RedisClients;
  readonly settings?: Partial<FeedSettings>;
  readonly clock?: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export interface RunningFeed {
  readonly hints: Hints;
  /** For transports beside these. */
  readonly feed: Feed;
  connections(): { readonly socketIo: number; readonly webSocket: number };
  /** Tells every reader where to resume, closes it, and resolves when all have gone or a second has passed. */
  close(): Promise<void>;
}

export function startFeed(deps: StartFeedDeps): RunningFeed {
  const { server, orders, journal, redis, clock = systemClock, log } = deps;
  const settings = { ...DEFAULT_FEED_SETTINGS, ...deps.settings };
  const { allowedOrigins, maxBufferedBytes, heartbeatMs } = settings;
  const checkOrigin = originCheck(allowedOrigins);

  const feed = new Feed({ orders, journal, settings, clock, log });
  const io = openSocketIo(redis, { server, allowedOrigins, checkOrigin });
  serveSocketIo({ io, feed, maxBufferedBytes, clock, log });
  const isElsewhere = (path: string): boolean => path.startsWith(SOCKET_IO_PATH);
  const webSockets = serveWebSockets({
    server,
    feed,
    checkOrigin,
    isElsewhere,
    heartbeatMs,
    maxBufferedBytes,
    clock,
    log,
  });
  io.on('hints', hearEntries(feed, log));
  const hints = new HintBus({ entries: io, redis, log });
  feed.start();

  return {
    hints: {
      announce: (message) => {
        feed.offer(message);
        hints.announce(message);
      },
      commandWaiting: (orderId) => hints.commandWaiting(orderId),
      onCommand: (handler) => hints.onCommand(handler),
    },
    feed,
    connections: () => ({ socketIo: io.engine.clientsCount, webSocket: webSockets.count }),
    close: async () => {
      hints.close();
      const closed = feed.close();
      await webSockets.close(LEAVE_WITHIN_MS);
      const until = clock.now() + LEAVE_WITHIN_MS;
      while (io.engine.clientsCount > 0 && clock.now() < until) await sleep(10);
      await closed;
      await closeSocketIo(io);
    },
  };
}

export interface RunningHints {
  readonly hints: Hints;
  /** Before the Redis clients are closed. */
  close(): void;
}

/** For a process without clients: announces entries to those that have some, and hears of none. */
export function startHints({ redis, log }: Pick<StartFeedDeps, 'redis' | 'log'>): RunningHints {
  const hints = new HintBus({ entries: new Emitter(redis.pub), redis, log });
  return { hints, close: () => hints.close() };
}
