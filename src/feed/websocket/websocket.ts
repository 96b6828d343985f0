/** `/api/orders/status/:orderId?after=`: one order on a plain WebSocket. */
import type { IncomingMessage, Server } from 'node:http';
import type { Logger } from 'pino';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { FillstreamError } from '../../errors.ts';
import { every, type Clock } from '../../runtime/time.ts';
import type { Feed } from '../core/feed.ts';
import { BatchingWebSocketServer } from '../core/batching-websocket.ts';
import { errorMessage } from '../core/control-messages.ts';
import type { Edge } from '../../edge/edge.ts';
import type { OrderAccess } from '../../edge/order-access.ts';
import { PingMonitor } from './ping-monitor.ts';
import { readStreamUrl } from '../../edge/read-input.ts';
import { toPublicError } from '../../edge/public-error.ts';
import { WebSocketGroup, WebSocketReader } from './websocket-reader.ts';

const PATH = '/api/orders/status/';
/** Clients must not send messages; `ws` closes with 1009 at a longer one. */
const MAX_CLIENT_MESSAGE_BYTES = 1024;

export interface WebSocketDeps {
  readonly server: Server;
  readonly feed: Feed;
  readonly edge: Edge;
  readonly access: Pick<OrderAccess, 'ownerOf'>;
  /** Paths whose upgrades another server answers. */
  readonly isElsewhere: (path: string) => boolean;
  readonly heartbeatMs: number;
  readonly maxBufferedBytes: number;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

export interface WebSockets {
  readonly count: number;
  /** Ends what is still open. The feed has sent the errors before. */
  close(withinMs: number): Promise<void>;
}

/** Answers every upgrade of the server that `isElsewhere` does not claim. */
export function serveWebSockets(deps: WebSocketDeps): WebSockets {
  const { server, feed, edge, access, isElsewhere, clock, log } = deps;
  const group = new WebSocketGroup();
  const pingMonitor = new PingMonitor(deps.maxBufferedBytes);
  const upgrades = new BatchingWebSocketServer({
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    maxPayload: MAX_CLIENT_MESSAGE_BYTES,
  });

  const onUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const [path = '', query = ''] = (req.url ?? '').split('?', 2);
    if (isElsewhere(path)) return;
    const refusal = path.startsWith(PATH) ? edge.origins.refusalOf(req) : notFound(path);
    if (refusal !== null) {
      edge.problems.endSocket(socket, refusal, path);
      return;
    }
    upgrades.handleUpgrade(req, socket, head, (ws) =>
      welcome(ws, access.ownerOf(req), path.slice(PATH.length), query),
    );
  };

  function welcome(ws: WebSocket, owner: string, sentId: string, query: string): void {
    // At an invalid or too long frame `ws` closes by itself with the right code.
    ws.on('error', () => undefined);
    pingMonitor.add(ws);
    let asked: ReturnType<typeof readStreamUrl>;
    try {
      asked = readStreamUrl(sentId, query);
    } catch (thrown) {
      const error = toPublicError(thrown);
      new WebSocketReader(ws, '', group, clock).close(error.code, [errorMessage(error, {}, clock.now())]);
      return;
    }
    stream(ws, owner, asked);
  }

  function stream(ws: WebSocket, owner: string, { orderId, after }: ReturnType<typeof readStreamUrl>): void {
    const reader = new WebSocketReader(ws, orderId, group, clock);
    const connection = feed.open(reader, owner);
    const fail = (thrown: unknown): void => {
      const error = toPublicError(thrown);
      if (error.code === 'internal_error') log.error({ err: thrown, orderId }, 'a stream failed');
      connection.close();
      const progress = 0;
      reader.failSubscription(error.code, errorMessage(error, { orderId, progress }, clock.now()));
    };
    ws.on('close', () => connection.close());
    ws.on('message', () => {
      fail(new FillstreamError('invalid_request', 'This stream accepts no messages from clients'));
    });
    connection.subscribe(orderId, after).catch(fail);
  }

  server.on('upgrade', onUpgrade);
  const stopPings = every(
    deps.heartbeatMs,
    () => pingMonitor.pingAll(),
    (thrown) => log.error({ err: thrown }, 'a ping failed'),
  );

  return {
    get count() {
      return upgrades.clients.size;
    },
    close: async (withinMs) => {
      await stopPings();
      await Promise.all([...upgrades.clients].map((ws) => closed(ws, withinMs)));
      server.off('upgrade', onUpgrade);
      upgrades.close();
    },
  };
}

/** Waits for the peer's half of the closing handshake, at most `withinMs`. */
function closed(ws: WebSocket, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => ws.terminate(), withinMs);
    ws.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    ws.close(1001, 'shutting_down');
  });
}

function notFound(path: string): FillstreamError {
  const sent = JSON.stringify(path.slice(0, 100));
  return new FillstreamError('not_found', `no stream at ${sent}: expected ${PATH}:orderId`);
}
