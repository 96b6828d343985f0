/** Any number of orders on one Socket.IO connection: `subscribe`, `unsubscribe`, and every message as `status`. */
import { createAdapter } from '@socket.io/redis-adapter';
import type { Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import { sleep, type Clock } from '../../runtime/time.ts';
import type { Feed } from '../core/feed.ts';
import type { OwnerFeed } from '../owner/owner-feed.ts';
import { BatchingWebSocketServer } from '../core/batching-websocket.ts';
import { connectionMessage } from '../core/control-messages.ts';
import { applyOriginPolicy } from './apply-origin-policy.ts';
import type { Edge } from '../../edge/edge.ts';
import type { OrderAccess } from '../../edge/order-access.ts';
import type { RedisClients } from '../../redis/redis-clients.ts';
import { answerRequests } from './socket-io-requests.ts';
import { SocketIoGroup, SocketIoReader, type FeedServer } from './socket-io-reader.ts';

export const SOCKET_IO_PATH = '/socket.io/';
const MAX_CLIENT_MESSAGE_BYTES = 64 * 1024;

export interface SocketIoHttp {
  readonly server: HttpServer;
  readonly edge: Edge;
}

export function openSocketIo(
  { pub, sub }: Pick<RedisClients, 'pub' | 'sub'>,
  { server, edge }: SocketIoHttp,
): FeedServer {
  const io: FeedServer = new Server({
    adapter: createAdapter(pub, sub),
    path: SOCKET_IO_PATH,
    serveClient: false,
    // `websocket.ts` answers upgrades of other paths.
    destroyUpgrade: false,
    maxHttpBufferSize: MAX_CLIENT_MESSAGE_BYTES,
    perMessageDeflate: false,
    httpCompression: false,
    wsEngine: BatchingWebSocketServer,
  });
  io.attach(server);
  io.engine.use(applyOriginPolicy(edge));
  return io;
}

export interface SocketIoDeps {
  readonly io: FeedServer;
  readonly feed: Feed;
  readonly ownerFeed: OwnerFeed;
  readonly access: Pick<OrderAccess, 'ownerOf'>;
  readonly maxBufferedBytes: number;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
}

export interface SocketIoConnections {
  /** Without those whose last messages are still to be read. */
  readonly count: number;
  /**
   * Ends the connections; the feed has closed them before. Those that have not read their last messages after `withinMs` are cut
   * off. As `io.close()`, but leaves the HTTP server open. Before the Redis clients are closed.
   */
  close(withinMs: number): Promise<void>;
}

export function serveSocketIo({
  io,
  feed,
  ownerFeed,
  access,
  maxBufferedBytes,
  clock,
  log,
}: SocketIoDeps): SocketIoConnections {
  const group = new SocketIoGroup(io);
  io.on('connection', (socket) => {
    const reader = new SocketIoReader(socket, group);
    reader.send(connectionMessage(clock.now()));
    const owner = access.ownerOf(socket.request);
    const connection = feed.open(reader, owner);
    socket.on('disconnect', () => connection.close());
    answerRequests({ socket, connection, reader, ownerFeed, owner, maxBufferedBytes, clock, log });
  });
  return {
    get count() {
      return io.engine.clientsCount;
    },
    close: async (withinMs) => {
      const until = clock.now() + withinMs;
      while (io.engine.clientsCount + group.closingCount > 0 && clock.now() < until) await sleep(10);
      group.terminateClosing();
      await io.of('/').adapter.close();
      io.engine.close();
    },
  };
}
