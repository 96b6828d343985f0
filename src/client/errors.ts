/** What the client throws. Branch on the class, then on `code`: it is stable, and the message is for people. */
import type { ErrorCode, FieldError, PassedLimit } from '../errors.ts';

/** A code of the API. A newer server may have codes that this release does not list. */
export type ApiErrorCode = ErrorCode | (string & {});

/** What the problem JSON (RFC 9457) of a refused request says beside its code and text. */
export interface ProblemDetails {
  /** What is wrong with which field, parameter or header. */
  readonly errors?: readonly FieldError[];
  /** The limit that the order would exceed. */
  readonly limit?: PassedLimit;
  /** Where the journal ends, with `after_ahead`. */
  readonly lastSeq?: number;
  /** Milliseconds after which the request may be repeated. */
  readonly retryAfterMs?: number;
}

/** The API refused a request. */
export class ApiError extends Error {
  readonly status: number;
  /** Null: the answer was not problem JSON, as from a proxy. */
  readonly code: ApiErrorCode | null;
  readonly details: ProblemDetails;

  constructor(status: number, code: ApiErrorCode | null, message: string, details: ProblemDetails = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** There was no answer, or not the whole of it. Whether the request took effect is not known. */
export class ConnectionError extends Error {
  constructor(url: string, cause: unknown) {
    const reason = reasonOf(cause);
    super(`no answer from ${url}${reason === '' ? '' : `: ${reason}`}`, { cause });
    this.name = 'ConnectionError';
  }
}

/** The server ended a stream and named the reason, and connecting again would end the same way. */
export class StreamError extends Error {
  readonly code: ApiErrorCode;
  /** Of a plain WebSocket; null on other transports, which have none. */
  readonly closeCode: number | null;
  /** Where to resume, where the server named it. */
  readonly lastSeq: number | null;

  constructor(code: ApiErrorCode, message: string, closeCode: number | null, lastSeq: number | null) {
    super(message);
    this.name = 'StreamError';
    this.code = code;
    this.closeCode = closeCode;
    this.lastSeq = lastSeq;
  }
}

/** `fetch` hides why it failed in the causes of its error, which may come from another realm: no `instanceof`. */
function reasonOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('message' in thrown)) return '';
  const inner = 'cause' in thrown ? reasonOf(thrown.cause) : '';
  return inner === '' ? String(thrown.message) : inner;
}
