import { FillstreamError, toFillstreamError } from '../errors.ts';
import { StoreUnavailable } from '../store/ports.ts';

/** What broke a stream, as something that may be told to whoever reads it. */
export function tellable(thrown: unknown): FillstreamError {
  if (!(thrown instanceof StoreUnavailable)) return toFillstreamError(thrown);
  // Which store and what it answered is for the log, not for strangers.
  return new FillstreamError('store_unavailable', 'The store does not answer; connect again', {
    retryAfterSeconds: 1,
    cause: thrown,
  });
}
