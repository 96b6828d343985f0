/** One private redis-server on a unix socket, without persistence: it holds nothing that cannot be lost. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import { OperatorError } from '../operator-error.ts';
import { sleep } from '../runtime/time.ts';
import { stopProcess } from './stop-process.ts';

const ANSWERS_WITHIN_MS = 5_000;
/** A dead server refuses at once; one that only lags is not to be taken for dead and killed. */
const PING_LIMIT_MS = 2_000;
const POLL_MS = 10;
const STOPS_WITHIN_MS = 2_000;

export const HOW_TO_GET_REDIS = `redis-server was not found on the PATH. Install it:
  Debian, Ubuntu   apt-get install redis-server
  Fedora           dnf install redis
  macOS            brew install redis
or set REDIS_URL to a server that you run.`;

export interface RedisChildOptions {
  readonly socketPath: string;
  /** Holds what the present server says, and is quoted when it does not start. */
  readonly logFile: string;
  /** Is told the pid at once: whoever comes after a kill in between must find it. */
  readonly onSpawn: (pid: number) => void;
}

/**
 * Starts a server and resolves with its pid once it answers.
 * @throws UserFault when there is no redis-server; Error when it does not answer
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
    // A group of its own: Ctrl-C in the terminal is for us, and we still need it while we hand over.
    { cwd: dirname(socketPath), stdio: ['ignore', output, output], detached: true },
  );
  closeSync(output);
  child.unref();
  if (child.pid !== undefined) onSpawn(child.pid);
  await answers(child, socketPath, logFile);
  if (child.pid === undefined) throw new Error('redis-server has no pid');
  return child.pid;
}

/** Whether a server answers there. */
export async function pingRedis(socketPath: string): Promise<boolean> {
  return (await ask(socketPath, 'PING', /^\+(PONG)/)) !== null;
}

/** Null: none answers there. */
export async function pidOfRedis(socketPath: string): Promise<number | null> {
  const pid = await ask(socketPath, 'INFO server', /process_id:(\d+)\r/);
  return pid === null ? null : Number(pid);
}

/** What the pattern's group finds in the answer; null where no such answer comes. */
function ask(socketPath: string, command: string, pattern: RegExp): Promise<string | null> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = createConnection({ path: socketPath });
    const end = (found: string | null): void => {
      socket.destroy();
      resolve(found);
    };
    // After a pause of this process the timer comes before the answer that lies waiting: one more turn to read it.
    socket.setTimeout(PING_LIMIT_MS, () => setTimeout(() => end(null), POLL_MS));
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

/** Stops the server of this socket. Leaves a process alone that is not certainly ours. */
export async function stopRedis(pid: number, socketPath: string): Promise<void> {
  await stopProcess(pid, socketPath, STOPS_WITHIN_MS);
  rmSync(socketPath, { force: true });
}

async function answers(child: ChildProcess, socketPath: string, logFile: string): Promise<void> {
  let failure: NodeJS.ErrnoException | null = null;
  child.once('error', (error) => (failure = error));
  for (let waitedMs = 0; waitedMs < ANSWERS_WITHIN_MS; waitedMs += POLL_MS) {
    if (await pingRedis(socketPath)) return;
    throwIfFailed(failure);
    if (child.exitCode !== null)
      throw new Error(`redis-server ended with ${child.exitCode} before it answered: ${lastLine(logFile)}`);
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`redis-server did not answer at ${socketPath} within ${ANSWERS_WITHIN_MS} ms`);
}

function lastLine(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
}

function throwIfFailed(failure: NodeJS.ErrnoException | null): void {
  if (failure?.code === 'ENOENT') throw new OperatorError(HOW_TO_GET_REDIS, { cause: failure });
  if (failure !== null) throw failure;
}
