/** The Redis of a data folder, as its only supervised server. */
import { realpathSync } from 'node:fs';
import { superviseServers, type EmbeddedLog, type ServerSupervision } from '../supervise-servers.ts';
import { redisServer } from './redis-server.ts';

export interface EmbeddedRedis extends ServerSupervision {
  readonly socketPath: string;
  /** The server's pid. Null: no server is noted. */
  pid(): number | null;
}

export interface EmbeddedRedisOptions {
  /** Absolute; exists. */
  readonly dataDir: string;
  readonly log: EmbeddedLog;
}

/** @throws OperatorError when there is no redis-server */
export async function openEmbeddedRedis({ dataDir, log }: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const folder = realpathSync(dataDir);
  const redis = await redisServer(folder, log);
  const supervision = await superviseServers(folder, [redis], log);
  return { ...supervision, socketPath: redis.socketPath, pid: () => redis.pid() };
}
