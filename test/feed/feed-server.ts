/** One server of a cluster: the feed with its sockets on a real port, its Redis clients, and nothing else. */
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import {
  openRedisClients,
  type RedisClients,
  type RedisClientsOptions,
} from '../../src/redis/redis-clients.ts';
import { openEdge, type EdgeSettings } from '../../src/edge/edge.ts';
import { orderAccess } from '../../src/edge/order-access.ts';
import type { FeedSettings } from '../../src/feed/core/settings.ts';
import { startFeed, type RunningFeed } from '../../src/feed/start-feed.ts';
import { httpApp } from '../../src/http/app.ts';
import { streamRoutes } from '../../src/http/routes/streams.ts';
import { createHttpServer } from '../../src/http/server.ts';
import type { Journal, OrderStore } from '../../src/store/ports.ts';

export interface FeedServer extends RunningFeed {
  readonly port: number;
  readonly redis: RedisClients;
  readonly logged: readonly string[];
  /** @throws AggregateError for promises that were rejected and not awaited */
  stop(): Promise<void>;
}

type FeedServerSettings = Partial<FeedSettings & EdgeSettings & { readonly port: number }>;

export async function startFeedServer(
  store: { readonly orders: Pick<OrderStore, 'load'>; readonly journal: Journal },
  redisAddress: string,
  { allowedOrigins = [], publicUrl = null, port: wanted = 0, ...settings }: FeedServerSettings = {},
  redisOptions: RedisClientsOptions = {},
): Promise<FeedServer> {
  const logged: string[] = [];
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const redis = openRedisClients(redisAddress, log, redisOptions);
  const { orders, journal } = store;
  const edge = openEdge({ publicUrl, allowedOrigins }, log);
  const access = orderAccess(orders);
  const server = createHttpServer((req, res) => void app(req, res), edge, { keepAliveMs: 65_000 });
  const feed = startFeed({
    server,
    edge,
    access,
    journal,
    redis,
    settings: { quietCheckMs: 100, ...settings },
    log,
  });
  const app = httpApp(streamRoutes({ streams: feed.eventStreams, access }), { edge, log });
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...feed,
    port,
    redis,
    logged,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      await feed.close();
      await redis.close();
      server.closeAllConnections();
      await closed;
      process.off('unhandledRejection', onRejection);
      if (rejections.length > 0)
        throw new AggregateError(rejections, 'promises were rejected and not awaited');
    },
  };
}
