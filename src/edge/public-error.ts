import { FillstreamError } from '../errors.ts';
import { InvalidCursor, StoreUnavailable } from '../store/ports.ts';

/**
 * What was thrown, as an error that a client may see: the only place that maps errors of the store and defects. `cause` keeps what
 * was thrown, for the log; clients do not see it.
 */
export function toPublicError(thrown: unknown): FillstreamError {
  if (thrown instanceof FillstreamError) return thrown;
  if (thrown instanceof StoreUnavailable) {
    return new FillstreamError(
      'store_unavailable',
      'The store does not answer; repeating the request, or connecting again, is safe',
      { retryAfterSeconds: 1, cause: thrown },
    );
  }
  if (thrown instanceof InvalidCursor) {
    return new FillstreamError('invalid_request', thrown.message, {
      errors: [{ field: 'cursor', message: 'expected the nextCursor of an earlier page' }],
      cause: thrown,
    });
  }
  return new FillstreamError('internal_error', 'A defect in the server; it was logged', { cause: thrown });
}
