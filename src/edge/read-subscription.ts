/** What clients ask of a stream, read from what they sent. */
import type { z } from 'zod';
import { FillstreamError } from '../errors.ts';
import type { After } from '../protocol/fields.ts';
import { orderIdSchema } from '../protocol/fields.ts';
import { streamQuerySchema } from '../protocol/requests.ts';

/** @throws FillstreamError invalid_request, with the fields that are wrong */
export function readAs<Schema extends z.ZodType>(schema: Schema, sent: unknown): z.output<Schema> {
  const read = schema.safeParse(sent);
  if (read.success) return read.data;
  const errors = read.error.issues.slice(0, 10).map(({ path, message }) => ({
    field: path.map(String).join('.').slice(0, 64),
    message: message.slice(0, 200),
  }));
  throw new FillstreamError('invalid_request', 'The request is not understood', { errors });
}

/** @throws FillstreamError invalid_request for a parameter that is unknown, wrong or there twice */
export function readStreamUrl(orderId: string, query: string): { orderId: string; after: After } {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (parameters.has(name)) {
      const errors = [{ field: name.slice(0, 64), message: 'is there twice, expected once' }];
      throw new FillstreamError('invalid_request', 'The request is not understood', { errors });
    }
    parameters.set(name, value);
  }
  const { after } = readAs(streamQuerySchema, Object.fromEntries(parameters));
  return { orderId: readAs(orderIdSchema, orderId), after };
}
