/** REST requests with `fetch`: repeated while there is no answer, since each of them is safe to repeat. */
import type { Endpoints } from './endpoints.ts';
import { ApiError, ConnectionError, type ProblemDetails } from './errors.ts';
import { Backoff, linkedAbort, pause } from './pause.ts';

export interface CallOptions {
  /** Ends the call with the signal's reason. A submission that it ends may have been accepted. */
  readonly signal?: AbortSignal;
  /** How long the call is repeated while the server does not answer, or answers 429 or 5xx. 0: once. */
  readonly retryForMs?: number;
}

export interface Request extends CallOptions {
  /** Below the address of the API: `/api/orders`. */
  readonly path: string;
  readonly query?: object;
  /** A POST of this JSON; without it a GET. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  /** As the server sent it: JSON, not checked. */
  readonly body: unknown;
}

export interface RestOptions {
  readonly endpoints: Endpoints;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  readonly retryForMs: number;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

export class Rest {
  readonly #options: RestOptions;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** @throws ApiError, ConnectionError, the signal's reason */
  async call(request: Request): Promise<Answer> {
    const { endpoints, retryForMs: defaultMs } = this.#options;
    const { signal, retryForMs = defaultMs } = request;
    const retryUntil = Date.now() + retryForMs;
    const backoff = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    for (;;) {
      const url = endpoints.current;
      try {
        return await this.#once(url, request);
      } catch (error) {
        const pauseMs = Math.max(backoff.next(), retryAfterOf(error));
        if (!isRetryable(error) || Date.now() + pauseMs > retryUntil) throw error;
        if (!(error instanceof ApiError && error.status === 429)) endpoints.failed(url);
        await pause(pauseMs, signal);
      }
    }
  }

  async #once(url: string, request: Request): Promise<Answer> {
    const { path, query = {}, body, headers } = request;
    const response = await this.#exchange(`${url}${path}${queryOf(query)}`, request.signal, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...this.#options.headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = parseOrNull(response.text);
    if (response.status >= 300) throw problemOf(response.status, response.retryAfter, json, response.text);
    if (json === null) {
      throw new ApiError(response.status, null, `${path}: expected JSON, got ${response.text.slice(0, 200)}`);
    }
    return { status: response.status, body: json };
  }

  async #exchange(href: string, signal: AbortSignal | undefined, init: RequestInit) {
    const { fetch, timeoutMs } = this.#options;
    const abort = linkedAbort(signal);
    const timer = setTimeout(() => abort.abort(new Error(`timed out after ${timeoutMs} ms`)), timeoutMs);
    try {
      const response = await fetch(href, { ...init, signal: abort.signal });
      const retryAfter = response.headers.get('retry-after');
      return { status: response.status, retryAfter, text: await response.text() };
    } catch (error) {
      signal?.throwIfAborted();
      throw new ConnectionError(href, error);
    } finally {
      clearTimeout(timer);
      abort.release();
    }
  }
}

/** `undefined` is left out; a list becomes its items with commas. */
export function queryOf(query: object): string {
  const sent = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) sent.set(name, String(value));
  const text = sent.toString();
  return text === '' ? '' : `?${text}`;
}

/** @param json the answer's body; null: it is not JSON */
export function problemOf(status: number, retryAfter: string | null, json: unknown, text: string): ApiError {
  const retryAfterMs = retryAfterMsOf(retryAfter);
  const shared = retryAfterMs === null ? {} : { retryAfterMs };
  if (!isProblem(json))
    return new ApiError(status, null, `HTTP status ${status}: ${text.slice(0, 200)}`, shared);
  const { code, detail, errors, limit, lastSeq } = json;
  return new ApiError(status, code, detail, {
    ...(errors === undefined ? {} : { errors }),
    ...(limit === undefined ? {} : { limit }),
    ...(lastSeq === undefined ? {} : { lastSeq }),
    ...shared,
  });
}

/** No answer, too many requests, or a failure of the server. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429;
  return error instanceof ConnectionError;
}

/** Milliseconds; 0: the server named none. */
export function retryAfterOf(error: unknown): number {
  return error instanceof ApiError ? (error.details.retryAfterMs ?? 0) : 0;
}

interface Problem extends ProblemDetails {
  readonly code: string;
  readonly detail: string;
}

function isProblem(json: unknown): json is Problem {
  if (typeof json !== 'object' || json === null) return false;
  return (
    'code' in json && typeof json.code === 'string' && 'detail' in json && typeof json.detail === 'string'
  );
}

/** Seconds, as this API sends; a proxy may send a date. */
function retryAfterMsOf(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(ms, 0) : null;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
