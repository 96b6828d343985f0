/**
 * What a client sent, checked against its schema, or the fields that are wrong, by name: a JSON pointer (RFC 6901) in a body, a bare
 * name in a path, a query, a header or a socket's payload.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import { FillstreamError, type FieldError } from '../errors.ts';
import type { After } from '../protocol/fields.ts';
import { orderPathSchema, streamQuerySchema } from '../protocol/requests.ts';

/** Enough to correct a request; a thousand wrong fields are not all echoed. */
const MAX_ERRORS = 10;
const MAX_NAME_LENGTH = 64;

type Path = readonly PropertyKey[];

/** @throws FillstreamError invalid_request */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  return read(schema, body, jsonPointer, 'The body');
}

/** Express's own parsers take the last of a repeated name, or make an array of it. @throws FillstreamError invalid_request */
export function readQuery<Schema extends z.ZodType>(schema: Schema, url: string): z.output<Schema> {
  const start = url.indexOf('?');
  return read(schema, parametersOf(start < 0 ? '' : url.slice(start + 1)), bareName, 'The query');
}

/** Parameters of a path. @throws FillstreamError invalid_request */
export function readPath<Schema extends z.ZodType>(schema: Schema, parameters: object): z.output<Schema> {
  return read(schema, parameters, bareName, 'The path');
}

/** @param schema takes the names in lower case, as Node gives them. @throws FillstreamError invalid_request */
export function readHeaders<Schema extends z.ZodType>(
  schema: Schema,
  headers: IncomingHttpHeaders,
): z.output<Schema> {
  return read(schema, headers, headerName, 'The headers');
}

/** What a Socket.IO client sent with an event. @throws FillstreamError invalid_request */
export function readPayload<Schema extends z.ZodType>(schema: Schema, payload: unknown): z.output<Schema> {
  return read(schema, payload, bareName, 'The payload');
}

/** The address of an order's WebSocket. @throws FillstreamError invalid_request */
export function readStreamUrl(orderId: string, query: string): { orderId: string; after: After } {
  const { after } = read(streamQuerySchema, parametersOf(query), bareName, 'The query');
  return { ...read(orderPathSchema, { orderId }, bareName, 'The path'), after };
}

/** @param whole what the error calls the input where a fault belongs to none of its fields */
export function invalidRequest(errors: readonly FieldError[], whole = 'The request'): FillstreamError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const detail =
    first === undefined
      ? `${whole} is not valid`
      : `${first.field === '' ? whole : first.field}: ${first.message}${more}`;
  return new FillstreamError('invalid_request', detail, { errors: errors.slice(0, MAX_ERRORS) });
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  nameOf: (path: Path) => string,
  whole: string,
): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalidRequest(
    result.error.issues.flatMap((issue) => fieldErrors(issue, nameOf)),
    whole,
  );
}

function parametersOf(query: string): Readonly<Record<string, string>> {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (parameters.has(name)) {
      throw invalidRequest([
        { field: name.slice(0, MAX_NAME_LENGTH), message: 'given twice, expected once' },
      ]);
    }
    parameters.set(name, value);
  }
  return Object.fromEntries(parameters);
}

function jsonPointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function bareName(path: Path): string {
  return path.map(String).join('.');
}

/** `idempotency-key` as `Idempotency-Key`. */
function headerName(path: Path): string {
  return bareName(path).replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

function fieldErrors(issue: z.core.$ZodIssue, nameOf: (path: Path) => string): readonly FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: nameOf([...issue.path, key.slice(0, MAX_NAME_LENGTH)]),
      message: 'unknown field',
    }));
  }
  return [{ field: nameOf(issue.path), message: wording(issue) }];
}

/** zod's own words for a missing or mistyped field, in the manner of the others. */
function wording(issue: z.core.$ZodIssue): string {
  return issue.message
    .replace(/^Invalid input: /, '')
    .replace(/, received undefined$/, ', but it is missing');
}
