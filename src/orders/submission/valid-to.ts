/** Until when an order may be executed. */
import { FillstreamError } from '../../errors.ts';

const DEFAULT_VALIDITY_SECONDS = 600;

/** A week: while an order is open it counts towards the limit of open orders, and each release must be able to read it. */
const MAX_VALIDITY_SECONDS = 7 * 24 * 60 * 60;

/**
 * @param requested Unix seconds
 * @param now Unix milliseconds
 * @returns until when the order may be executed, in Unix seconds
 * @throws FillstreamError invalid_request for a time that has passed or is too far ahead
 */
export function validToOf(requested: number | undefined, now: number): number {
  const nowSeconds = Math.floor(now / 1000);
  const latest = nowSeconds + MAX_VALIDITY_SECONDS;
  const validTo = requested ?? nowSeconds + DEFAULT_VALIDITY_SECONDS;
  if (validTo * 1000 <= now)
    throw invalidValidTo(`${validTo} has passed: expected a time after ${nowSeconds}`);
  if (validTo > latest) {
    throw invalidValidTo(`${validTo} is too far ahead: expected at most ${latest} (7 days from now)`);
  }
  return validTo;
}

function invalidValidTo(message: string): FillstreamError {
  return new FillstreamError('invalid_request', `validTo: ${message}`, {
    errors: [{ field: '/validTo', message }],
  });
}
