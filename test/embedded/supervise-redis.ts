/** A process that supervises the Redis of a data folder (its argument) until SIGTERM or SIGKILL. Prints its socket. */
import { openEmbeddedRedis } from '../../src/embedded/redis/embedded-redis.ts';

const [dataDir = ''] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined };

try {
  const redis = await openEmbeddedRedis({ dataDir, log: silent });
  process.stdout.write(`${JSON.stringify({ socketPath: redis.socketPath, isOwner: redis.isOwner() })}\n`);
  process.once('SIGTERM', () => void redis.close());
} catch (error) {
  process.stderr.write(error instanceof Error ? `${error.name}: ${error.message}\n` : String(error));
  process.exitCode = 1;
}
