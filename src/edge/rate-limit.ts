/**
 * How many requests an owner may make. Counted in Redis, where several apis share one, else in this process; without Redis each api
 * counts for itself. A limit protects others from an owner: it must never be what makes an api fail.
 */
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { FillstreamError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { withTimeout } from '../runtime/timeout.ts';

/** @throws FillstreamError rate_limited */
export type CountRequest = (principal: Principal) => Promise<void>;

export const NO_RATE_LIMIT: CountRequest = () => Promise.resolve();

export const RATE_WINDOW_SECONDS = 10;
/** A Redis that accepts connections and answers nothing must not hold a request up. */
const REDIS_ANSWERS_WITHIN_MS = 250;

/**
 * @param most requests of one owner in ten seconds; 0: no limit. An open server has one owner and no limit
 * @param redis null: this is the only api
 */
export function rateLimit(most: number, redis: Redis | null): CountRequest {
  if (most === 0) return NO_RATE_LIMIT;
  const window = { points: most, duration: RATE_WINDOW_SECONDS };
  const alone = new RateLimiterMemory(window);
  const limiter =
    redis === null
      ? alone
      : new RateLimiterRedis({
          ...window,
          storeClient: redis,
          keyPrefix: 'fillstream-rate',
          rejectIfRedisNotReady: true,
          // An owner over the limit costs no more requests to Redis.
          inMemoryBlockOnConsumed: most,
          insuranceLimiter: alone,
        });
  return async ({ kind, owner }) => {
    if (kind === 'local' || kind === 'anonymous') return;
    const counted = limiter.consume(owner).then(
      () => null,
      (passed: unknown) => ({ passed }),
    );
    // A fault of what counts lets the request pass.
    const outcome = await withTimeout(counted, REDIS_ANSWERS_WITHIN_MS, 'counting a request').catch(
      () => null,
    );
    if (!(outcome?.passed instanceof RateLimiterRes)) return;
    throw new FillstreamError(
      'rate_limited',
      `More than ${most} requests in ${RATE_WINDOW_SECONDS} seconds: expected fewer`,
      { retryAfterSeconds: Math.max(1, Math.ceil(outcome.passed.msBeforeNext / 1000)) },
    );
  };
}
