/**
 * The catalogue of errors that clients see: the stable code, the HTTP status of its problem JSON, the close code of a WebSocket that
 * ends with it, and what to do about it. Clients branch on `code`, never on text.
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
    title: 'The request is not valid',
    advice: 'Correct the fields that `errors` names and send the request again.',
  },
  invalid_json: {
    status: 400,
    closeCode: 4400,
    title: 'The body is not valid JSON',
    advice: 'Send one JSON object in UTF-8 that has each name once.',
  },
  unknown_token: {
    status: 400,
    closeCode: null,
    title: 'The token is not on the token list',
    advice: 'Use a symbol that `errors` names, or the address of its token.',
  },
  unauthorized: {
    status: 401,
    closeCode: 4401,
    title: 'The request has no valid credentials',
    advice:
      'Send an API key or a token as Authorization: Bearer. A ticket is short-lived: read the order for a new one.',
  },
  access_ended: {
    status: 401,
    closeCode: 4410,
    title: 'The credentials have expired or were revoked',
    advice: 'Connect again after `lastSeq` with new credentials.',
  },
  forbidden: {
    status: 403,
    closeCode: 4403,
    title: 'The credentials do not allow this',
    advice: 'Use credentials with the role that `detail` names.',
  },
  origin_not_allowed: {
    status: 403,
    closeCode: null,
    title: 'Pages of this origin are not allowed',
    advice: "Add the page's origin to ALLOWED_ORIGINS.",
  },
  limit_per_order: {
    status: 403,
    closeCode: null,
    title: 'The order sells more than one order may',
    advice: 'Sell at most `limit.most`, or split the order.',
  },
  limit_per_day: {
    status: 403,
    closeCode: null,
    title: 'The order exceeds the limit of the day',
    advice: 'Sell at most `limit.left`, or wait until `limit.renewsAt`.',
  },
  token_not_allowed: {
    status: 403,
    closeCode: null,
    title: 'The token must not be traded here',
    advice: 'Use other tokens, or have this one added to LIMITS_FILE.',
  },
  recipient_not_allowed: {
    status: 403,
    closeCode: null,
    title: 'The recipient is not allowed here',
    advice: 'Use an allowed recipient, or leave the field out: the signer receives then.',
  },
  order_not_found: {
    status: 404,
    closeCode: 4404,
    title: 'There is no such order',
    advice: 'Check the order id. The answer to the submission has it.',
  },
  not_found: {
    status: 404,
    closeCode: null,
    title: 'There is no such resource',
    advice: 'Check the path.',
  },
  method_not_allowed: {
    status: 405,
    closeCode: null,
    title: 'The method is not allowed for this resource',
    advice: 'Use a method that the Allow header lists.',
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
    title: '`after` is ahead of the journal',
    advice: 'Send the request again with an `after` of at most `lastSeq`.',
  },
  body_too_large: {
    status: 413,
    closeCode: null,
    title: 'The body is too large',
    advice: 'Send a smaller body: a submission has a few hundred bytes.',
  },
  unsupported_media_type: {
    status: 415,
    closeCode: null,
    title: 'The body is not application/json',
    advice: 'Send Content-Type: application/json in UTF-8, plain or with Content-Encoding: gzip.',
  },
  host_not_allowed: {
    status: 421,
    closeCode: null,
    title: 'The server is not called by this name',
    advice: 'Use localhost, set PUBLIC_URL to the address that clients use, or create an API key.',
  },
  idempotency_key_reused: {
    status: 422,
    closeCode: null,
    title: 'The Idempotency-Key belongs to another order',
    advice: 'Use a new key for a new order; to repeat a request, repeat its body.',
  },
  too_many_subscriptions: {
    status: 429,
    closeCode: 4429,
    title: 'The connection watches too many orders',
    advice: 'Unsubscribe from orders, or open another connection.',
  },
  too_many_connections: {
    status: 429,
    closeCode: 4431,
    title: 'Too many connections are open',
    advice: 'Close connections, or follow several orders on one connection of Socket.IO.',
  },
  rate_limited: {
    status: 429,
    closeCode: 4430,
    title: 'Too many requests',
    advice: 'Wait for Retry-After seconds, then go on more slowly.',
  },
  too_many_orders: {
    status: 429,
    closeCode: null,
    title: 'Too many orders are in flight',
    advice: 'Wait for Retry-After seconds, then send the request again with the same Idempotency-Key.',
  },
  too_many_quotes: {
    status: 429,
    closeCode: null,
    title: 'Too many quotes are asked for at once',
    advice: 'Wait for Retry-After seconds, then ask again.',
  },
  slow_reader: {
    status: 429,
    closeCode: 4408,
    title: 'The connection does not read what it is sent',
    advice: 'Connect again with `after` set to the last `seq` that was received.',
  },
  internal_error: {
    status: 500,
    closeCode: 4500,
    title: 'A defect in Fillstream',
    advice: 'Repeat the request. If it fails again, report it with its time.',
  },
  store_unavailable: {
    status: 503,
    closeCode: 4503,
    title: 'The store does not answer',
    advice:
      'The request may or may not have been accepted. Wait for Retry-After seconds, then repeat it with the same Idempotency-Key.',
  },
  identity_unavailable: {
    status: 503,
    closeCode: 4504,
    title: 'Tokens cannot be checked',
    advice: 'Wait for Retry-After seconds, then repeat the request.',
  },
  quotes_unavailable: {
    status: 503,
    closeCode: null,
    title: 'This server cannot ask the venues',
    advice:
      'Wait for Retry-After seconds, or ask a server that reaches the chain: an api needs RPC_URL and CHAIN_FILE for it.',
  },
  shutting_down: {
    status: 503,
    closeCode: 1001,
    title: 'The server is shutting down',
    advice: 'Connect again with `after` set to the last `seq` that was received.',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES: readonly ErrorCode[] = Object.keys(ERRORS).filter(isErrorCode);

/** One fault of a request: where (a JSON pointer into the body, or the name of a parameter or header) and what was expected. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** The limit that a request would exceed. Amounts are base units. */
export interface PassedLimit {
  readonly token: string;
  readonly asked: string;
  readonly most: string;
  /** What is left of a limit by day. */
  readonly left?: string;
  /** When a limit by day begins anew: ISO 8601. */
  readonly renewsAt?: string;
}

interface Details {
  readonly errors?: readonly FieldError[];
  readonly limit?: PassedLimit;
  readonly retryAfterSeconds?: number;
  /** For one client of many that come back: each gets another. */
  readonly retryAfterMs?: number;
  readonly lastSeq?: number;
  readonly allow?: string;
  readonly cause?: unknown;
}

/** An error that clients see. `message` says what, which, and what was expected. `cause` is for the log alone. */
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

/** @param allow the methods, as the header `Allow` lists them */
export function methodNotAllowed(method = '', allow: string): FillstreamError {
  return new FillstreamError('method_not_allowed', `${method} is not allowed: expected ${allow}`, { allow });
}

/** For an unknown order and for an order of another owner alike. */
export function orderNotFound(orderId: string): FillstreamError {
  return new FillstreamError('order_not_found', `There is no order ${orderId}`);
}

export function afterAhead(orderId: string, after: number, lastSeq: number): FillstreamError {
  return new FillstreamError(
    'after_ahead',
    `after=${after} is ahead of the journal of order ${orderId}, which ends at ${lastSeq}`,
    { lastSeq },
  );
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
