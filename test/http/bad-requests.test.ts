import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { ERRORS } from '../../src/errors.ts';
import { ask, fieldsOf, post, submit, submitted, WETH_TO_USDC } from '../support/http/rest-client.ts';
import { sendRaw } from '../support/http/raw-http.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

let server: RestServer;
beforeAll(async () => {
  server = await startRestServer();
});
afterAll(async () => {
  await server.stop();
});

const EXECUTE = '/api/orders/execute';
const UNKNOWN_ID = 'a'.repeat(32);

describe('a wrong field is named', () => {
  const cases: [what: string, change: object, field: string][] = [
    ['a number for an amount', { sellAmount: 5 }, '/sellAmount'],
    ['a float for an amount', { sellAmount: '1.5' }, '/sellAmount'],
    ['a negative amount', { sellAmount: '-1' }, '/sellAmount'],
    ['an amount of nothing', { sellAmount: '0' }, '/sellAmount'],
    ['an amount in exponents', { sellAmount: '1e18' }, '/sellAmount'],
    ['an amount in hex', { sellAmount: '0x10' }, '/sellAmount'],
    ['an amount above 2^256-1', { sellAmount: (2n ** 256n).toString() }, '/sellAmount'],
    ['an amount of 10,000 digits', { sellAmount: '9'.repeat(10_000) }, '/sellAmount'],
    ['an amount with a leading zero', { sellAmount: '01' }, '/sellAmount'],
    ['an amount with a line break behind it', { sellAmount: '1\n' }, '/sellAmount'],
    ['an amount in other digits', { sellAmount: '١' }, '/sellAmount'],
    ['null for an amount', { sellAmount: null }, '/sellAmount'],
    ['an object for an amount', { sellAmount: { toString: '1' } }, '/sellAmount'],
    ['minBuyAmount of nothing', { minBuyAmount: '0' }, '/minBuyAmount'],
    ['minBuyAmount null', { minBuyAmount: null }, '/minBuyAmount'],
    ['an empty token', { sellToken: '' }, '/sellToken'],
    ['a token with NUL', { sellToken: 'WE\u0000TH' }, '/sellToken'],
    ['a token with half a surrogate', { sellToken: 'WETH\ud800' }, '/sellToken'],
    ['a long token', { buyToken: 'A'.repeat(21) }, '/buyToken'],
    ['an address that lacks a digit', { buyToken: `0x${'a'.repeat(39)}` }, '/buyToken'],
    ['an array for a token', { buyToken: ['USDC'] }, '/buyToken'],
    ['the same token twice', { buyToken: 'weth' }, '/buyToken'],
    ['a negative slippage', { slippageBps: -1 }, '/slippageBps'],
    ['too much slippage', { slippageBps: 5_001 }, '/slippageBps'],
    ['half a basis point', { slippageBps: 0.5 }, '/slippageBps'],
    ['slippage as text', { slippageBps: '50' }, '/slippageBps'],
    ['a past validTo', { validTo: 1 }, '/validTo'],
    ['validTo in milliseconds', { validTo: Date.now() + 60_000 }, '/validTo'],
    ['validTo in a year', { validTo: Math.floor(Date.now() / 1000) + 31_536_000 }, '/validTo'],
    ['validTo as text', { validTo: '1900000000' }, '/validTo'],
    ['a recipient that is not an address', { recipient: 'me' }, '/recipient'],
    ['a clientOrderId with a space', { clientOrderId: 'a b' }, '/clientOrderId'],
    ['a long clientOrderId', { clientOrderId: 'x'.repeat(65) }, '/clientOrderId'],
    ['an empty clientOrderId', { clientOrderId: '' }, '/clientOrderId'],
    ['an unknown field', { slipage: 50 }, '/slipage'],
    ['an owner', { owner: 'another' }, '/owner'],
    ['a field to escape', { 'a/b~c': 1 }, '/a~1b~0c'],
  ];

  test('validTo in milliseconds is told apart from one that is too late', async () => {
    const { json } = await submit(server, { ...WETH_TO_USDC, validTo: Date.now() });
    expect(json).toMatchObject({ detail: expect.stringContaining('expected Unix seconds; milliseconds') });
  });

  test.each(cases)('%s', async (_what, change, field) => {
    const answer = await submit(server, { ...WETH_TO_USDC, ...change });
    expect(answer).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', type: '/problems/invalid-request' },
    });
    expect(fieldsOf(answer)).toEqual([field]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  test('each, when several are wrong', async () => {
    const answer = await submit(server, { sellToken: 'WETH', buyToken: 7, color: 'red' });
    expect(fieldsOf(answer).sort()).toEqual(['/buyToken', '/color', '/sellAmount']);
    expect(JSON.stringify(answer.json)).toContain('missing');
  });

  test('but not a thousand of them', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`field${i}`, 1]));
    const answer = await submit(server, { ...WETH_TO_USDC, ...many });
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toHaveLength(10);
  });
});

