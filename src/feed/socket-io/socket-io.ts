/** Any number of orders on one Socket.IO connection: `subscribe`, `unsubscribe`, and every message as `status`. */
import { createAdapter } from '@socket.io/redis-adapter';
import type { Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import { sleep, type Clock } from '../../runtime/time.ts';
import type { FeedConnection } from '../core/connection.ts';
import type { Feed } from '../core/feed.ts';
import type { OwnerFeed } from '../owner/owner-feed.ts';
import { BatchingWebSocketServer } from '../core/batching-websocket.ts';
import { connectionMessage, errorMessage } from '../core/control-messages.ts';
import { applyOriginPolicy } from './apply-origin-policy.ts';
import type { Edge } from '../../edge/edge.ts';
import { toPublicError } from '../../edge/public-error.ts';
import { FillstreamError } from '../../errors.ts';
import type { Principal } from '../../identity/principal.ts';
import type { AccessMonitor } from '../core/access-monitor.ts';
import type { RedisClients } from '../../redis/redis-clients.ts';
import { answerRequests } from './socket-io-requests.ts';
import { SocketIoGroup, SocketIoReader, type FeedServer, type FeedSocket } from './socket-io-reader.ts';

export const SOCKET_IO_PATH = '/socket.io/';
const MAX_CLIENT_MESSAGE_BYTES = 64 * 1024;
/** How long a connection may take to say who it is. */
const CONNECT_WITHIN_MS = 10_000;
/** The adapter's number of the requests that carry `serverSideEmit`. */
const SERVER_SIDE_EMIT = 6;

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
    connectTimeout: CONNECT_WITHIN_MS,
    wsEngine: BatchingWebSocketServer,
  });
  ignoreOwnNotifications(io, sub);
  io.attach(server);
  io.engine.use(applyOriginPolicy(edge));
  return io;
}

/**
 * The adapter parses each message before it drops those of its own. It writes its requests with `uid` and `type` first; from a release
 * of it that writes them otherwise, nothing is ignored here.
 */
function ignoreOwnNotifications(io: FeedServer, sub: Pick<RedisClients['sub'], 'ignore'>): void {
  const { adapter } = io.of('/');
  if (!('uid' in adapter)) return;
  sub.ignore(`{"uid":${JSON.stringify(adapter.uid)},"type":${SERVER_SIDE_EMIT},`);
}

export interface SocketIoDeps {
  readonly io: FeedServer;
  readonly feed: Feed;
  readonly ownerFeed: OwnerFeed;
  readonly edge: Pick<Edge, 'access'>;
  readonly accessMonitor: AccessMonitor;
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
  edge,
  accessMonitor,
  maxBufferedBytes,
  clock,
  log,
}: SocketIoDeps): SocketIoConnections {
  const group = new SocketIoGroup(io);
  const principals = new WeakMap<FeedSocket, Principal>();
  // The client gets a refusal as `connect_error`, with the `error` message in `data`.
  io.use((socket, next) => {
    edge.access
      .principalOf(socket.request, socket.handshake.auth)
      .then((principal) => {
        if (principal.redact)
          throw new FillstreamError('forbidden', 'Share links are followed by WebSocket or SSE');
        principals.set(socket, principal);
        next();
      })
      .catch((thrown: unknown) => {
        const error = toPublicError(thrown);
        if (error.code === 'internal_error') log.error({ err: thrown }, 'a handshake failed');
        next(Object.assign(new Error(error.message), { data: errorMessage(error, {}, clock.now()) }));
      });
  });
  io.on('connection', (socket) => {
    const principal = principals.get(socket);
    if (principal === undefined) throw new Error('a connection was accepted before its handshake was read');
    const reader = new SocketIoReader(socket, group);
    reader.send(connectionMessage(clock.now()));
    let connection: FeedConnection;
    try {
      connection = accessMonitor.admit(principal, socket.request, () => feed.open(reader, principal.owner));
    } catch (thrown) {
      const error = toPublicError(thrown);
      reader.close(error.code, [errorMessage(error, {}, clock.now())]);
      return;
    }
    socket.on('disconnect', () => {
      accessMonitor.forget(connection);
      connection.close();
    });
    answerRequests({ socket, connection, reader, ownerFeed, principal, maxBufferedBytes, clock, log });
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
