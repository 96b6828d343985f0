/** The query of a URL. Express's own parsers take the last of a repeated name, or make an array of it. */
import type { z } from 'zod';
import { bareName, invalidRequest, readInput } from './read-input.ts';

/** @throws FillstreamError invalid_request for a parameter that is unknown, wrong or there twice */
export function readQuery<Schema extends z.ZodType>(schema: Schema, url: string): z.output<Schema> {
  return readInput(schema, parametersOf(url), bareName);
}

function parametersOf(url: string): Readonly<Record<string, string>> {
  const start = url.indexOf('?');
  if (start < 0) return {};
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
    if (parameters.has(name)) {
      throw invalidRequest([{ field: name.slice(0, 64), message: 'is there twice, expected once' }]);
    }
    parameters.set(name, value);
  }
  return Object.fromEntries(parameters);
}
