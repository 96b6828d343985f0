/** Until when an order may be executed, in Unix seconds. */
import { FillstreamError } from '../errors.ts';

export const DEFAULT_VALIDITY_SECONDS = 600;

/**
 * A week. An open order holds its place among those in flight, and every release until its end has to understand it:
 * longer intentions are a client's to submit again.
 */
export const MAX_VALIDITY_SECONDS = 7 * 24 * 60 * 60;

/**
 * @param now Unix milliseconds
 * @throws FillstreamError invalid_request for a time that has passed or is too far ahead
 */
export function validToOf(asked: number | undefined, now: number): number {
  const nowSeconds = Math.floor(now / 1000);
  const validTo = asked ?? nowSeconds + DEFAULT_VALIDITY_SECONDS;
  if (validTo * 1000 <= now) throw refusal(`${validTo} has passed: expected a time after ${nowSeconds}`);
  if (validTo > nowSeconds + MAX_VALIDITY_SECONDS) {
    throw refusal(
      `${validTo} is too far ahead: expected at most ${nowSeconds + MAX_VALIDITY_SECONDS} (7 days)`,
    );
  }
  return validTo;
}

function refusal(message: string): FillstreamError {
  return new FillstreamError('invalid_request', `validTo: ${message}`, {
    errors: [{ field: '/validTo', message }],
  });
}
