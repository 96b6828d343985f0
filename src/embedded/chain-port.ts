/** The port of a data folder's chain: chosen once, so that whoever knows it still finds the chain after a restart. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Null where none was chosen yet, or none can be read. */
export function readPort(file: string): number | null {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null;
  } catch {
    return null;
  }
}

/** The port in the file; where there is none, or somebody else listens on it, another one, which the file then holds. */
export async function choosePort(file: string): Promise<number> {
  const chosen = readPort(file);
  if (chosen !== null && (await listenOnce(chosen)) !== null) return chosen;
  const port = await listenOnce(0);
  if (port === null) throw new Error('the system gives no free port on 127.0.0.1');
  writeFileSync(`${file}.new`, `${port}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return port;
}

/** The port that was free, the one asked for or (0) any; null: somebody listens there. */
function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address() as AddressInfo;
      server.close(() => resolve(address.port));
    });
  });
}
