import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { ask, WETH_TO_USDC } from '../support/http/rest-client.ts';
import { sendRaw } from '../support/http/raw-http.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

let server: RestServer;
beforeAll(async () => {
  server = await startRestServer();
});
afterAll(async () => {
  await server.stop();
});

const EXECUTE = 'POST /api/orders/execute HTTP/1.1\r\nHost: a\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
const body = JSON.stringify(WETH_TO_USDC);

describe('input that is not HTTP', () => {
  test.each([
    ['words', 'hello there\r\n\r\n'],
    ['a TLS greeting', new Uint8Array([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01])],
    ['noise', new Uint8Array(randomBytes(2_000).fill(0x80, 0, 1))],
    ['a method that does not exist', 'FROB / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['headers of 64 KB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`],
    ['a length that is not a number', `${EXECUTE}${JSON_TYPE}Content-Length: ten\r\n\r\n${body}`],
    ['two lengths', `${EXECUTE}${JSON_TYPE}Content-Length: 5\r\nContent-Length: 6\r\n\r\n${body}`],
    [
      'a length and chunks',
      `${EXECUTE}${JSON_TYPE}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['malformed chunks', `${EXECUTE}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`],
    ['a NUL in a header', 'GET /api/orders HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n'],
  ])('(%s) is answered with 400 and the connection is closed', async (_what, bytes) => {
    const answer = await sendRaw(server.port, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('"code":"invalid_request"');
  });
});

describe('an odd address', () => {
  test.each([
    ['GET *', 404],
    ['OPTIONS *', 404],
    ['GET //evil.example/api/orders', 404],
    ['GET ///', 404],
    ['GET /api//orders', 404],
    ['GET /%', 404],
    ['GET http://[', 400],
    ['GET http://a:99999/api/orders', 400],
    ['GET http:///x', 404],
    ['TRACE /api/orders', 405],
    [`GET /api/orders/${'a'.repeat(8_000)}`, 400],
  ])('(%s) is answered with the problem %d', async (line, status) => {
    const answer = await sendRaw(server.port, `${line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('application/problem+json');
    expect(answer.length).toBeLessThan(2_000);
  });

  test('in absolute form is the same as its path', async () => {
    const answer = await sendRaw(
      server.port,
      'GET http://a/api/orders HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test('a request without Host is answered as any other', async () => {
  const answer = await sendRaw(
    server.port,
    `POST /api/orders/execute HTTP/1.1\r\nConnection: close\r\n${JSON_TYPE}Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 201 /);
  expect(answer).toContain(`ws://127.0.0.1:${server.port}/`);
});

test('an unknown expectation is refused', async () => {
  const answer = await sendRaw(
    server.port,
    `${EXECUTE}${JSON_TYPE}Connection: close\r\nExpect: miracles\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 417 /);
});

describe('a body that is too large', () => {
  test.each([
    ['by its length', `Content-Length: ${1024 * 1024}\r\n\r\n${'x'.repeat(1024 * 1024)}`],
    [
      'in chunks',
      `Transfer-Encoding: chunked\r\n\r\n${`10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(16)}0\r\n\r\n`,
    ],
  ])('%s leaves the connection good for the next request', async (_what, rest) => {
    const next = 'GET /api/orders HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const answer = await sendRaw(server.port, `${EXECUTE}${JSON_TYPE}${rest}${next}`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/HTTP\/1\.1 200 /);
  });
});

test('a body that comes byte by byte is read', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
    socket.write(`${EXECUTE}${JSON_TYPE}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n`);
    const bytes = body.split(/(?:)/u);
    const next = () => {
      const byte = bytes.shift();
      if (byte !== undefined) socket.write(byte, () => setImmediate(next));
    };
    next();
  });
  expect(answer).toMatch(/^HTTP\/1\.1 201 /);
});

test('a client that leaves in the middle of its body does not affect other clients', async () => {
  await sendRaw(server.port, `${EXECUTE}${JSON_TYPE}Content-Length: 500\r\n\r\n{"sell`, { halfClose: true });
  await new Promise<void>((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(`${EXECUTE}${JSON_TYPE}Content-Length: 500\r\n\r\n{"sell`, () => socket.resetAndDestroy());
    });
    socket.on('close', () => resolve());
    socket.on('error', () => undefined);
  });
  expect((await ask(server, '/api/orders')).status).toBe(200);
});

test('none of this input is logged as a defect', () => {
  expect(server.logged).toEqual([]);
});
