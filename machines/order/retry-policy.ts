import type { RetryPolicy } from './types.ts';

/** The default limits of an order. They are stored with each order: a change affects new orders only. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  attempts: { routing: 5, building: 4, submitted: 6 },
  reroutes: 3,
  backoffBaseMs: 200,
  backoffCapMs: 30_000,
  timeoutMs: {
    quote: 10_000,
    selectRoute: 5_000,
    assemble: 10_000,
    sign: 15_000,
    broadcast: 10_000,
    mine: 60_000,
    confirm: 120_000,
    cancel: 120_000,
  },
};

/**
 * Exponential backoff with "equal jitter" (half fixed, half drawn), after Brooker, "Exponential Backoff And Jitter",
 * AWS Architecture Blog 2015: it spreads the retries of many orders, and never retries immediately.
 * @param attempt the number of the attempt that failed, from 1
 * @param draw from [0, 1)
 * @returns milliseconds
 */
export function backoffDelay(policy: RetryPolicy, attempt: number, draw: number): number {
  const ceiling = Math.min(policy.backoffCapMs, policy.backoffBaseMs * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (draw * ceiling) / 2);
}
