/** One server of a cluster: the feed with its sockets on a real port, its Redis clients, and nothing else. */
import type { AddressInfo, Socket } from 'node:net';
import { pino } from 'pino';
import {
  openRedisClients,
  type RedisClients,
  type RedisClientsOptions,
} from '../../src/redis/redis-clients.ts';
import { OPEN_IDENTITY } from '../../src/identity/identity.ts';
import { openEdge, type EdgeSettings } from '../../src/edge/edge.ts';
import { listedTokens } from '../../src/settings/token-names.ts';
import { orderAccess } from '../../src/edge/order-access.ts';
import type { FeedSettings } from '../../src/feed/core/settings.ts';
import { startFeed, type RunningFeed } from '../../src/feed/start-feed.ts';
import { httpApp } from '../../src/http/app.ts';
import { streamRoutes } from '../../src/http/routes/streams.ts';
import { ownMessages } from '../../src/http/messages.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { systemClock, type Clock } from '../../src/runtime/time.ts';
import type { OrderStore, Store } from '../../src/store/ports.ts';

export interface FeedServer extends RunningFeed {
  readonly port: number;
  readonly redis: RedisClients;
  readonly logged: readonly string[];
  /** Of the connection whose client is furthest behind: what waits in this process to be sent. */
  readonly mostBufferedBytes: () => number;
  /** Breaks every connection, sends nothing before, and stops. */
  kill(): Promise<void>;
  /** @throws AggregateError for promises that were rejected and not awaited */
  stop(): Promise<void>;
}

/** The token list of these servers. */
export const USDC = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48';
const TOKENS = listedTokens([
  { symbol: 'USDC', address: USDC },
  { symbol: 'WETH', address: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2' },
  { symbol: 'DAI', address: '0x6b175474e89094c44da98b954eedeac495271d0f' },
]);

type FeedServerSettings = Partial<
  FeedSettings & EdgeSettings & { readonly port: number; readonly clock: Clock }
>;

export async function startFeedServer(
  store: Pick<Store, 'journal' | 'changes'> & { readonly orders: Pick<OrderStore, 'load'> },
  redisAddress: string,
  {
    allowedOrigins = [],
    publicUrl = null,
    port: wanted = 0,
    clock = systemClock,
    ...settings
  }: FeedServerSettings = {},
  redisOptions: RedisClientsOptions = {},
): Promise<FeedServer> {
  const logged: string[] = [];
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const redis = openRedisClients(redisAddress, log, redisOptions);
  const { orders, journal, changes } = store;
  const edge = openEdge({ publicUrl, allowedOrigins, hostCheck: 'any', shareHides: [] }, OPEN_IDENTITY, log);
  const access = orderAccess(orders);
  const messages = ownMessages();
  const server = createHttpServer((req, res) => void app(req, res), edge, { messages, keepAliveMs: 65_000 });
  const feed = startFeed({
    server,
    edge,
    access,
    journal,
    changes,
    tokenName: TOKENS.nameOf,
    redis,
    settings: { quietCheckMs: 100, ...settings },
    clock,
    log,
  });
  const app = httpApp(streamRoutes({ streams: feed.eventStreams }), { edge, messages, log });
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    await feed.close();
    await redis.close();
    // Also one that was upgraded while the feed closed, which the HTTP server no longer knows.
    for (const socket of sockets) socket.destroy();
    await closed;
    process.off('unhandledRejection', onRejection);
    if (rejections.length > 0) throw new AggregateError(rejections, 'promises were rejected and not awaited');
  };
  return {
    ...feed,
    port,
    redis,
    logged,
    mostBufferedBytes: () => Math.max(0, ...[...sockets].map(({ writableLength }) => writableLength)),
    kill: async () => {
      for (const socket of sockets) socket.destroy();
      await stop();
    },
    stop,
  };
}