describe('a body is refused that', () => {
  const raw = (body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>) =>
    post(server, EXECUTE, body, headers);
  const json = JSON.stringify(WETH_TO_USDC);

  const cases: [what: string, body: string | Uint8Array<ArrayBuffer>, code: keyof typeof ERRORS][] = [
    ['is cut short', json.slice(0, -1), 'invalid_json'],
    ['is nothing but space', '  ', 'invalid_json'],
    ['is no JSON', 'sellToken=WETH', 'invalid_json'],
    ['holds NaN', '{"slippageBps":NaN}', 'invalid_json'],
    ['has two byte order marks', `\ufeff\ufeff${json}`, 'invalid_json'],
    ['is UTF-16', new Uint8Array(Buffer.from(`\ufeff${json}`, 'utf16le')), 'invalid_json'],
    ['is UTF-16 without a byte order mark', new Uint8Array(Buffer.from(json, 'utf16le')), 'invalid_json'],
    ['is no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 'invalid_json'],
    ['holds a raw NUL', '{"sellToken":"WE\u0000TH"}', 'invalid_json'],
    ['is an array', `[${json}]`, 'invalid_request'],
    ['is null', 'null', 'invalid_request'],
    ['is a number', '5', 'invalid_request'],
    ['is text', '"WETH"', 'invalid_request'],
    ['holds a number beyond floats', json.replace('}', ',"slippageBps":1e400}'), 'invalid_request'],
    ['pollutes a prototype', json.replace('}', ',"__proto__":{"slippageBps":1}}'), 'invalid_request'],
    ['names a constructor', json.replace('}', ',"constructor":{"prototype":{}}}'), 'invalid_request'],
    ['nests deep', '['.repeat(8_000) + ']'.repeat(8_000), 'invalid_request'],
    ['nests deep in a field', `{"sellAmount":${'['.repeat(7_000)}${']'.repeat(7_000)}}`, 'invalid_request'],
    [
      'nests deep in an unknown field',
      `{"x":${'{"x":'.repeat(2_500)}1${'}'.repeat(2_500)}}`,
      'invalid_request',
    ],
    ['is of 17 KB', JSON.stringify({ ...WETH_TO_USDC, x: 'x'.repeat(17 * 1024) }), 'body_too_large'],
    ['is of 1 MB', 'x'.repeat(1024 * 1024), 'body_too_large'],
  ];

  test.each(cases)('%s', async (_what, body, code) => {
    const answer = await raw(body);
    expect(answer).toMatchObject({
      status: ERRORS[code].status,
      json: { code, status: ERRORS[code].status },
    });
  });

  test.each([
    ['a field', json.replace('}', ',"sellAmount":"2"}'), '/sellAmount', 'sellAmount'],
    ['a field with an escape', json.replace('}', ',"sell\\u0041mount":"2"}'), '/sellAmount', 'sellAmount'],
    [
      'a field of the prototype',
      json.replace('}', ',"__proto__":1,"__proto__":2}'),
      '/__proto__',
      '__proto__',
    ],
    ['a field inside of an unknown one', json.replace('}', ',"x":[{"y":1,"y":2}]}'), '/x/0/y', 'y'],
  ])('names %s twice', async (_what, body, pointer, name) => {
    const answer = await raw(body, { 'Idempotency-Key': 'twice' });
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_json' } });
    expect(answer.json['detail']).toBe(`The body: the name "${name}" is given twice, expected once`);
    expect(fieldsOf(answer)).toEqual([pointer]);
    const cancel = await post(server, `/api/orders/${UNKNOWN_ID}/cancel`, '{"a":1,"a":1}');
    expect(cancel).toMatchObject({ status: 400, json: { code: 'invalid_json' } });
  });

  test('names __proto__, as any unknown field', async () => {
    const answer = await raw(json.replace('}', ',"__proto__":{"slippageBps":1}}'));
    expect(fieldsOf(answer)).toEqual(['/__proto__']);
  });

  test('is not there', async () => {
    const absent = await ask(server, EXECUTE, { method: 'POST' });
    expect(absent).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(absent.json['detail']).toContain('missing');
    const empty = await raw('');
    expect(empty.status).toBe(400);
  });

  test.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['application/json-patch+json'],
    ['application/json; charset=utf-16'],
    ['application/json; charset=latin1'],
    [''],
  ])('comes as %s', async (type) => {
    const answer = await raw(json, { 'Content-Type': type });
    expect(answer).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
  });

  test('comes without a type', async () => {
    const answer = await sendRaw(
      server.port,
      `POST ${EXECUTE} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
    );
    expect(answer).toContain('HTTP/1.1 415 ');
  });

  test('comes in an encoding that is not taken', async () => {
    const answer = await raw(json, { 'Content-Encoding': 'br' });
    expect(answer).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
  });

  test('is labelled gzip and is not gzip', async () => {
    const answer = await raw(json, { 'Content-Encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_json' } });
  });

  test('is a gzip of far more', async () => {
    const bomb = new Uint8Array(gzipSync('x'.repeat(5_000_000)));
    const answer = await raw(bomb, { 'Content-Encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 413, json: { code: 'body_too_large' } });
  });
});

describe('an Idempotency-Key is refused that', () => {
  test.each([
    ['is empty', ''],
    ['holds a space', 'a b'],
    ['is too long', 'k'.repeat(256)],
    ['is no ASCII', 'schl\u00fcssel'],
  ])('%s', async (_what, key) => {
    const answer = await submit(server, WETH_TO_USDC, key);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(fieldsOf(answer)).toEqual(['Idempotency-Key']);
  });

  test('is there twice', async () => {
    const body = JSON.stringify(WETH_TO_USDC);
    const answer = await sendRaw(
      server.port,
      `POST ${EXECUTE} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nIdempotency-Key: a\r\nIdempotency-Key: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toContain('HTTP/1.1 400 ');
    expect(answer).toContain('"field":"Idempotency-Key"');
  });
});

