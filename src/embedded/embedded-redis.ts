/**
 * The Redis of a data folder. One process owns the folder and keeps the server running; others on the same folder use
 * it, and one of them takes over when the owner goes. A server that outlived a kill of its owner is adopted, never joined by
 * a second one.
 */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { every, sleep } from '../time.ts';
import { DataLock } from './data-lock.ts';
import { pidOfRedis, pingRedis, startRedis, stopRedis } from './redis-child.ts';
import { readRunFile, removeRunFile, writeRunFile } from './run-file.ts';
import { makeSocketFolder, socketPathOf } from './socket-path.ts';

export interface EmbeddedRedis {
  readonly socketPath: string;
  /** Of the server; null while none is noted. */
  pid(): number | null;
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
/** A server that does not start is tried again after twice as many looks each time, up to every five seconds. */
const LOOKS_SKIPPED_CAP = 25;

/** @throws UserFault when there is no redis-server */
export async function openEmbeddedRedis({ dataDir, log }: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const folder = realpathSync(dataDir);
  const runFile = join(folder, 'run.json');
  const lock = new DataLock(join(folder, 'owner.lock'));
  const noted = readRunFile(runFile)?.redis.socketPath;
  // Where a server of this folder answers is where everybody goes, whatever this process would have chosen.
  const socketPath = noted !== undefined && (await pingRedis(noted)) ? noted : socketPathOf(folder);
  let failures = 0;
  let looksToSkip = 0;

  /** Keeps the server running, where that is this process's to do. */
  async function keep(): Promise<void> {
    if (!lock.tryTake()) return;
    const before = readRunFile(runFile);
    if (await pingRedis(socketPath)) {
      const pid = before === null ? await pidOfRedis(socketPath) : null;
      if (pid !== null) writeRunFile(runFile, { redis: { pid, socketPath } });
      return;
    }
    if (before !== null) {
      log.warn({ redisPid: before.redis.pid }, 'redis-server is gone; starting another');
      await stopRedis(before.redis.pid, before.redis.socketPath);
    }
    makeSocketFolder(socketPath, folder);
    const pid = await startRedis({
      socketPath,
      logFile: join(folder, 'redis.log'),
      onSpawn: (spawned) => writeRunFile(runFile, { redis: { pid: spawned, socketPath } }),
    });
    log.info({ redisPid: pid }, 'redis-server runs');
  }

  async function look(): Promise<void> {
    if (looksToSkip > 0) {
      looksToSkip -= 1;
      return;
    }
    try {
      await keep();
      failures = 0;
    } catch (error) {
      failures += 1;
      looksToSkip = Math.min(2 ** failures, LOOKS_SKIPPED_CAP);
      throw error;
    }
  }

  try {
    await keep();
    await until(() => pingRedis(socketPath), OTHERS_SERVER_WITHIN_MS);
  } catch (error) {
    lock.release();
    throw error;
  }
  const stopWatching = every(WATCH_MS, look, (error) =>
    log.warn({ err: error }, 'redis-server does not start'),
  );

  return {
    socketPath,
    pid: () => readRunFile(runFile)?.redis.pid ?? null,
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

async function until(holds: () => Promise<boolean>, withinMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += WATCH_MS) {
    if (await holds()) return;
    await sleep(WATCH_MS);
  }
  throw new Error(`the process that owns this data folder has no redis-server running after ${withinMs} ms`);
}
