/** How the page is served: caching, security headers, prefixes, and what stays with the API. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { openPage, type Page } from '../../src/http/page/open-page.ts';
import { sendRaw } from '../support/http/raw-http.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

let server: RestServer;
let page: Page;
beforeAll(async () => {
  const built = openPage();
  if (built === null) throw new Error('the page is not built: run node scripts/prepare.mjs');
  page = built;
  server = await startRestServer({ page });
});
afterAll(() => server.stop());

const PLACES = ['/', '/orders/abc', '/orders/abc/embed', '/machines', '/machines/1', '/system'];

test.each(PLACES)('%s is the page, which loads its assets from where they are', async (path) => {
  const answer = await fetch(`${server.url}${path}`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const assets = [...(await answer.text()).matchAll(/(?:src|href)="([^"]*assets\/[^"]+)"/g)].map(
    ([, url = '']) => url,
  );
  expect(assets).toHaveLength(5);
  for (const asset of assets) {
    const file = await fetch(new URL(asset, `${server.url}${path}`));
    expect([file.status, file.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ]);
    // Behind a proxy that puts a path before the server's own.
    expect(new URL(asset, `https://host.example/swaps${path}`).pathname).toMatch(/^\/swaps\/assets\//);
  }
});

test.each(['/', `/assets/`])('what lies at %s has a strict policy and security headers', async (path) => {
  const [name = ''] = page.assets.keys();
  const { headers } = await fetch(`${server.url}${path === '/' ? path : `${path}${name}`}`);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  expect([headers.get('x-content-type-options'), headers.get('referrer-policy')]).toEqual([
    'nosniff',
    'no-referrer',
  ]);
});

test('a browser that has the page gets 304, and the page is not kept without asking', async () => {
  const first = await fetch(`${server.url}/`);
  const etag = first.headers.get('etag') ?? '';
  expect(first.headers.get('cache-control')).toBe('no-cache');
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await fetch(`${server.url}/`, { headers: { 'If-None-Match': tag } });
    expect([tag, again.status, await again.text()]).toEqual([tag, 304, '']);
  }
  expect((await fetch(`${server.url}/`, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
});

test('an asset is compressed for those who take gzip, and whole for others', async () => {
  const [name = ''] = [...page.assets.keys()].filter((each) => each.endsWith('.js'));
  const file = page.assets.get(name);
  const raw = (encoding: string) =>
    sendRaw(server.port, `GET /assets/${name} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${encoding}\r\n`);
  expect((await raw('Accept-Encoding: gzip, br\r\n')).split('\r\n\r\n')[0]).toContain(
    'Content-Encoding: gzip',
  );
  for (const encoding of ['', 'Accept-Encoding: br\r\n', 'Accept-Encoding: gzip;q=0\r\n']) {
    expect((await raw(encoding)).split('\r\n\r\n')[0]).not.toContain('Content-Encoding');
  }
  expect(gunzipSync(file?.gzipped ?? '').equals(file?.bytes ?? Buffer.alloc(0))).toBe(true);
});

test.each(['/', '/system'])('%s allows GET, HEAD and OPTIONS, and no other method', async (path) => {
  const head = await fetch(`${server.url}${path}`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  const options = await fetch(`${server.url}${path}`, { method: 'OPTIONS' });
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
  const post = await fetch(`${server.url}${path}`, { method: 'POST' });
  expect([post.status, await post.json()]).toMatchObject([405, { code: 'method_not_allowed' }]);
});

test.each([
  '/nothing',
  '/api/nothing',
  '/orders',
  '/orders/a/b',
  '/assets/nothing.js',
  '/assets/../package.json',
])('%s is not the page: the answer is problem JSON', async (path) => {
  const answer = await sendRaw(server.port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1.1 404 /);
  expect(answer).toContain('application/problem+json');
});

test('a server without a built page says how to build it', async () => {
  const bare = await startRestServer();
  try {
    const answer = await fetch(`${bare.url}/`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('npm run build');
  } finally {
    await bare.stop();
  }
});
