/**
 * The configurations in deploy/, each run as it is but for addresses and files, with an api behind it: a prefix, TLS, polls that stay
 * with their api, streams that are not collected. A program that is not there is skipped; NGINX, HAPROXY and CADDY name one.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { request, Agent } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { startEdgeServer, type EdgeServer } from '../edge/edge-server.ts';
import { addKey, identityOf } from '../identity/identities.ts';
import { eventually } from '../support/eventually.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { soon } from '../support/soon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { makeTlsFiles } from '../support/tls-files.ts';

interface Proxy {
  readonly name: string;
  readonly variable: string;
  /** The configuration for a test, and the program's arguments. */
  readonly prepare: (place: Place) => readonly string[];
  readonly scheme: 'http' | 'https';
  readonly prefix: string;
}

interface Place {
  readonly dir: string;
  readonly port: number;
  readonly apiPort: number;
  readonly cert: string;
  readonly key: string;
}

function written(
  file: string,
  { dir, ...place }: Place,
  changes: readonly (readonly [string | RegExp, string])[],
): string {
  let text = readFileSync(join('deploy', file), 'utf8');
  for (const [from, to] of [...changes, ['127.0.0.1:3000', `127.0.0.1:${place.apiPort}`] as const]) {
    const changed = text.replace(from, to);
    if (changed === text && from !== '127.0.0.1:3000')
      throw new Error(`deploy/${file} has no ${String(from)}`);
    text = changed;
  }
  const path = join(dir, file);
  writeFileSync(path, text);
  return path;
}

const PROXIES: readonly Proxy[] = [
  {
    name: 'nginx',
    variable: 'NGINX',
    scheme: 'https',
    prefix: '/swaps',
    prepare: (place) => {
      const file = written('nginx.conf', place, [
        ['listen 443 ssl', `listen 127.0.0.1:${place.port} ssl`],
        ['/etc/ssl/orders.example.pem', place.cert],
        ['/etc/ssl/orders.example.key', place.key],
        ['worker_processes auto;', 'daemon off; master_process off;'],
        [
          'access_log access.log',
          `client_body_temp_path ${place.dir}/body; proxy_temp_path ${place.dir}/proxy; fastcgi_temp_path ${place.dir}/f; uwsgi_temp_path ${place.dir}/u; scgi_temp_path ${place.dir}/s; access_log ${place.dir}/access.log`,
        ],
      ]);
      return ['-p', place.dir, '-e', join(place.dir, 'error.log'), '-c', file];
    },
  },
  {
    name: 'haproxy',
    variable: 'HAPROXY',
    scheme: 'http',
    prefix: '',
    prepare: (place) => {
      const api = `server api 127.0.0.1:${place.apiPort} check inter 200ms`;
      const dns =
        'server-template api 20 api:3000 check inter 1s fall 1 rise 1 resolvers docker init-addr libc,none';
      return [
        '-db',
        '-f',
        written('haproxy.cfg', place, [
          ['bind :3000', `bind 127.0.0.1:${place.port}`],
          [dns, api],
          [dns, api],
        ]),
      ];
    },
  },
  {
    name: 'caddy',
    variable: 'CADDY',
    scheme: 'https',
    prefix: '/swaps',
    prepare: (place) => {
      const file = written('Caddyfile', place, [
        ['https://orders.example {', `https://localhost:${place.port} {\n\ttls ${place.cert} ${place.key}`],
        ['admin off', 'admin off\n\tauto_https disable_redirects'],
      ]);
      return ['run', '--adapter', 'caddyfile', '--config', file];
    },
  },
];

function programOf({ name, variable }: Proxy): string | null {
  const named = process.env[variable];
  if (named !== undefined && named !== '') return named;
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not there.
    }
  }
  process.stderr.write(
    `Not run: deploy/ with ${name}. To run it, put ${name} on the PATH, or set ${variable}.\n`,
  );
  return null;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

const found = PROXIES.flatMap((proxy) => {
  const program = programOf(proxy);
  return program === null ? [] : [[proxy.name, proxy, program] as const];
});

