/** REST, Socket.IO and WebSocket on one port over one store, as an api serves them. */
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { startFeed } from '../../src/feed/start-feed.ts';
import { ANY_TOKEN } from '../../src/settings/token-names.ts';
import { openRedisClients } from '../../src/redis/redis-clients.ts';
import { sendRaw } from '../support/http/raw-http.ts';
import type { RedisServer } from '../support/redis/redis-server.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

export interface EdgeServer extends RestServer {
  /** What a request to upgrade is answered: the whole text, where it is refused. */
  upgrade(path: string, headers: readonly string[]): Promise<string>;
}

export async function startEdgeServer(
  redis: RedisServer,
  options: Parameters<typeof startRestServer>[0] = {},
): Promise<EdgeServer> {
  const log = pino({ level: 'silent' });
  const rest = await startRestServer(options);
  const { http: server, edge, access, store } = rest;
  const clients = openRedisClients(redis.path, log);
  const { journal, changes } = store;
  const tokenName = (options.tokens ?? ANY_TOKEN).nameOf;
  const feed = startFeed({ server, edge, access, journal, changes, tokenName, redis: clients, log });
  rest.streams = feed.eventStreams;
  return Object.assign(rest, {
    upgrade: (path: string, headers: readonly string[]) =>
      sendRaw(
        rest.port,
        [
          `GET ${path} HTTP/1.1`,
          'Host: here.example',
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
          ...headers,
          '\r\n',
        ].join('\r\n'),
      ),
    stop: async () => {
      await feed.close();
      await clients.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  });
}

export const POLL = '/socket.io/?EIO=4&transport=polling';
export const SOCKET_IO_UPGRADE = '/socket.io/?EIO=4&transport=websocket';

/** Resolves with true once the WebSocket is open, with false when the server refuses it. */
export function canOpen(server: RestServer, path: string, origin: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { origin });
    ws.on('error', () => resolve(false));
    ws.once('open', () => {
      ws.terminate();
      resolve(true);
    });
  });
}
