/** One server of a cluster: the feed with its sockets on a real port, its Redis clients, and nothing else. */
import { createServer } from 'node:http';
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
import type { Journal, OrderStore } from '../../src/store/ports.ts';

export interface FeedServer extends RunningFeed {
  readonly port: number;
  readonly redis: RedisClients;
  readonly logged: readonly string[];
  /** @throws AggregateError for promises that were rejected with nobody to hear it */
  stop(): Promise<void>;
}

type FeedServerSettings = Partial<FeedSettings & EdgeSettings>;

export async function startFeedServer(
  store: { readonly orders: Pick<OrderStore, 'load'>; readonly journal: Journal },
  redisAddress: string,
  { allowedOrigins = [], publicUrl = null, ...settings }: FeedServerSettings = {},
  redisOptions: RedisClientsOptions = {},
): Promise<FeedServer> {
  const logged: string[] = [];
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const server = createServer((_req, res) => res.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const redis = openRedisClients(redisAddress, log, redisOptions);
  const { orders, journal } = store;
  const edge = openEdge({ publicUrl, allowedOrigins }, log);
  const feed = startFeed({
    server,
    edge,
    access: orderAccess(orders),
    journal,
    redis,
    settings: { quietCheckMs: 100, ...settings },
    log,
  });
  const { port } = server.address() as AddressInfo;
  return {
    ...feed,
    port,
    redis,
    logged,
    stop: async () => {
      await feed.close();
      await redis.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      process.off('unhandledRejection', onRejection);
      if (rejections.length > 0) throw new AggregateError(rejections, 'promises that nobody awaited');
    },
  };
}
