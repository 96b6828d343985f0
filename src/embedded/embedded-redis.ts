/** The Redis of a data folder where it is the only server that is kept there. */
import { realpathSync } from 'node:fs';
import { superviseServers, type EmbeddedLog, type ServerSupervision } from './supervise-servers.ts';
import { redisServer } from './redis-server.ts';

export interface EmbeddedRedis extends ServerSupervision {
  readonly socketPath: string;
  /** Of the server; null while none is noted. */
  pid(): number | null;
}

export interface EmbeddedRedisOptions {
  /** Absolute; exists. */
  readonly dataDir: string;
  readonly log: EmbeddedLog;
}

/** @throws UserFault when there is no redis-server */
export async function openEmbeddedRedis({ dataDir, log }: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const folder = realpathSync(dataDir);
  const redis = await redisServer(folder, log);
  const kept = await superviseServers(folder, [redis], log);
  return { ...kept, socketPath: redis.socketPath, pid: () => redis.pid() };
}
