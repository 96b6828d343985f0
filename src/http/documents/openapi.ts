/** The OpenAPI 3.1 document of the route table. Nothing in it is written twice: paths, parameters, bodies and errors are those of the table. */
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../errors.ts';
import { problemSchema } from '../../protocol/problem.ts';
import type { Route } from '../route.ts';
import { createdLinks } from './created-links.ts';
import { describeField } from './field-descriptions.ts';
import { schemaWriter, type Json, type SchemaWriter } from './json-schema.ts';
import { operationIdOf } from './operation-id.ts';
import { withSamples } from './samples.ts';

export interface DocumentFacts {
  /** Of the release. */
  readonly version: string;
  /** Stands before all paths: `` or `/prefix`. */
  readonly prefix: string;
}

const DESCRIPTION = `Swap orders, executed at most once, each a durable statechart whose every transition is streamed.

Amounts are base units as decimal strings, times ISO 8601. Unknown fields and parameters of requests are refused by name; answers may get
more fields with any release. Every error is problem JSON (RFC 9457): branch on \`code\`. The streams are described at \`/asyncapi.json\`.`;

/** By the beginning of the path, the longest first. */
const TAGS: readonly (readonly [string, string, string])[] = [
  ['/api/orders', 'Orders', 'Submit, read, follow and cancel orders.'],
  ['/api/quotes', 'Orders', ''],
  ['/api/operator', 'Operators', 'What operators do, over all owners, each in the audit log.'],
  ['/api/session', 'Identity', 'For whom requests act.'],
  ['/api/machines', 'Machines', 'The statecharts that orders run on.'],
  ['/api/', 'Chain', 'What amounts and transactions mean.'],
  ['/', 'Process', 'Health, errors explained, and the documents of the API.'],
];

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key or a JSON Web Token.' },
  ticket: {
    type: 'apiKey',
    in: 'query',
    name: 'ticket',
    description: 'Reads one order for a short time, or shares it: what links carry.',
  },
};

export function openApiDocument(routes: readonly Route[], { version, prefix }: DocumentFacts): Json {
  const schemas = schemaWriter('#/components/schemas/');
  const problem = schemas.write(problemSchema);
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const operations = (paths[route.path.replace(/:(\w+)/g, '{$1}')] ??= {});
    operations[route.method.toLowerCase()] = operationOf(route, schemas, problem, routes);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Fillstream',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: prefix === '' ? '/' : prefix }],
    tags: TAGS.filter(([, , description]) => description !== '').map(([, name, description]) => ({
      name,
      description,
    })),
    paths,
    components: { schemas: withSamples(schemas.components), securitySchemes: SECURITY_SCHEMES },
  };
}

function operationOf(route: Route, schemas: SchemaWriter, problem: Json, routes: readonly Route[]): Json {
  const { path, summary, params, query, headers, body } = route;
  const [, tag = ''] = TAGS.find(([start]) => path.startsWith(start)) ?? [];
  const parameters = [
    ...parametersOf(path, params, 'path', schemas),
    ...parametersOf(path, query, 'query', schemas),
    ...parametersOf(path, headers, 'header', schemas),
  ];
  return {
    operationId: operationIdOf(route),
    summary,
    tags: [tag],
    security: securityOf(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === null ? {} : { requestBody: requestBodyOf(body, schemas) }),
    responses: { ...answersOf(route, schemas, routes), ...problemsOf(route.errors, problem) },
  };
}

/** The empty one: a server without keys asks for nothing. */
function securityOf({ access, path, needsCredentials }: Route): readonly Json[] {
  if (access === 'public') return [];
  const takesTickets = access === 'watch' && path.includes(':orderId');
  return [
    { bearer: [] },
    ...(takesTickets ? [{ ticket: [] }] : []),
    ...(needsCredentials === true ? [] : [{}]),
  ];
}

function parametersOf(
  path: string,
  schema: z.ZodType,
  place: 'path' | 'query' | 'header',
  schemas: SchemaWriter,
): readonly Json[] {
  const { properties, required } = objectSchema.parse(schemas.write(schema));
  return Object.entries(properties).map(([lowerName, property]) => {
    const name = place === 'header' ? headerName(lowerName) : lowerName;
    const { description: own, ...written } = property;
    const description = describeField(name, path) ?? own;
    return {
      name,
      in: place,
      required: required.includes(lowerName),
      ...(description === undefined ? {} : { description }),
      schema: written,
    };
  });
}

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  required: z.array(z.string()).default([]),
});

function requestBodyOf(body: z.ZodType, schemas: SchemaWriter): Json {
  return {
    required: !body.safeParse(undefined).success,
    content: { 'application/json': { schema: schemas.write(body) } },
  };
}

function answersOf(route: Route, schemas: SchemaWriter, routes: readonly Route[]): Json {
  const { answers, texts = [], isStream } = route;
  return Object.fromEntries(
    Object.entries(answers).map(([status, schema]) => [
      status,
      isNothing(schema)
        ? { description: DESCRIPTIONS[status] ?? 'There is nothing to answer.' }
        : {
            description: isStream ? STREAM : (DESCRIPTIONS[status] ?? 'Done.'),
            ...(status === '201' ? createdOf(route, schema, routes) : {}),
            content: {
              [isStream ? 'text/event-stream' : 'application/json']: isStream
                ? // The body is a text of events; OpenAPI 3.1 cannot say what each of them holds.
                  { schema: { type: 'string' }, 'x-event-data': schemas.write(schema) }
                : { schema: schemas.write(schema) },
              ...Object.fromEntries(texts.map((type) => [type, { schema: { type: 'string' } }])),
            },
          },
    ]),
  );
}

/** The header and the links of an answer that something was created. */
function createdOf(route: Route, answer: z.ZodType, routes: readonly Route[]): Json {
  const links = createdLinks(route, answer, routes);
  return { ...(READ_ORDER in links ? { headers: { Location: LOCATION } } : {}), links };
}

const READ_ORDER = operationIdOf({ method: 'GET', path: '/api/orders/:orderId' });
const STREAM =
  'Server-sent events. The data of each is one message: `x-event-data` and /asyncapi.json say which.';
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'The answer.',
  201: 'Created, and durable.',
  202: 'Taken, and durable: read the order for its outcome.',
  204: 'All of it was received before: an EventSource does not come back.',
};
const LOCATION: Json = { description: 'The path of the order.', schema: { type: 'string' } };
const RETRY_AFTER: Json = { description: 'Seconds to wait.', schema: { type: 'integer' } };

function isNothing(schema: z.ZodType): boolean {
  return schema.def.type === 'undefined';
}

function problemsOf(codes: readonly ErrorCode[], problem: Json): Json {
  const statuses = [...new Set(codes.map((code): number => ERRORS[code].status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const group = codes.filter((code) => ERRORS[code].status === status);
      const answer = {
        description: group
          .map((code) => `\`${code}\`: ${ERRORS[code].title}. ${ERRORS[code].advice}`)
          .join('\n\n'),
        ...(status === 429 || status === 503 ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
        content: {
          'application/problem+json': {
            schema: {
              ...problem,
              properties: { status: { const: status }, code: { enum: group } },
            },
          },
        },
      };
      return [status, answer];
    }),
  );
}

function headerName(lowerName: string): string {
  return lowerName === 'last-event-id' ? 'Last-Event-ID' : lowerName.split('-').map(capital).join('-');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
