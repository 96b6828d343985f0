import { createServer, type Server } from 'node:http';
import { sleep } from '../runtime/time.ts';
import { OperatorError } from '../operator-error.ts';

/** How long requests under way may take once the server stops. */
const CLOSES_WITHIN_MS = 1_000;

/** @returns the URL at which it listens. @throws OperatorError */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((listening, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'another process listens there; set PORT to a free port'
          : error.message;
      reject(new OperatorError(`cannot listen at ${host}:${port}: ${why}`, { cause: error }));
    });
    server.listen(port, host, listening);
  });
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
}

/** Listens for a moment: a process should not open stores and servers first, only to find its port taken. @throws OperatorError */
export async function checkPortIsFree(host: string, port: number): Promise<void> {
  const server = createServer();
  await listen(server, host, port);
  await new Promise((closed) => server.close(closed));
}

/** Takes no new connections. Open ones stay: the caller ends their requests and streams. */
export function stopListening(server: Server): void {
  server.close();
  server.closeIdleConnections();
}

/** Lets requests under way end, for a moment, after `stopListening`. */
export async function closeConnections(server: Server): Promise<void> {
  const late = new AbortController();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await Promise.race([closed, sleep(CLOSES_WITHIN_MS, late.signal).catch(() => undefined)]);
  late.abort();
  server.closeAllConnections();
}
