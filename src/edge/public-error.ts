import { FillstreamError, toFillstreamError } from '../errors.ts';
import { InvalidCursor, StoreUnavailable } from '../store/ports.ts';

/** What was thrown, as something that may be told to whoever asked. The only place that maps the store's errors. */
export function toPublicError(thrown: unknown): FillstreamError {
  if (thrown instanceof StoreUnavailable) {
    // Which store and what it answered is for the log, not for strangers.
    return new FillstreamError(
      'store_unavailable',
      'The store does not answer; repeating the request, or connecting again, is safe',
      {
        retryAfterSeconds: 1,
        cause: thrown,
      },
    );
  }
  if (thrown instanceof InvalidCursor) {
    return new FillstreamError('invalid_request', thrown.message, {
      errors: [{ field: 'cursor', message: 'expected a cursor that a page before gave' }],
      cause: thrown,
    });
  }
  return toFillstreamError(thrown);
}
