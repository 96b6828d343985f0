/** REST requests with `fetch`, in Node and in browsers. */
import { z } from 'zod';

/** The API refused a request with problem JSON (RFC 9457). Branch on `code`: it is stable, and the message is for people. */
export class ApiError extends Error {
  readonly status: number;
  /** Null: the answer was not problem JSON, as from a proxy. */
  readonly code: string | null;

  constructor(status: number, code: string | null, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** There was no answer. Whether the request took effect is not known. */
export class ConnectionError extends Error {
  constructor(url: string, cause: unknown) {
    super(`no answer from ${url}`, { cause });
    this.name = 'ConnectionError';
  }
}

/** @throws ApiError, ConnectionError */
export function getJson<Body>(url: string, schema: z.ZodType<Body>): Promise<Answer<Body>> {
  return request(url, {}, schema);
}

/** @throws ApiError, ConnectionError */
export function postJson<Body>(
  url: string,
  schema: z.ZodType<Body>,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Body>> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
  return request(url, init, schema);
}

const problemSchema = z.object({ code: z.string(), detail: z.string() });

async function request<Body>(url: string, init: RequestInit, schema: z.ZodType<Body>): Promise<Answer<Body>> {
  const { status, text } = await exchange(url, init);
  if (status < 300) return { status, body: schema.parse(JSON.parse(text)) };
  const problem = problemSchema.safeParse(parseOrNull(text));
  if (problem.success) throw new ApiError(status, problem.data.code, problem.data.detail);
  throw new ApiError(status, null, `HTTP status ${status}: ${text.slice(0, 200)}`);
}

async function exchange(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
  // Throws for an invalid address, which `fetch` does not tell from a missing answer.
  const { href } = new URL(url);
  try {
    const response = await fetch(href, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new ConnectionError(url, error);
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