describe('an address', () => {
  test.each([
    ['GET', '/', 404, 'not_found'],
    ['GET', '/api', 404, 'not_found'],
    ['GET', '/API/ORDERS', 404, 'not_found'],
    ['POST', `/api/orders/${UNKNOWN_ID}/reopen`, 404, 'not_found'],
    ['GET', '/problems/nothing', 404, 'not_found'],
    ['GET', `/api/orders/${UNKNOWN_ID}`, 404, 'order_not_found'],
    ['GET', `/api/orders/${UNKNOWN_ID}/transitions`, 404, 'order_not_found'],
    ['POST', `/api/orders/${UNKNOWN_ID}/cancel`, 404, 'order_not_found'],
    ['GET', '/api/orders/1', 400, 'invalid_request'],
    ['GET', `/api/orders/${'A'.repeat(32)}`, 400, 'invalid_request'],
    ['GET', `/api/orders/${UNKNOWN_ID}%00`, 400, 'invalid_request'],
    ['GET', `/api/orders/${UNKNOWN_ID}%0a`, 400, 'invalid_request'],
    ['GET', '/api/orders/__proto__', 400, 'invalid_request'],
    ['GET', '/api/orders/..%2f..%2fetc%2fpasswd', 400, 'invalid_request'],
    ['GET', '/api/orders/%zz', 400, 'invalid_request'],
    ['GET', '/api/orders/%c0%ae', 400, 'invalid_request'],
    ['POST', '/api/orders/%zz/cancel', 400, 'invalid_request'],
  ])('%s %s is answered with %d %s', async (method, path, status, code) => {
    const answer = await ask(server, path, { method });
    expect(answer).toMatchObject({ status, json: { code, status } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  test('may end in a slash', async () => {
    expect((await ask(server, '/api/orders/')).status).toBe(200);
  });
});

describe('a query is refused that', () => {
  test.each([
    ['/api/orders?colour=red', 'colour'],
    ['/api/orders?status=sleeping', 'status'],
    ['/api/orders?status=', 'status'],
    ['/api/orders?limit=0', 'limit'],
    ['/api/orders?limit=201', 'limit'],
    ['/api/orders?q=a&pair=WETH/USDC', 'q'],
    ['/api/orders?q=a&clientOrderId=b', 'q'],
    ['/api/orders?pair=WETH', 'pair'],
    ['/api/orders?pair=WETH/%20', 'pair'],
    ['/api/orders?since=yesterday', 'since'],
    ['/api/orders?until=1e400', 'until'],
    ['/api/orders?sort=best', 'sort'],
    ['/api/orders?limit=1e2', 'limit'],
    ['/api/orders?limit=5&limit=6', 'limit'],
    ['/api/orders?limit[]=5', 'limit[]'],
    ['/api/orders?limit[$gt]=5', 'limit[$gt]'],
    ['/api/orders?__proto__=5', '__proto__'],
    ['/api/orders?cursor=', 'cursor'],
    ['/api/orders?cursor=made-up', 'cursor'],
    [`/api/orders?cursor=${'x'.repeat(201)}`, 'cursor'],
    ['/api/orders?%zz=1', '%zz'],
    ['/api/orders?%00=1', '\u0000'],
    [`/api/orders/${UNKNOWN_ID}?verbose=1`, 'verbose'],
    [`/api/orders/${UNKNOWN_ID}/transitions?after=-1`, 'after'],
    [`/api/orders/${UNKNOWN_ID}/transitions?after=1.5`, 'after'],
    [`/api/orders/${UNKNOWN_ID}/transitions?after=9999999999999999`, 'after'],
    [`/api/orders/${UNKNOWN_ID}/transitions?after=1&after=2`, 'after'],
    [`/api/orders/${UNKNOWN_ID}/transitions?from=1`, 'from'],
  ])('is %s', async (path, field) => {
    const answer = await ask(server, path);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(fieldsOf(answer)).toEqual([field]);
  });

  test('is a misspelt one of a submission', async () => {
    const answer = await post(server, `${EXECUTE}?dryrun=true`, WETH_TO_USDC);
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual(['dryrun']);
  });
});

describe('a method that is not taken', () => {
  test.each([
    ['GET', EXECUTE, 'POST, OPTIONS'],
    ['PUT', EXECUTE, 'POST, OPTIONS'],
    ['POST', '/api/orders', 'GET, HEAD, OPTIONS'],
    ['DELETE', `/api/orders/${UNKNOWN_ID}`, 'GET, HEAD, OPTIONS'],
    ['PATCH', `/api/orders/${UNKNOWN_ID}`, 'GET, HEAD, OPTIONS'],
    ['POST', `/api/orders/${UNKNOWN_ID}/transitions`, 'GET, HEAD, OPTIONS'],
    ['GET', `/api/orders/${UNKNOWN_ID}/cancel`, 'POST, OPTIONS'],
    ['POST', '/health', 'GET, HEAD, OPTIONS'],
    ['POST', '/ready', 'GET, HEAD, OPTIONS'],
    ['PUT', '/problems/not-found', 'GET, HEAD, OPTIONS'],
  ])('%s %s is answered with 405 and Allow', async (method, path, allow) => {
    const answer = await ask(server, path, { method });
    expect(answer).toMatchObject({ status: 405, json: { code: 'method_not_allowed' } });
    expect(answer.headers.get('allow')).toBe(allow);
  });

  test('HEAD answers what GET does, without the body', async () => {
    const orderId = await submitted(server);
    const head = await fetch(`${server.url}/api/orders/${orderId}`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(100);
    expect(await head.text()).toBe('');
    const refused = await fetch(`${server.url}${EXECUTE}`, { method: 'HEAD' });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });

  test('OPTIONS lists what is accepted, and allows no other origin', async () => {
    const answer = await fetch(`${server.url}${EXECUTE}`, { method: 'OPTIONS' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('no answer names the software of the server, and none may be cached or sniffed', async () => {
  for (const path of ['/api/orders', '/nothing', '/health']) {
    const { headers } = await ask(server, path);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('none of these requests is logged as a defect', () => {
  expect(server.logged).toEqual([]);
});
