import { rateLimit, type CountRequest } from '../../edge/rate-limit.ts';
import { openRedis } from '../../redis/open-redis.ts';
import type { Config } from '../../settings/config.ts';
import type { Backends } from './backends.ts';
import type { ShutdownSteps } from './shutdown.ts';

/** Counts in the Redis of the feed where apis share one; the private server of a data folder has one api. */
export function openRateLimit(
  config: Pick<Config, 'RATE_LIMIT' | 'REDIS_URL' | 'FEED_REDIS_URL'>,
  { feedRedis, redisTls: tls }: Pick<Backends, 'feedRedis' | 'redisTls'>,
  stops: ShutdownSteps,
): CountRequest {
  const isShared = config.REDIS_URL !== undefined || config.FEED_REDIS_URL !== undefined;
  if (config.RATE_LIMIT === 0 || !isShared) return rateLimit(config.RATE_LIMIT, null);
  const redis = openRedis(feedRedis, { tls, random: Math.random });
  // Without Redis each api counts for itself; the feed's own connections say in the log that it is away.
  redis.on('error', () => undefined);
  stops.push(() => {
    redis.disconnect();
    return Promise.resolve();
  });
  return rateLimit(config.RATE_LIMIT, redis);
}
