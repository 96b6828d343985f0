/** What a request to the chain's node that failed means for an order. */
import { BaseError, InvalidParamsRpcError, TimeoutError } from 'viem';
import { oneLine } from '../../rpc/one-line.ts';
import { isRateLimit } from '../../rpc/refusal.ts';
import { EffectError } from '../../../machines/order/effect-error.ts';

/**
 * A failure of the node as the venue's EffectError.
 * @returns what was thrown where it is not a failed request: a defect
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
  if (isRateLimit(thrown)) {
    return new EffectError(
      'wait',
      'venue_rate_limited',
      `the chain's node asks ${venue} for fewer requests`,
      options,
    );
  }
  // Another attempt does not help: the order waits until the node is available, or for its `validTo`.
  return new EffectError(
    'wait',
    'rpc_unavailable',
    `the chain's node gave ${venue} no answer: ${oneLine(thrown.details || thrown.shortMessage)}`,
    options,
  );
}

/** Nodes that do not override state in a call reject the extra parameter. */
export function takesNoOverride(thrown: unknown): boolean {
  return (
    thrown instanceof BaseError && thrown.walk((error) => error instanceof InvalidParamsRpcError) !== null
  );
}
