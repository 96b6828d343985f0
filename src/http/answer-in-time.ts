import { FillstreamError } from '../errors.ts';
import { TimeoutError, withTimeout } from '../runtime/timeout.ts';

/** A client whose request hangs cannot tell whether to repeat it. */
const ANSWERS_WITHIN_MS = 4_500;

/**
 * The answer; an error, once it takes longer than a store may. What was begun goes on: as after any outage, the request may or may
 * not have been accepted.
 * @throws FillstreamError store_unavailable
 */
export async function answerInTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await withTimeout(answer, ANSWERS_WITHIN_MS, 'the answer of the store');
  } catch (thrown) {
    if (!(thrown instanceof TimeoutError)) throw thrown;
    throw new FillstreamError(
      'store_unavailable',
      'The store does not answer; repeating the request is safe with the same Idempotency-Key',
      { retryAfterSeconds: 1, cause: thrown },
    );
  }
}
