/** The HTTP server under REST and streams: bounds on what a connection may take, and an answer to bytes that are not HTTP. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { takeTicket } from '../edge/credentials.ts';
import type { Edge } from '../edge/edge.ts';
import { FillstreamError } from '../errors.ts';
import type { Messages } from './messages.ts';

const MAX_HEADER_BYTES = 16 * 1024;
/** For a whole request with its body. */
const REQUEST_LIMIT_MS = 30_000;
/** From the first byte of a request to the end of its headers. An idle connection between two requests does not count. */
const HEADERS_LIMIT_MS = 10_000;

export interface HttpServerSettings {
  /** The same as the app's. */
  readonly messages: Messages;
  /** How long a connection may idle between two requests. A proxy's own limit has to be shorter, or it sends into a closing connection. */
  readonly keepAliveMs: number;
}

/** Does not listen yet. */
export function createHttpServer(
  app: RequestListener,
  edge: Edge,
  { messages, keepAliveMs }: HttpServerSettings,
): Server {
  const { origins, hosts, problems, noticeProxy } = edge;
  const server = createServer(
    {
      ...messages,
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: REQUEST_LIMIT_MS,
      headersTimeout: HEADERS_LIMIT_MS,
      keepAliveTimeout: keepAliveMs,
      // Node answers a request without a Host header in its own form; here it is answered as any other.
      requireHostHeader: false,
    },
    (req, res) => {
      noticeProxy(req);
      takeTicket(req);
      const refusal = hosts.refusalOf(req);
      if (refusal !== null) {
        problems.send(res, refusal);
        return;
      }
      origins.setCorsHeaders(req, res);
      if (isAddress(req.url ?? '')) app(req, res);
      else problems.send(res, new FillstreamError('invalid_request', 'The address is not a valid URL'));
    },
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    refuseUnreadable(error, socket, problems),
  );
  return server;
}

/** Express itself answers, in HTML, an address that it cannot parse. */
function isAddress(url: string): boolean {
  return url.startsWith('/') || url === '*' || URL.canParse(url);
}

/** There is no request to answer, only a socket. */
function refuseUnreadable(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  problems: Pick<Edge['problems'], 'endSocket'>,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const why = WHY[error.code ?? ''] ?? 'The bytes are not a valid HTTP request';
  problems.endSocket(socket, new FillstreamError('invalid_request', why));
}

const WHY: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: `The headers are too large: expected at most ${MAX_HEADER_BYTES} bytes`,
  ERR_HTTP_REQUEST_TIMEOUT: `The request took too long: expected the headers within ${HEADERS_LIMIT_MS / 1000} s and the whole within ${REQUEST_LIMIT_MS / 1000} s`,
};
