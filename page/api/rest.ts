/** REST requests to the server that the page came from. */
import { takeEarlyAnswer } from './early-answers.ts';

/** The page's scripts lie in `assets/` below the root of the server, also behind a proxy that puts a path before it. */
export const ROOT = new URL('../', import.meta.url).pathname;

/** The server refused the request, with problem JSON: branch on `code`. */
export class Refused extends Error {
  readonly code: string;
  readonly status: number;
  /** What is wrong with which field of a body. */
  readonly fields: readonly { readonly field: string; readonly message: string }[];

  constructor(status: number, problem: Problem) {
    super(problem.detail ?? `HTTP status ${status}`);
    this.name = 'Refused';
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.fields = problem.errors ?? [];
  }
}

/** There was no answer, or one that is not the server's own: the network or the server is down. */
export class NoAnswer extends Error {
  constructor(path: string, cause?: unknown) {
    super(`No answer from ${path}`, { cause });
    this.name = 'NoAnswer';
  }
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

let tellUnauthorized: () => void = () => undefined;

/** @param run when the server asks for credentials that the page does not have, or no longer */
export function onUnauthorized(run: () => void): void {
  tellUnauthorized = run;
}

/** @param path below the root: `api/orders`. @throws Refused, NoAnswer */
export async function get(path: string): Promise<unknown> {
  // A refusal may be out of date, when the page has signed in since.
  const early = await takeEarlyAnswer(path)?.catch(() => undefined);
  return read(early?.ok === true ? early : await request(path, {}), path);
}

/** @throws Refused, NoAnswer */
export async function getText(path: string): Promise<string> {
  const response = await request(path, {});
  if (!response.ok) throw new NoAnswer(path);
  return response.text();
}

/** @throws Refused, NoAnswer */
export async function post(
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const response = await request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return read(response, path);
}

/** Of a share link, or of an order that an operator opened: its order is read with it. */
function ticketFor(path: string): string | null {
  return path.startsWith('api/orders/') ? new URLSearchParams(location.search).get('ticket') : null;
}

export function isWithTicket(): boolean {
  return ticketFor('api/orders/') !== null;
}

/** The address of a path below the root. */
export function addressOf(path: string): string {
  const ticket = ticketFor(path);
  if (ticket === null) return `${ROOT}${path}`;
  return `${ROOT}${path}${path.includes('?') ? '&' : '?'}ticket=${encodeURIComponent(ticket)}`;
}

async function request(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(addressOf(path), { cache: 'no-store', ...init });
  } catch (error) {
    throw new NoAnswer(path, error);
  }
}

async function read(response: Response, path: string): Promise<unknown> {
  let json: unknown;
  try {
    json = await response.json();
  } catch (error) {
    throw new NoAnswer(path, error);
  }
  if (response.ok) return json;
  // That a ticket has ended says nothing of the page's session.
  if (response.status === 401 && ticketFor(path) === null) tellUnauthorized();
  throw new Refused(response.status, json as Problem);
}
