/** `/api/orders/status/:orderId?after=`: one order on a plain WebSocket. */
import type { IncomingMessage, Server } from 'node:http';
import type { Logger } from 'pino';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { FillstreamError } from '../../errors.ts';
import type { Principal } from '../../identity/principal.ts';
import { every, type Clock } from '../../runtime/time.ts';
import type { Feed } from '../core/feed.ts';
import { BatchingWebSocketServer } from '../core/batching-websocket.ts';
import { errorMessage, type ErrorSubject } from '../core/control-messages.ts';
import type { Edge } from '../../edge/edge.ts';
import { demand } from '../../edge/access.ts';
import { takeTicket } from '../../edge/credentials.ts';
import type { AccessMonitor } from '../core/access-monitor.ts';
import { MessageText } from '../core/message-text.ts';
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
  readonly accessMonitor: AccessMonitor;
  /** Paths whose upgrades another server answers. */
  readonly isElsewhere: (path: string) => boolean;
  readonly heartbeatMs: number;
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
  const { server, feed, edge, accessMonitor, isElsewhere, clock, log } = deps;
  const wholly = new WebSocketGroup(new MessageText());
  const redacted = new WebSocketGroup(new MessageText((message) => edge.redaction.message(message)));
  const pingMonitor = new PingMonitor();
  const upgrades = new BatchingWebSocketServer({
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    maxPayload: MAX_CLIENT_MESSAGE_BYTES,
  });

  const onUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (isElsewhere(pathOf(req))) return;
    takeTicket(req);
    const [path = '', query = ''] = (req.url ?? '').split('?', 2);
    const refusal =
      edge.hosts.refusalOf(req) ?? (path.startsWith(PATH) ? edge.origins.refusalOf(req) : notFound(path));
    if (refusal !== null) {
      edge.problems.endSocket(socket, refusal, path);
      return;
    }
    upgrades.handleUpgrade(req, socket, head, (ws) => welcome(ws, req, path.slice(PATH.length), query));
  };

  function welcome(ws: WebSocket, req: IncomingMessage, sentId: string, query: string): void {
    // At an invalid or too long frame `ws` closes by itself with the right code.
    ws.on('error', () => undefined);
    pingMonitor.add(ws);
    let about: ErrorSubject = {};
    const refuse = (thrown: unknown): void => {
      const error = toPublicError(thrown);
      if (error.code === 'internal_error')
        log.error({ err: thrown, orderId: about.orderId }, 'a stream failed');
      new WebSocketReader(ws, req.socket, '', wholly, clock).close(error.code, [
        errorMessage(error, about, clock.now()),
      ]);
    };
    edge.access
      .principalOf(req)
      .then((principal) => {
        const asked = readStreamUrl(sentId, query);
        about = { orderId: asked.orderId, progress: 0 };
        demand(principal, { access: 'watch', orderId: asked.orderId });
        // The client may have gone meanwhile.
        if (ws.readyState === ws.OPEN) stream(ws, req, principal, asked);
      })
      .catch(refuse);
  }

  function stream(
    ws: WebSocket,
    req: IncomingMessage,
    principal: Principal,
    asked: ReturnType<typeof readStreamUrl>,
  ): void {
    const { orderId, after } = asked;
    const reader = new WebSocketReader(ws, req.socket, orderId, principal.redact ? redacted : wholly, clock);
    const connection = accessMonitor.admit(principal, req, () => feed.open(reader, principal.owner));
    pingMonitor.streams(ws, connection);
    const fail = (thrown: unknown): void => {
      const error = toPublicError(thrown);
      if (error.code === 'internal_error') log.error({ err: thrown, orderId }, 'a stream failed');
      connection.close();
      const progress = 0;
      reader.failSubscription(error.code, errorMessage(error, { orderId, progress }, clock.now()));
    };
    ws.on('close', () => {
      accessMonitor.forget(connection);
      connection.close();
    });
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

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function notFound(path: string): FillstreamError {
  const sent = JSON.stringify(path.slice(0, 100));
  return new FillstreamError('not_found', `no stream at ${sent}: expected ${PATH}:orderId`);
}
