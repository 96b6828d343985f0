import { connect, createServer } from 'node:net';

/** Passes the bytes of all connections on, until it is closed. The port that they go to is asked for with each connection. */
export async function forwardPort(
  from: { readonly host: string; readonly port: number },
  toPort: () => number,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const open = new Set<() => void>();
  const server = createServer((near) => {
    const far = connect(toPort(), '127.0.0.1');
    const end = (): void => {
      open.delete(end);
      near.destroy();
      far.destroy();
    };
    open.add(end);
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((listening, reject) => {
    server.once('error', reject);
    server.listen(from.port, from.host, listening);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : from.port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const end of open) end();
      }),
  };
}
