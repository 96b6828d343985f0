/** What a failed request to the chain's node means: a revert of the contract, or trouble with the node. */
import { BaseError, HttpRequestError, isHex, LimitExceededRpcError, TimeoutError, type Hex } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';

/** What the call reverted with, '0x' for nothing said; null: it is not known to have reverted. */
export function revertDataOf(thrown: unknown): Hex | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('data' in error && isHex(error.data)) return error.data;
    // A node that knows the reason but does not hand out the data.
    if ('code' in error && error.code === 3) return '0x';
  }
  return null;
}

/**
 * Trouble with the node, as a venue tells it.
 * @returns what was thrown, where it comes from no request: a defect
 */
export function nodeFailure(venue: string, thrown: unknown): unknown {
  if (!(thrown instanceof BaseError)) return thrown;
  const options = { cause: thrown };
  if (thrown.walk((error) => error instanceof TimeoutError) !== null) {
    return new EffectError(
      'retry',
      'venue_timeout',
      `the chain's node did not answer ${venue} in time`,
      options,
    );
  }
  if (thrown.walk(isRateLimit) !== null) {
    return new EffectError(
      'wait',
      'venue_rate_limited',
      `the chain's node asks ${venue} for fewer requests`,
      options,
    );
  }
  // Nothing an order could do better the next time: it waits until the node is back, or its `validTo`.
  return new EffectError(
    'wait',
    'rpc_unavailable',
    `the chain's node gave ${venue} no answer: ${thrown.details || thrown.shortMessage}`,
    options,
  );
}

function isRateLimit(error: unknown): boolean {
  if (error instanceof HttpRequestError) return error.status === 429;
  return error instanceof LimitExceededRpcError;
}
