/** One private redis-server on a unix socket, without persistence: it holds nothing that cannot be lost. */
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import { UserFault } from '../user-fault.ts';
import { sleep } from '../time.ts';
import { isProcessNaming } from './process-check.ts';

const ANSWERS_WITHIN_MS = 5_000;
const PING_LIMIT_MS = 500;
const POLL_MS = 10;
const STOPS_WITHIN_MS = 2_000;

export const HOW_TO_GET_REDIS = `redis-server was not found on the PATH. Install it:
  Debian, Ubuntu   apt-get install redis-server
  Fedora           dnf install redis
  macOS            brew install redis
or set REDIS_URL to a server that you run.`;

/**
 * Starts a server and resolves with its pid once it answers.
 * @throws UserFault when there is no redis-server; Error when it does not answer
 */
export async function startRedis(socketPath: string): Promise<number> {
  rmSync(socketPath, { force: true });
  const child = spawn(
    'redis-server',
    [
      '--port',
      '0',
      '--unixsocket',
      socketPath,
      '--unixsocketperm',
      '700',
      '--save',
      '',
      '--appendonly',
      'no',
    ],
    // A group of its own: Ctrl-C in the terminal is for us, and we still need it while we hand over.
    { cwd: dirname(socketPath), stdio: 'ignore', detached: true },
  );
  child.unref();
  await answers(child, socketPath);
  if (child.pid === undefined) throw new Error('redis-server has no pid');
  return child.pid;
}

/** Whether a server answers there. */
export function pingRedis(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path: socketPath });
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(PING_LIMIT_MS, () => end(false));
    socket.once('error', () => end(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (reply) => end(reply.toString().startsWith('+PONG')));
  });
}

/** Stops the server of this socket, gently, then not. Leaves a process alone that is not certainly ours. */
export async function stopRedis(pid: number, socketPath: string): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isProcessNaming(pid, socketPath)) break;
    try {
      process.kill(pid, signal);
    } catch {
      break;
    }
    for (
      let waitedMs = 0;
      waitedMs < STOPS_WITHIN_MS && isProcessNaming(pid, socketPath);
      waitedMs += POLL_MS
    ) {
      await sleep(POLL_MS);
    }
  }
  rmSync(socketPath, { force: true });
}

async function answers(child: ChildProcess, socketPath: string): Promise<void> {
  let failure: NodeJS.ErrnoException | null = null;
  child.once('error', (error) => (failure = error));
  for (let waitedMs = 0; waitedMs < ANSWERS_WITHIN_MS; waitedMs += POLL_MS) {
    if (await pingRedis(socketPath)) return;
    throwIfFailed(failure);
    if (child.exitCode !== null)
      throw new Error(`redis-server ended with ${child.exitCode} before it answered`);
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`redis-server did not answer at ${socketPath} within ${ANSWERS_WITHIN_MS} ms`);
}

function throwIfFailed(failure: NodeJS.ErrnoException | null): void {
  if (failure?.code === 'ENOENT') throw new UserFault(HOW_TO_GET_REDIS, { cause: failure });
  if (failure !== null) throw failure;
}
