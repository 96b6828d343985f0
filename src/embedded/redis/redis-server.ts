/** The Redis of a data folder, as one of its supervised servers. */
import { join } from 'node:path';
import type { EmbeddedLog, SupervisedServer } from '../supervise-servers.ts';
import { runFileOf } from '../supervise-servers.ts';
import { pidOfRedis, pingRedis, startRedis, stopRedis } from './redis-child.ts';
import { noteInRunFile, readRunFile } from '../run-file.ts';
import { startWatchdog } from '../watchdog.ts';
import { makeSocketFolder, socketPathOf } from './socket-path.ts';

export interface RedisServer extends SupervisedServer {
  readonly socketPath: string;
  /** Null: no server is noted. */
  pid(): number | null;
}

/** @param folder its real path, so that all processes use the same socket */
export async function redisServer(folder: string, log: EmbeddedLog): Promise<RedisServer> {
  const runFile = runFileOf(folder);
  const noted = () => readRunFile(runFile)?.redis ?? null;
  const before = noted()?.socketPath;
  // A running server of this folder keeps its socket, even if this process would choose another path.
  const socketPath = before !== undefined && (await pingRedis(before)) ? before : socketPathOf(folder);

  return {
    name: 'redis-server',
    socketPath,
    pid: () => noted()?.pid ?? null,
    isUp: () => pingRedis(socketPath),
    async ensureUp() {
      const present = noted();
      if (await pingRedis(socketPath)) {
        const pid = present === null ? await pidOfRedis(socketPath) : null;
        if (pid !== null) noteInRunFile(runFile, { redis: { pid, socketPath } });
        return;
      }
      if (present !== null) {
        log.warn({ redisPid: present.pid }, 'redis-server has ended: starting another');
        await stopRedis(present.pid, present.socketPath);
      }
      makeSocketFolder(socketPath, folder);
      const pid = await startRedis({
        socketPath,
        logFile: join(folder, 'redis.log'),
        onSpawn: (spawned) => {
          noteInRunFile(runFile, { redis: { pid: spawned, socketPath } });
          startWatchdog(folder, spawned);
        },
      });
      log.info({ redisPid: pid }, 'redis-server runs');
    },
    async stop() {
      const present = noted();
      if (present !== null) await stopRedis(present.pid, present.socketPath);
    },
  };
}
