/** The documents of the API, for programs: OpenAPI, AsyncAPI and JSON Schemas. The page at `/docs` shows the first two. */
import { z } from 'zod';
import { FillstreamError } from '../../errors.ts';
import { getRoute, NO_PARAMETERS, type Route } from '../route.ts';
import { asyncApiDocument } from './asyncapi.ts';
import type { Json } from './json-schema.ts';
import { openApiDocument, type DocumentFacts } from './openapi.ts';
import { publishedSchema, SCHEMA_NAMES } from './standalone-schemas.ts';

const openApiSchema = z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) });
const asyncApiSchema = z.looseObject({ asyncapi: z.string(), channels: z.record(z.string(), z.unknown()) });
const jsonSchemaSchema = z.looseObject({ $schema: z.string(), title: z.string() });

/** @param others the rest of the table, which the OpenAPI document describes with these */
export function documentRoutes(others: readonly Route[], facts: DocumentFacts): readonly Route[] {
  const routes: readonly Route[] = [
    getRoute({
      path: '/openapi.json',
      summary: 'Read the OpenAPI document of the API',
      access: 'public',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      answers: { 200: openApiSchema },
      errors: [],
      handle: () => Promise.resolve({ status: 200, body: openApi() }),
    }),

    getRoute({
      path: '/asyncapi.json',
      summary: 'Read the AsyncAPI document of the streams',
      access: 'public',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      answers: { 200: asyncApiSchema },
      errors: [],
      handle: () => Promise.resolve({ status: 200, body: asyncApi() }),
    }),

    getRoute({
      path: '/schemas/:name',
      summary: 'Read the JSON Schema of a message, an order or a file',
      access: 'public',
      params: z.strictObject({ name: z.string() }),
      query: NO_PARAMETERS,
      answers: { 200: jsonSchemaSchema },
      errors: ['not_found'],
      handle: ({ params: { name } }) => {
        const schema = publishedSchema(name.replace(/\.json$/, ''));
        if (schema === null) {
          const known = SCHEMA_NAMES.map((each) => `${each}.json`).join(', ');
          throw new FillstreamError(
            'not_found',
            `There is no schema ${JSON.stringify(name.slice(0, 64))}: expected one of ${known}`,
          );
        }
        return Promise.resolve({ status: 200, body: schema });
      },
    }),
  ];
  // Most processes are never asked: they are made by the first request.
  const openApi = once(() => openApiDocument([...others, ...routes], facts));
  const asyncApi = once(() => asyncApiDocument(facts));
  return routes;
}

function once(make: () => Json): () => Json {
  let made: Json | null = null;
  return () => (made ??= make());
}