test('each configuration is complete', () => {
  for (const file of ['nginx.conf', 'haproxy.cfg', 'Caddyfile']) {
    expect(readFileSync(join('deploy', file), 'utf8')).toMatch(/^# \S/);
  }
});

for (const [name, proxy, program] of found) {
  describe(`behind ${name}`, () => {
    const redis = new RedisServer();
    const dir = tempDir();
    let api: EdgeServer;
    let child: ChildProcess;
    let origin: string;
    let base: string;
    let authorization: string;
    let orderId: string;
    let output = '';
    const agent = new Agent({ rejectUnauthorized: false });

    async function ask(
      path: string,
      init: { readonly method?: string; readonly body?: string } = {},
    ): Promise<{ status: number; text: string }> {
      const { method = 'GET', body } = init;
      const headers = { authorization, 'content-type': 'application/json' };
      if (proxy.scheme === 'http') {
        const response = await fetch(`${base}${path}`, {
          method,
          headers,
          ...(body === undefined ? {} : { body }),
        });
        return { status: response.status, text: await response.text() };
      }
      return new Promise((resolve, reject) => {
        const asked = request(`${base}${path}`, { method, headers, agent }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        });
        asked.on('error', reject);
        asked.end(body);
      });
    }

    beforeAll(async () => {
      await redis.start();
      const port = await freePort();
      origin = `${proxy.scheme}://localhost:${port}`;
      base = `${proxy.scheme}://127.0.0.1:${port}${proxy.prefix}`;
      if (name === 'caddy') base = `${origin}${proxy.prefix}`;
      api = await startEdgeServer(redis, { publicUrl: `${origin}${proxy.prefix}`, identity: identityOf() });
      authorization = `Bearer ${(await addKey(api.store.identity, 'alice', 'submit')).key}`;
      const tls = makeTlsFiles();
      const [cert, key] = [join(dir.path, 'tls.pem'), join(dir.path, 'tls.key')];
      writeFileSync(cert, tls.cert);
      writeFileSync(key, tls.key);
      tls.remove();
      const args = proxy.prepare({ dir: dir.path, port, apiPort: api.port, cert, key });
      child = spawn(program, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, HOME: dir.path },
      });
      child.stdout?.on('data', (part: Buffer) => (output += part.toString()));
      child.stderr?.on('data', (part: Buffer) => (output += part.toString()));
      await eventually(
        () =>
          ask('/ready').then(
            ({ status }) => status,
            () => output,
          ),
        (status) => status === 200,
        20_000,
      );
    });
    afterAll(async () => {
      child.kill('SIGKILL');
      await api.stop();
      await redis.remove();
      dir.remove();
    });

    test('an order is submitted, and its links and ticket lead through the proxy', async () => {
      const body = JSON.stringify({ sellToken: 'WETH', buyToken: 'USDC', sellAmount: '5' });
      const { status, text } = await ask('/api/orders/execute', { method: 'POST', body });
      expect(status).toBe(201);
      const order = z
        .object({ orderId: z.string(), wsUrl: z.string(), links: z.object({ self: z.string() }) })
        .parse(JSON.parse(text));
      orderId = order.orderId;
      expect(order.links.self).toBe(`${proxy.prefix}/api/orders/${orderId}`);
      const ws = new WebSocket(order.wsUrl, { rejectUnauthorized: false });
      const types: string[] = [];
      ws.on('message', (data: Buffer) =>
        types.push(z.object({ type: z.string() }).parse(JSON.parse(data.toString())).type),
      );
      await eventually(
        () => types,
        ({ length }) => length >= 3,
      );
      expect(types).toEqual(['connection', 'subscribed', 'pending']);
      ws.terminate();
    });

    test('server-sent events come as they are sent', async () => {
      const stop = new AbortController();
      const client = proxy.scheme === 'https' ? request : (await import('node:http')).request;
      const first = new Promise<string>((resolve, reject) => {
        let text = '';
        const options = {
          headers: { authorization },
          signal: stop.signal,
          ...(proxy.scheme === 'https' ? { agent } : {}),
        };
        const asked = client(`${base}/api/orders/${orderId}/events`, options, (response) => {
          response.on('data', (part: Buffer) => {
            text += part.toString();
            if (text.includes('"type":"pending"')) resolve(text);
          });
          response.on('error', () => undefined);
        });
        asked.on('error', reject);
        asked.end();
      });
      expect(await soon('the first events', first, 5_000)).toContain('"type":"subscribed"');
      first.catch(() => undefined);
      stop.abort();
    });

    test.each(['polling', 'websocket'])('Socket.IO works by %s', async (transport) => {
      const socket = io(name === 'caddy' ? origin : new URL(base).origin, {
        path: `${proxy.prefix}/socket.io/`,
        transports: [transport],
        rejectUnauthorized: false,
        forceNew: true,
        extraHeaders: { authorization },
      });
      await soon(
        'the connection',
        new Promise((resolve) => socket.once('connect', () => resolve(null))),
        10_000,
      );
      expect(await socket.timeout(10_000).emitWithAck('subscribe', { orderId })).toMatchObject({ ok: true });
      socket.disconnect();
    });

    test('no ticket is in what the proxy logs', () => {
      const access = ((): string => {
        try {
          return readFileSync(join(dir.path, 'access.log'), 'utf8');
        } catch {
          return '';
        }
      })();
      expect(`${access}${output}`).not.toContain('ticket=');
    });
  });
}
