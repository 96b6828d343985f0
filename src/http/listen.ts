import type { Server } from 'node:http';
import { UserFault } from '../user-fault.ts';

/** How long requests under way may take once the server stops. */
const CLOSES_WITHIN_MS = 1_000;

/** @returns the URL it listens at. @throws UserFault when it cannot */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((listening, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'something else listens there; set PORT to another' : error.message;
      reject(new UserFault(`cannot listen at ${host}:${port}: ${why}`, { cause: error }));
    });
    server.listen(port, host, listening);
  });
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
}

/** Lets requests under way end, for a moment. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSES_WITHIN_MS).unref())]);
  server.closeAllConnections();
}
