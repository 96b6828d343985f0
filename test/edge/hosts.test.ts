/** A server without keys is called by its own names only: on every verb, of every route, and on every transport. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hostPolicy } from '../../src/edge/host-policy.ts';
import { ROUTES } from '../support/http/described-routes.ts';
import { sendRaw } from '../support/http/raw-http.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { POLL, SOCKET_IO_UPGRADE, startEdgeServer, type EdgeServer } from './edge-server.ts';

const redis = new RedisServer();
let server: EdgeServer;
beforeAll(async () => {
  await redis.start();
  server = await startEdgeServer(redis, { hostCheck: 'loopback', publicUrl: 'https://orders.example/swaps' });
});
afterAll(async () => {
  await server.stop();
  await redis.remove();
});

function ask(method: string, path: string, host: string, more: readonly string[] = []): Promise<string> {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...more];
  return sendRaw(server.port, [...lines, '\r\n'].join('\r\n'));
}

const EVIL = [
  'evil.example',
  'evil.example:3000',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '10.0.0.7',
];
const PATHS = [...new Set(ROUTES.map(({ path }) => path.replace(/:[A-Za-z]+/g, 'a'.repeat(32))))];

test.each(EVIL)(
  'every verb of every route, every page and every poll is refused under the name %s',
  async (host) => {
    for (const path of [...PATHS, '/', '/orders/x', '/assets/x', POLL, '/nothing']) {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE']) {
        const answer = await ask(method, path, host, ['Content-Length: 0']);
        expect([method, path, answer.slice(0, 12)]).toEqual([method, path, 'HTTP/1.1 421']);
      }
    }
  },
);

test.each(EVIL)(
  'both kinds of upgrade are refused under the name %s, with the host as the origin',
  async (host) => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    for (const path of [SOCKET_IO_UPGRADE, `/api/orders/status/${'a'.repeat(32)}`]) {
      const lines = [
        `GET ${path} HTTP/1.1`,
        `Host: ${host}`,
        ...upgrade,
        key,
        `Origin: http://${host}`,
        '\r\n',
      ];
      const answer = await sendRaw(server.port, lines.join('\r\n'));
      expect(answer).toMatch(/^HTTP\/1\.1 421 /);
      expect(answer).toContain('host_not_allowed');
    }
  },
);

test.each(['localhost', 'LOCALHOST:3000', '127.0.0.1', '127.1.2.3:80', '[::1]:3000', 'orders.example'])(
  'its own name %s is answered',
  async (host) => {
    expect(await ask('GET', '/ready', host)).toMatch(/^HTTP\/1\.1 200 /);
  },
);

test('a program that names no host is answered', async () => {
  expect(await sendRaw(server.port, 'GET /ready HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
});

describe('the policy', () => {
  const request = (host: string) => ({ headers: { host }, socket: { localAddress: '::ffff:172.17.0.2' } });

  test('allows the address that the connection came to, and with `addresses` any address', () => {
    const loopback = hostPolicy('loopback', { origin: null }, () => true);
    expect(loopback.refusalOf(request('172.17.0.2:3000'))).toBeNull();
    expect(loopback.refusalOf(request('172.17.0.3:3000'))).toMatchObject({ code: 'host_not_allowed' });
    const addresses = hostPolicy('addresses', { origin: null }, () => true);
    expect(addresses.refusalOf(request('172.17.0.3:3000'))).toBeNull();
    expect(addresses.refusalOf(request('[fd00::7]:3000'))).toBeNull();
    expect(addresses.refusalOf(request('evil.example'))).toMatchObject({ code: 'host_not_allowed' });
  });

  test.each(['', '@', 'a/b', 'localhost/x', 'x@localhost', 'localhost:99999', ' '])(
    'refuses the malformed %j',
    (host) => {
      const policy = hostPolicy('addresses', { origin: null }, () => true);
      expect(policy.refusalOf(request(host))).toMatchObject({ code: 'host_not_allowed' });
    },
  );

  test('a server that has keys is called by any name', () => {
    expect(
      hostPolicy('loopback', { origin: null }, () => false).refusalOf(request('orders.internal')),
    ).toBeNull();
  });
});
