/**
 * The Postman collection as newman reads it. The folder is Postman's format 3.0.0, a file a request, which also holds the WebSocket and
 * Socket.IO; newman and Postman before version 12 read format 2.1.0 alone, which has nothing but HTTP requests.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const scriptSchema = z.object({ type: z.string(), code: z.string() });
const definitionSchema = z.object({
  name: z.string(),
  description: z.string(),
  variables: z.record(z.string(), z.string()),
  scripts: z.array(scriptSchema),
});
const httpRequestSchema = z.object({
  $kind: z.literal('http-request'),
  name: z.string().optional(),
  order: z.number(),
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.object({ type: z.literal('json'), content: z.string() }).optional(),
  scripts: z.array(scriptSchema).default([]),
});
const requestSchema = z.discriminatedUnion('$kind', [
  httpRequestSchema,
  z.object({ $kind: z.literal('websocket-request') }),
  z.object({ $kind: z.literal('socket.io-request') }),
]);

const SUFFIX = '.request.yaml';
const NOT_HERE =
  'This format holds HTTP requests alone. The WebSocket and Socket.IO are in the folder `fillstream` beside this file, for Postman 12 and later.';

const keyed = (values: Readonly<Record<string, string>>): { key: string; value: string }[] =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

function eventsOf(scripts: readonly z.infer<typeof scriptSchema>[]): unknown[] {
  return scripts.map(({ type, code }) => ({
    listen: type.endsWith('beforeRequest') ? 'prerequest' : 'test',
    script: { type: 'text/javascript', exec: code.split('\n') },
  }));
}

/** @param folder a collection of format 3.0.0 @returns its HTTP requests as JSON of format 2.1.0 */
export function postmanCollection(folder: string): string {
  const read = (file: string): unknown => parse(readFileSync(join(folder, file), 'utf8'));
  const definition = definitionSchema.parse(read('.resources/definition.yaml'));
  const items = readdirSync(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .flatMap((file) => {
      const request = requestSchema.parse(read(file));
      return request.$kind === 'http-request'
        ? [{ ...request, name: request.name ?? file.slice(0, -SUFFIX.length) }]
        : [];
    })
    .sort((one, other) => one.order - other.order)
    .map(({ name, method, url, headers, body, scripts }) => ({
      name,
      request: {
        method,
        header: keyed(headers),
        url,
        ...(body === undefined
          ? {}
          : { body: { mode: 'raw', raw: body.content, options: { raw: { language: body.type } } } }),
      },
      event: eventsOf(scripts),
    }));
  return JSON.stringify({
    info: {
      name: definition.name,
      description: `${definition.description}\n\n${NOT_HERE}`,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    variable: keyed(definition.variables),
    event: eventsOf(definition.scripts),
    item: items,
  });
}
