/** The OpenAPI document is valid, says what the route table says, and describes every field. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createConfig, lintFromString, stringifyYaml } from '@redocly/openapi-core';
import { z } from 'zod';
import { ERRORS } from '../../../src/errors.ts';
import { openApiDocument } from '../../../src/http/documents/openapi.ts';
import { faultOf, validatorFor, withAbsoluteRefs } from '../../support/http/described-answers.ts';
import { startRestServer, type RestServer } from '../../support/http/rest-server.ts';
import { ROUTES } from '../../support/http/described-routes.ts';

const operationSchema = z.looseObject({
  operationId: z.string(),
  responses: z.record(z.string(), z.unknown()),
  parameters: z
    .array(z.looseObject({ name: z.string(), in: z.string(), description: z.string().optional() }))
    .optional(),
});
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});
const answerSchema = z.looseObject({
  headers: z.record(z.string(), z.unknown()).default({}),
  links: z
    .record(z.string(), z.object({ operationId: z.string(), parameters: z.record(z.string(), z.string()) }))
    .default({}),
});
const facts = { version: '1.2.3', prefix: '' };
const document = documentSchema.parse(openApiDocument(ROUTES, facts));
const schemas = Object.entries(document.components.schemas);

let server: RestServer;
beforeAll(async () => {
  server = await startRestServer();
});
afterAll(() => server.stop());

describe('the OpenAPI document', () => {
  test('is valid OpenAPI 3.1, by the rules of Redocly', async () => {
    const config = await createConfig({
      extends: ['recommended'],
      // Answers that have no 4xx by nature, and the events of streams, which only `x-event-data` uses.
      rules: { 'operation-4xx-response': 'off', 'no-unused-components': 'off' },
    });
    const problems = await lintFromString({ source: stringifyYaml(document), config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
      [],
    );
  });

  test('is what the server answers', async () => {
    const served: unknown = await (await fetch(`${server.url}/openapi.json`)).json();
    expect(served).toEqual(JSON.parse(JSON.stringify(document)));
  });

  test.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'has %s with all of its answers and errors',
    (_, { method, path, answers, errors }) => {
      const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      const statuses = [...Object.keys(answers), ...errors.map((code) => String(ERRORS[code].status))];
      expect(Object.keys(operation?.responses ?? {}).sort()).toEqual([...new Set(statuses)].sort());
    },
  );

  test('says of each route which credentials it takes, and of public ones that it takes none', () => {
    const securityOf = (path: string, method: string): unknown =>
      document.paths[path]?.[method]?.['security'];
    expect(securityOf('/health', 'get')).toEqual([]);
    expect(securityOf('/api/orders/execute', 'post')).toEqual([{ bearer: [] }, {}]);
    expect(securityOf('/api/session', 'post')).toEqual([{ bearer: [] }]);
    expect(securityOf('/api/orders/{orderId}/events', 'get')).toEqual([{ bearer: [] }, { ticket: [] }, {}]);
  });

  test('links an answer to operations whose ids it or its own request has', () => {
    const links = [];
    for (const [path, operations] of Object.entries(document.paths))
      for (const { operationId, responses } of Object.values(operations))
        for (const answer of Object.values(responses))
          for (const link of Object.values(answerSchema.parse(answer).links))
            links.push([`${operationId} ${path}`, link.operationId, link.parameters]);
    const order = { orderId: '$response.body#/orderId' };
    expect(links).toContainEqual([
      'postOrdersExecute /api/orders/execute',
      'postOrdersByOrderIdCancel',
      order,
    ]);
    const share = { orderId: '$request.path.orderId', shareId: '$response.body#/shareId' };
    expect(links.filter(([from]) => from !== 'postOrdersExecute /api/orders/execute')).toEqual([
      [
        'postOrdersByOrderIdShares /api/orders/{orderId}/shares',
        'postOrdersByOrderIdSharesByShareIdRevoke',
        share,
      ],
    ]);
    const ofOrders = links.filter(([from]) => from === 'postOrdersExecute /api/orders/execute');
    for (const [, , parameters] of ofOrders) expect(parameters).toEqual(order);
  });

  test('promises a Location only where the order is created', () => {
    const headersOf = (path: string): unknown =>
      answerSchema.parse(document.paths[path]?.['post']?.responses['201']).headers;
    expect(headersOf('/api/orders/execute')).toHaveProperty('Location');
    expect(headersOf('/api/orders/{orderId}/shares')).toEqual({});
  });

  test('names each operation once', () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((each) => each.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('postOrdersExecute');
    expect(ids).toContain('getOrdersByOrderIdEvents');
  });

  test.each(schemas)('describes every field of %s', (name, schema) => {
    expect(undescribed(schema, name)).toEqual([]);
  });

  test('describes every field of what has no name, and every parameter', () => {
    expect(undescribed(document.paths, '')).toEqual([]);
    const parameters = Object.values(document.paths).flatMap((path) =>
      Object.values(path).flatMap((operation) => operation.parameters ?? []),
    );
    expect(parameters.filter(({ description }) => description === undefined)).toEqual([]);
  });

  test.each([
    ['/problems/{name}', 'get', 'name', 'An error code with hyphens'],
    ['/schemas/{name}', 'get', 'name', 'A schema of the API'],
    ['/api/operator/signers/{address}/resume', 'post', 'address', 'The address of the signer'],
    ['/api/machines/{version}/stats', 'get', 'orders', 'How many of the newest orders'],
  ])(
    'says of %s what its own parameter means, where others use the name otherwise',
    (path, method, name, start) => {
      const parameters = document.paths[path]?.[method]?.parameters ?? [];
      expect(parameters.find((each) => each.name === name)?.description).toMatch(start);
    },
  );

  test.each(['/problems/{name}', '/schemas/{name}'])(
    'gives a name for %s that the server knows',
    async (path) => {
      const [{ description = '' } = {}] = document.paths[path]?.['get']?.parameters ?? [];
      const name = /: `([^`]+)`\.$/.exec(description)?.[1] ?? 'none';
      expect((await fetch(`${server.url}${path.replace('{name}', name)}`)).status).toBe(200);
    },
  );

  const sampled = schemas.filter(([, schema]) => 'examples' in schema);
  test.each(sampled)('has an example of %s that fits its schema', (name, schema) => {
    const ajv = validatorFor(document);
    const validate = ajv.compile(withAbsoluteRefs({ $ref: `#/components/schemas/${name}` }));
    for (const example of z.array(z.unknown()).parse(schema['examples'])) validate(example);
    expect(ajv.errorsText(validate.errors)).toBe('No errors');
  });

  test('begins its paths with the prefix of PUBLIC_URL', () => {
    expect(openApiDocument(ROUTES, { ...facts, prefix: '/swaps' })).toMatchObject({
      servers: [{ url: '/swaps' }],
    });
  });
});

describe('the check of answers', () => {
  const answer = {
    method: 'GET',
    path: '/ready',
    status: 200,
    contentType: 'application/json; charset=utf-8',
  };

  test.each([
    ['a status', { ...answer, status: 418, text: '{}' }, 'no such answer'],
    ['a media type', { ...answer, contentType: 'text/csv', text: '' }, 'no text/csv'],
    ['a body', { ...answer, text: '{"status":"maybe"}' }, 'must be equal to constant'],
    [
      'an error code',
      {
        ...answer,
        status: 503,
        contentType: 'application/problem+json',
        text: '{"type":"","title":"","status":503,"code":"order_ended","detail":""}',
      },
      'must be equal to one of the allowed values',
    ],
  ])('finds %s that the document does not have', (_, sent, fault) => {
    expect(faultOf(sent)).toContain(fault);
  });

  test('takes an answer that is as described', () => {
    expect(faultOf({ ...answer, text: '{"status":"ready"}' })).toBeNull();
  });
});

/** The places of fields without a description. */
function undescribed(schema: unknown, place: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => {
    // What narrows a referenced schema is described there.
    const fields = key === 'properties' && !('$ref' in schema) ? Object.entries(value as object) : [];
    const missing = fields.flatMap(([field, property]: [string, unknown]) =>
      typeof property === 'object' && property !== null && 'description' in property
        ? []
        : [`${place}.${field}`],
    );
    return [...missing, ...undescribed(value, place)];
  });
}
