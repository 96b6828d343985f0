/** Walks the route table: a client finds each route as the table describes it. */
import { readFileSync } from 'node:fs';
import { METHODS } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ERROR_CODES, ERRORS } from '../../src/errors.ts';
import { ROUTES } from '../support/http/described-routes.ts';
import { ask, submitted } from '../support/http/rest-client.ts';
import { sendRaw } from '../support/http/raw-http.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { startEdgeServer, type EdgeServer } from '../edge/edge-server.ts';
import { readEvents } from '../feed/event-stream.ts';

const PATHS = [...new Set(ROUTES.map(({ path }) => path))];
const rest = readFileSync('docs/reference/rest.md', 'utf8');

const redis = new RedisServer();
let server: EdgeServer;
let orderId: string;
beforeAll(async () => {
  await redis.start();
  server = await startEdgeServer(redis);
  orderId = await submitted(server);
});
afterAll(async () => {
  await server.stop();
  await redis.remove();
});

const filled = (path: string) =>
  path
    .replace(':orderId', orderId)
    .replace('/schemas/:name', '/schemas/message.json')
    .replace(':name', 'not-found')
    .replace(':version', '1');
const allowOf = (path: string) =>
  ROUTES.filter((route) => route.path === path)
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .concat('OPTIONS')
    .join(', ');

describe.each(PATHS)('%s', (path) => {
  const allow = allowOf(path);

  test(`allows ${allow}, and answers 405 to every other method`, async () => {
    const others = METHODS.filter((method) => method !== 'CONNECT' && !allow.split(', ').includes(method));
    expect(others.length).toBeGreaterThan(20);
    for (const method of others) {
      const answer = await sendRaw(
        server.port,
        `${method} ${filled(path)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      expect([method, answer.slice(0, 12)]).toEqual([method, 'HTTP/1.1 405']);
      expect(answer).toContain(`\r\nAllow: ${allow}\r\n`);
      if (method !== 'HEAD') expect(answer).toContain('"code":"method_not_allowed"');
    }
  });

  test('answers OPTIONS with 204 and Allow', async () => {
    const answer = await fetch(`${server.url}${filled(path)}`, { method: 'OPTIONS' });
    expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([204, allow, '']);
  });
});

const PLAIN = ROUTES.filter(({ method, isStream }) => method === 'GET' && !isStream);
describe.each(PLAIN)('GET $path', ({ path, answers }) => {
  test('answers what the table says, and HEAD the same without a body', async () => {
    const { status, headers, json, text } = await ask(server, filled(path));
    expect(Object.keys(answers)).toContain(String(status));
    answers[status]?.parse(headers.get('content-type')?.startsWith('text/html') === true ? text : json);
    const head = await fetch(`${server.url}${filled(path)}`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([status, '']);
  });
});

describe.each(ROUTES.filter(({ isStream }) => isStream))('GET $path', ({ path, answers }) => {
  test('streams what the table says, and HEAD answers the same head', async () => {
    const stream = await readEvents(`${server.url}${filled(path)}`);
    const [event] = await stream.first(1);
    answers[stream.status]?.parse(event?.message);
    stream.close();
    const head = await fetch(`${server.url}${filled(path)}`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-type')).toBe('text/event-stream');
  });
});

describe.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s',
  (name, route) => {
    test('has errors that exist, each once, and a summary', () => {
      expect(route.errors.filter((code) => !ERROR_CODES.includes(code))).toEqual([]);
      expect(new Set(route.errors).size).toBe(route.errors.length);
      expect(route.summary).toMatch(/^[A-Z].*[^.]$/);
    });

    test('stands in rest.md', () => {
      expect(rest).toContain(`\`${name}\``);
    });
  },
);

describe('the errors of the table', () => {
  const documented = [...rest.matchAll(/^\| `([a-z_]+)` +\| (\d{3}) /gm)].map(
    ([, code = '', status = '']) => [code, Number(status)] as const,
  );

  test('are those that rest.md lists, with their status', () => {
    const codes = new Set(ROUTES.flatMap(({ errors }) => errors));
    // Of every path, and of no route.
    const expected = [...codes, 'not_found', 'method_not_allowed', 'host_not_allowed'] as const;
    expect(documented.map(([code]) => code).sort()).toEqual([...new Set(expected)].sort());
    expect(documented).toEqual(documented.map(([code]) => [code, statusOf(code)]));
  });

  test.each(ERROR_CODES)('%s is explained where its problem type leads', async (code) => {
    const type = `/problems/${code.replaceAll('_', '-')}`;
    expect(await ask(server, type)).toMatchObject({ status: 200, json: { type, code, ...ERRORS[code] } });
    const html = await fetch(`${server.url}${type}`, { headers: { Accept: 'text/html' } });
    expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await html.text()).toContain(ERRORS[code].title);
  });
});

function statusOf(code: string): number {
  return ERROR_CODES.filter((each) => each === code).map((each) => ERRORS[each].status)[0] ?? 0;
}
