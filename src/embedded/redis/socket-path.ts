import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { OperatorError } from '../../operator-error.ts';

/** The kernel limits the path of a unix socket to 108 bytes on Linux and 104 on macOS, including the closing NUL. */
const LONGEST_SOCKET_PATH = 100;

/** In the data folder. If that path is too long: in the system's temporary folder, under a name that is derived from it. */
export function socketPathOf(dataDir: string): string {
  const inside = join(dataDir, 'redis.sock');
  if (Buffer.byteLength(inside) <= LONGEST_SOCKET_PATH) return inside;
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return join(tmpdir(), `fillstream-${name}`, 'redis.sock');
}

/**
 * Makes the folder of the socket if it is missing. Outside the data folder other users can guess its name and create it first.
 * @throws OperatorError when the folder belongs to another user, or other users have access to it
 */
export function makeSocketFolder(socketPath: string, dataDir: string): void {
  const folder = dirname(socketPath);
  if (folder === dataDir) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  const isPrivate = stats.isDirectory() && (stats.mode & 0o077) === 0;
  if (isPrivate && stats.uid === (process.getuid?.() ?? stats.uid)) return;
  throw new OperatorError(
    `${folder} is not private to this user: remove it, or set DATA_DIR to a shorter path`,
  );
}
