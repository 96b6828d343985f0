/** What a client sent, checked against its schema, or the fields that are wrong, by name. */
import type { z } from 'zod';
import { FillstreamError, type FieldError } from '../errors.ts';

/** Enough to mend a request by; an attacker's thousand wrong fields are not all echoed. */
const MAX_ERRORS = 10;
const MAX_NAME_LENGTH = 64;

/**
 * @param nameOf how a field is named: a JSON pointer in a body, a bare name in a query
 * @throws FillstreamError invalid_request
 */
export function readInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  nameOf: (path: readonly PropertyKey[]) => string,
): z.output<Schema> {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  throw invalidRequest(read.error.issues.flatMap((issue) => fieldErrors(issue, nameOf)));
}

/** RFC 6901; the whole body is the empty pointer. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

export function bareName(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

export function invalidRequest(errors: readonly FieldError[]): FillstreamError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const detail =
    first === undefined
      ? 'The request is not understood'
      : `${first.field === '' ? 'The body' : first.field}: ${first.message}${more}`;
  return new FillstreamError('invalid_request', detail, { errors: errors.slice(0, MAX_ERRORS) });
}

function fieldErrors(
  issue: z.core.$ZodIssue,
  nameOf: (path: readonly PropertyKey[]) => string,
): readonly FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: nameOf([...issue.path, key.slice(0, MAX_NAME_LENGTH)]),
      message: 'is no field of this request',
    }));
  }
  return [{ field: nameOf(issue.path), message: wording(issue) }];
}

/** zod's own words for a missing or mistyped field, in the manner of the rest. */
function wording(issue: z.core.$ZodIssue): string {
  return issue.message
    .replace(/^Invalid input: /, '')
    .replace(/, received undefined$/, ', but it is missing');
}
