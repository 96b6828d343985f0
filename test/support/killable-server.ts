/** A server as a child of the test, which dies without a word and comes back on the same data. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createConnection } from 'mongoose';
import { freePort } from '../../src/stack-process/free-port.ts';
import { eventually } from './eventually.ts';
import { tempDir } from './temp-dir.ts';

const ANSWERS_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 5_000;

export class KillableServer {
  readonly url: string;
  readonly #command: readonly string[];
  readonly #answers: () => Promise<boolean>;
  readonly #removeData: () => void;
  #child: ChildProcess | null = null;

  constructor(
    url: string,
    command: readonly string[],
    answers: () => Promise<boolean>,
    removeData: () => void,
  ) {
    this.url = url;
    this.#command = command;
    this.#answers = answers;
    this.#removeData = removeData;
  }

  /** A server may refuse to start while the last of what a kill left behind goes: it is tried again. */
  async start(): Promise<void> {
    const [program = '', ...args] = this.#command;
    await eventually(
      async () => {
        if (this.#child?.exitCode !== null) this.#child = spawn(program, args, { stdio: 'ignore' });
        return this.#answers();
      },
      Boolean,
      ANSWERS_WITHIN_MS,
    );
  }

  /** `kill -9` of it and of all that it started. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    for (const pid of [child.pid, ...descendants(child.pid)]) killQuietly(pid);
    await gone;
  }

  /** In good order, so that it takes away what it made elsewhere; and for certain. */
  async remove(): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await Promise.race([once(child, 'exit'), sleep(STOPS_WITHIN_MS, undefined, { ref: false })]);
    }
    await this.kill();
    this.#removeData();
  }
}

export async function redisServer(): Promise<KillableServer> {
  const dir = tempDir();
  const port = await freePort(0);
  const url = `redis://127.0.0.1:${port}`;
  const command = [
    'redis-server',
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    dir.path,
  ];
  return new KillableServer(
    url,
    command,
    () => redisAnswers(url),
    () => dir.remove(),
  );
}

/**
 * How to start a MongoDB server: `MONGODB_COMMAND`, in which `{port}` and `{dir}` are replaced, or a `mongod` on the PATH.
 * Null: there is none.
 */
export function mongoCommand(): string | null {
  const { MONGODB_COMMAND: command = '' } = process.env;
  if (command !== '') return command;
  const isThere = (process.env['PATH'] ?? '').split(delimiter).some((folder) => hasMongod(folder));
  return isThere ? 'mongod --bind_ip 127.0.0.1 --port {port} --dbpath {dir}' : null;
}

export async function mongoServer(command: string): Promise<KillableServer> {
  const dir = tempDir();
  const data = join(dir.path, 'data');
  mkdirSync(data);
  // A server may drop its privileges: it has to get through to its data.
  chmodSync(dir.path, 0o755);
  const port = await freePort(0);
  const url = `mongodb://127.0.0.1:${port}/fillstream`;
  const words = command
    .split(/\s+/)
    .map((word) => word.replace('{port}', String(port)).replace('{dir}', data));
  return new KillableServer(
    url,
    words,
    () => mongoAnswers(url),
    () => dir.remove(),
  );
}

async function redisAnswers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.ping();
    return true;
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

async function mongoAnswers(url: string): Promise<boolean> {
  const connection = createConnection();
  connection.on('error', () => undefined);
  try {
    await connection.openUri(url, { serverSelectionTimeoutMS: 500 });
    await connection.db?.command({ ping: 1 });
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

function hasMongod(folder: string): boolean {
  try {
    return readdirSync(folder).includes('mongod');
  } catch {
    return false;
  }
}

/** From Linux's /proc: children, grandchildren and so on, also those in sessions of their own. */
function descendants(pid: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(name)] as const);
  const below = (parent: number): number[] =>
    parents.filter(([, of]) => of === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
