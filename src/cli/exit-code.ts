/** What the command line exits with. docs/reference/command-line.md lists them for scripts. */
import { ApiError, ConnectionError, StreamError } from '../client/index.ts';
import { OperatorError } from '../operator-error.ts';

export const EXIT = {
  ok: 0,
  /** The answer is no: an order failed or was cancelled, a check found something. */
  negative: 1,
  /** Arguments or settings that cannot be used. */
  usage: 2,
  /** The API refused the request. */
  refused: 3,
  /** The API does not answer, or cannot now. */
  unavailable: 4,
} as const;

/** Null: a defect, which is shown with its stack. */
export function exitCodeOf(thrown: unknown): number | null {
  if (thrown instanceof OperatorError) return EXIT.usage;
  if (thrown instanceof ConnectionError) return EXIT.unavailable;
  if (thrown instanceof StreamError) return EXIT.refused;
  if (thrown instanceof ApiError) {
    return thrown.status >= 500 || thrown.status === 429 ? EXIT.unavailable : EXIT.refused;
  }
  return null;
}

const KEY_HINT =
  '  The key is that of FILLSTREAM_API_KEY. `fillstream keys create` makes one, where the server runs.';

/** What went wrong, with what the server says of each field. */
export function describeError(thrown: Error): string {
  if (!(thrown instanceof ApiError || thrown instanceof StreamError)) return thrown.message;
  const fields = thrown instanceof ApiError ? (thrown.details.errors ?? []) : [];
  return [
    thrown.code === null ? thrown.message : `${thrown.code}: ${thrown.message}`,
    ...fields
      .map(({ field, message }) => `${field}: ${message}`)
      .filter((text) => !thrown.message.includes(text))
      .map((text) => `  ${text}`),
    ...(thrown.code === 'unauthorized' ? [KEY_HINT] : []),
  ].join('\n');
}
