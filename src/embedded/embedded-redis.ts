/**
 * The Redis of a data folder. One process owns the folder and keeps the server running; others on the same folder use
 * it, and one of them takes over when the owner goes. A server that outlived a kill of its owner is adopted, never joined by
 * a second one.
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { every, sleep } from '../time.ts';
import { DataLock } from './data-lock.ts';
import { pingRedis, startRedis, stopRedis } from './redis-child.ts';
import { readRunFile, removeRunFile, writeRunFile } from './run-file.ts';

export interface EmbeddedRedis {
  readonly socketPath: string;
  /** Whether this process keeps the server running. */
  isOwner(): boolean;
  /** The owner stops the server; others leave it alone. */
  close(): Promise<void>;
}

export interface EmbeddedRedisOptions {
  /** Absolute; exists. */
  readonly dataDir: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

const WATCH_MS = 200;
const OTHERS_SERVER_WITHIN_MS = 10_000;
/** The kernel's limit for the path of a unix socket is 108 bytes on Linux, 104 on macOS, with the closing NUL. */
const LONGEST_SOCKET_PATH = 100;

/** @throws UserFault when there is no redis-server */
export async function openEmbeddedRedis({ dataDir, log }: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const socketPath = socketPathOf(dataDir);
  const runFile = join(dataDir, 'run.json');
  const lock = new DataLock(join(dataDir, 'owner.lock'));

  /** Keeps the server running, where that is this process's to do. */
  async function keep(): Promise<void> {
    if (!lock.tryTake() || (await pingRedis(socketPath))) return;
    const before = readRunFile(runFile);
    if (before !== null) {
      log.warn({ redisPid: before.redis.pid }, 'redis-server is gone; starting another');
      await stopRedis(before.redis.pid, before.redis.socketPath);
    }
    const pid = await startRedis(socketPath);
    writeRunFile(runFile, { redis: { pid, socketPath } });
    log.info({ redisPid: pid }, 'redis-server runs');
  }

  try {
    await keep();
    await until(() => pingRedis(socketPath), OTHERS_SERVER_WITHIN_MS);
  } catch (error) {
    lock.release();
    throw error;
  }
  const stopWatching = every(WATCH_MS, keep, (error) =>
    log.warn({ err: error }, 'redis-server does not start'),
  );

  return {
    socketPath,
    isOwner: () => lock.isHeld,
    async close() {
      await stopWatching();
      const run = readRunFile(runFile);
      if (lock.isHeld && run !== null) {
        await stopRedis(run.redis.pid, run.redis.socketPath);
        removeRunFile(runFile);
      }
      lock.release();
    },
  };
}

function socketPathOf(dataDir: string): string {
  const inside = join(dataDir, 'redis.sock');
  if (Buffer.byteLength(inside) <= LONGEST_SOCKET_PATH) return inside;
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `fillstream-${name}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, 'redis.sock');
}

async function until(holds: () => Promise<boolean>, withinMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += WATCH_MS) {
    if (await holds()) return;
    await sleep(WATCH_MS);
  }
  throw new Error(`the process that owns this data folder has no redis-server running after ${withinMs} ms`);
}
