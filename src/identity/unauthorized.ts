import { FillstreamError } from '../errors.ts';

/** The same for a key that is unknown and one whose secret is wrong. */
export function unauthorized(message: string): FillstreamError {
  return new FillstreamError('unauthorized', message);
}
