/** Requests as tests write them: the answer's status, headers and JSON in one. */
import { z } from 'zod';
import { faultOf } from './described-answers.ts';
import type { RestServer } from './rest-server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Empty where the answer is not JSON. */
  readonly json: Record<string, unknown>;
  readonly text: string;
}

export const WETH_TO_USDC = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };

/** Every answer of every test is held against the OpenAPI document. */
export async function ask(server: RestServer, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, init);
  const text = await response.text();
  const fault = faultOf({
    method: init.method ?? 'GET',
    path,
    status: response.status,
    contentType: response.headers.get('content-type'),
    text,
  });
  if (fault !== null) throw new Error(`not as the OpenAPI document says: ${fault}`);
  const isJson = text !== '' && (response.headers.get('content-type') ?? '').includes('json');
  const json = isJson ? z.record(z.string(), z.unknown()).parse(JSON.parse(text)) : {};
  return { status: response.status, headers: response.headers, json, text };
}

/** @param body an object goes as JSON, anything else as it is */
export function post(
  server: RestServer,
  path: string,
  body?: object | string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
  return ask(server, path, {
    method: 'POST',
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  });
}

export function submit(server: RestServer, body: object, key?: string): Promise<Answer> {
  return post(server, '/api/orders/execute', body, key === undefined ? {} : { 'Idempotency-Key': key });
}

export async function submitted(server: RestServer, more: object = {}, key?: string): Promise<string> {
  const { json } = await submit(server, { ...WETH_TO_USDC, ...more }, key);
  return z.object({ orderId: z.string() }).parse(json).orderId;
}

/** The names of the fields that a problem complains about. */
export function fieldsOf(answer: Answer): string[] {
  const { errors } = z.object({ errors: z.array(z.object({ field: z.string() })) }).parse(answer.json);
  return errors.map(({ field }) => field);
}
