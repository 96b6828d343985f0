/** The HTTP server under the app and the sockets: bounds on what a connection may take, and an answer to what is no HTTP. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { FillstreamError } from '../errors.ts';
import { PROBLEM_TYPE, problemOf, sendProblem } from '../edge/problems.ts';

const MAX_HEADER_BYTES = 16 * 1024;
/** For the whole request with its body: what is sent slower than that is not meant to end. */
const REQUEST_LIMIT_MS = 30_000;
const HEADERS_LIMIT_MS = 10_000;
/** Longer than the idle limits of the usual proxies, which would else send a request into a closing connection. */
const KEEP_ALIVE_MS = 65_000;

/** Does not listen yet. */
export function createHttpServer(app: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: REQUEST_LIMIT_MS,
      headersTimeout: HEADERS_LIMIT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Node would answer a request without a Host header in its own manner; here it is answered as any other.
      requireHostHeader: false,
    },
    (req, res) => {
      if (isAddress(req.url ?? '')) app(req, res);
      else sendProblem(res, new FillstreamError('invalid_request', 'The address is no URL'));
    },
  );
  server.on('clientError', refuseUnreadable);
  return server;
}

/** Express answers an address that it cannot parse before any of its handlers, in HTML. */
function isAddress(url: string): boolean {
  return url.startsWith('/') || url === '*' || URL.canParse(url);
}

/** There is no request to answer, but a socket with somebody at its end. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(
    new FillstreamError('invalid_request', WHY[error.code ?? ''] ?? 'This is no HTTP request'),
  );
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const WHY: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: `The headers are too large: expected at most ${MAX_HEADER_BYTES} bytes`,
  ERR_HTTP_REQUEST_TIMEOUT: `The request took too long: expected it within ${REQUEST_LIMIT_MS / 1000} s`,
};
