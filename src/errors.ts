/**
 * Every error that leaves the process, once: its stable code, the HTTP status of its problem JSON, the close code of a
 * WebSocket that ends with it, and what to do about it. Branch on `code`, never on text.
 */

interface ErrorKind {
  readonly status: number;
  /** RFC 6455 close code, 4xxx being this application's; null: no stream ends with it. */
  readonly closeCode: number | null;
  readonly title: string;
  readonly advice: string;
}

export const ERRORS = {
  invalid_request: {
    status: 400,
    closeCode: 4400,
    title: 'The request is not understood',
    advice: 'Correct the fields named in `errors` and send it again.',
  },
  invalid_json: {
    status: 400,
    closeCode: 4400,
    title: 'The body is no JSON',
    advice: 'Send one JSON object, in UTF-8.',
  },
  origin_not_allowed: {
    status: 403,
    closeCode: null,
    title: 'This origin may not connect',
    advice: "Add the page's origin to ALLOWED_ORIGINS.",
  },
  limit_per_order: {
    status: 403,
    closeCode: null,
    title: 'One order may not sell so much',
    advice: 'Sell at most what `limit.most` says, or split it.',
  },
  limit_per_day: {
    status: 403,
    closeCode: null,
    title: 'The orders of a day may not sell so much',
    advice: 'Sell at most what `limit.left` says, or wait until `limit.renewsAt`.',
  },
  token_not_allowed: {
    status: 403,
    closeCode: null,
    title: 'This token may not be traded here',
    advice: 'Name other tokens, or have it added to the LIMITS_FILE.',
  },
  recipient_not_allowed: {
    status: 403,
    closeCode: null,
    title: 'This recipient may not be named here',
    advice: 'Name an allowed recipient, or none: the signer receives then.',
  },
  order_not_found: {
    status: 404,
    closeCode: 4404,
    title: 'No such order',
    advice: 'Check the order id; it is the one that the submission answered.',
  },
  not_found: {
    status: 404,
    closeCode: null,
    title: 'No such resource',
    advice: 'Check the path.',
  },
  method_not_allowed: {
    status: 405,
    closeCode: null,
    title: 'This resource does not take that method',
    advice: 'Use a method that the Allow header names.',
  },
  order_ended: {
    status: 409,
    closeCode: null,
    title: 'The order has ended',
    advice: 'Read the order to see how it ended.',
  },
  after_ahead: {
    status: 409,
    closeCode: 4409,
    title: 'after is ahead of the journal',
    advice: 'Subscribe again with an `after` that is not above `lastSeq`.',
  },
  body_too_large: {
    status: 413,
    closeCode: null,
    title: 'The body is too large',
    advice: 'A submission takes a few hundred bytes.',
  },
  unsupported_media_type: {
    status: 415,
    closeCode: null,
    title: 'The body is not application/json',
    advice: 'Send Content-Type: application/json, UTF-8, without or with gzip.',
  },
  idempotency_key_reused: {
    status: 422,
    closeCode: null,
    title: 'The Idempotency-Key belongs to another order',
    advice: 'Use a new key for a new order; repeat the same body to repeat a request.',
  },
  too_many_subscriptions: {
    status: 429,
    closeCode: 4429,
    title: 'This connection watches too many orders',
    advice: 'Unsubscribe from orders that ended, or open another connection.',
  },
  too_many_orders: {
    status: 429,
    closeCode: null,
    title: 'Too many orders are in flight',
    advice: 'Wait for as long as Retry-After says, then send it again with the same Idempotency-Key.',
  },
  slow_reader: {
    status: 429,
    closeCode: 4408,
    title: 'The connection does not read what it is sent',
    advice: 'Connect again with `after` set to the `seq` that was received last.',
  },
  internal_error: {
    status: 500,
    closeCode: 4500,
    title: 'A defect in Fillstream',
    advice: 'Repeat the request; report it with the time if it stays.',
  },
  store_unavailable: {
    status: 503,
    closeCode: 4503,
    title: 'The store does not answer',
    advice:
      'Whether it was accepted is not known. Wait for as long as Retry-After says, then repeat it with the same Idempotency-Key.',
  },
  shutting_down: {
    status: 503,
    closeCode: 1001,
    title: 'This server is going away',
    advice: 'Connect again with `after` set to the `seq` that was received last.',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** One thing wrong with a request: where (a JSON pointer or a header's name) and what was expected. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** The limit that a request would pass. Amounts in base units. */
export interface PassedLimit {
  readonly token: string;
  readonly asked: string;
  readonly most: string;
  /** Of a limit by day. */
  readonly left?: string;
  /** When it begins anew: ISO 8601. */
  readonly renewsAt?: string;
}

interface Details {
  readonly errors?: readonly FieldError[];
  readonly limit?: PassedLimit;
  readonly retryAfterSeconds?: number;
  readonly lastSeq?: number;
  readonly allow?: string;
  readonly cause?: unknown;
}

/** An error that may be told to whoever asked. `message` says what, which, and what was expected. */
export class FillstreamError extends Error {
  readonly code: ErrorCode;
  readonly details: Details;

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, { cause: details.cause });
    this.name = 'FillstreamError';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** What was thrown, as something that may be told: a defect stays private, its cause goes to the log. */
export function toFillstreamError(thrown: unknown): FillstreamError {
  if (thrown instanceof FillstreamError) return thrown;
  return new FillstreamError('internal_error', 'Something broke on this side; it was logged', {
    cause: thrown,
  });
}
