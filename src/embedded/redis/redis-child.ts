/** A private redis-server on a unix socket, without persistence: losing its data is safe. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import { OperatorError } from '../../operator-error.ts';
import { sleep } from '../../runtime/time.ts';
import { stopProcess } from '../stop-process.ts';

const READY_WITHIN_MS = 5_000;
/** A slow server must not be taken for dead and killed. A dead one refuses connections at once. */
const PING_TIMEOUT_MS = 2_000;
const POLL_MS = 10;
const STOPS_WITHIN_MS = 2_000;

export const HOW_TO_GET_REDIS = `redis-server was not found on the PATH. Install it:
  Debian, Ubuntu   apt-get install redis-server
  Fedora           dnf install redis
  macOS            brew install redis
or set REDIS_URL to a server that you run.`;

export interface RedisChildOptions {
  readonly socketPath: string;
  /** Output of the current server. The error of a failed start quotes it. */
  readonly logFile: string;
  /** Called with the pid at once, so that the server is found even if this process is killed before the server answers. */
  readonly onSpawn: (pid: number) => void;
}

/**
 * Starts a server, and resolves with its pid once it answers.
 * @throws OperatorError when there is no redis-server
 * @throws Error when it does not answer
 */
export async function startRedis({ socketPath, logFile, onSpawn }: RedisChildOptions): Promise<number> {
  rmSync(socketPath, { force: true });
  const output = openSync(logFile, 'w', 0o600);
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
    // Its own process group: Ctrl-C in the terminal must not end it before this process has released its orders.
    { cwd: dirname(socketPath), stdio: ['ignore', output, output], detached: true },
  );
  closeSync(output);
  child.unref();
  if (child.pid !== undefined) onSpawn(child.pid);
  await waitUntilReady(child, socketPath, logFile);
  if (child.pid === undefined) throw new Error('redis-server has no pid');
  return child.pid;
}

/** Whether a server answers on the socket. */
export async function pingRedis(socketPath: string): Promise<boolean> {
  return (await request(socketPath, 'PING', /^\+(PONG)/)) !== null;
}

/** Null: no server answers on the socket. */
export async function pidOfRedis(socketPath: string): Promise<number | null> {
  const pid = await request(socketPath, 'INFO server', /process_id:(\d+)\r/);
  return pid === null ? null : Number(pid);
}

/** Sends the command. @returns the pattern's first group in the reply; null without a matching reply */
function request(socketPath: string, command: string, pattern: RegExp): Promise<string | null> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = createConnection({ path: socketPath });
    const end = (found: string | null): void => {
      socket.destroy();
      resolve(found);
    };
    // After a pause of this process the timer fires before a reply that has already arrived is read. So wait a little longer.
    socket.setTimeout(PING_TIMEOUT_MS, () => setTimeout(() => end(null), POLL_MS));
    socket.once('error', () => end(null));
    socket.once('close', () => end(null));
    socket.once('connect', () => socket.write(`${command}\r\n`));
    socket.on('data', (data: Buffer) => {
      reply += data.toString();
      const found = pattern.exec(reply)?.[1];
      if (found !== undefined) end(found);
    });
  });
}

/** Stops the server of this socket. Does nothing if the pid is not that of the server. */
export async function stopRedis(pid: number, socketPath: string): Promise<void> {
  await stopProcess(pid, socketPath, STOPS_WITHIN_MS);
  rmSync(socketPath, { force: true });
}

async function waitUntilReady(child: ChildProcess, socketPath: string, logFile: string): Promise<void> {
  let failure: NodeJS.ErrnoException | null = null;
  child.once('error', (error) => (failure = error));
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += POLL_MS) {
    if (await pingRedis(socketPath)) return;
    throwIfFailed(failure);
    if (child.exitCode !== null)
      throw new Error(`redis-server ended with ${child.exitCode} before it answered: ${lastLine(logFile)}`);
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`redis-server did not answer at ${socketPath} within ${READY_WITHIN_MS} ms`);
}

function lastLine(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
}

function throwIfFailed(failure: NodeJS.ErrnoException | null): void {
  if (failure?.code === 'ENOENT') throw new OperatorError(HOW_TO_GET_REDIS, { cause: failure });
  if (failure !== null) throw failure;
}
