/** The client in a real browser, on every transport, while its server is killed and restarted. Without Chromium the suite is skipped. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { build, stop } from 'esbuild';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { clientBundle } from '../../scripts/client/bundle.ts';
import { sleep } from '../../src/runtime/time.ts';
import { range } from '../feed/clients.ts';
import { entry, lastEntry } from '../feed/entries.ts';
import { startFeedServer, type FeedServer } from '../feed/feed-server.ts';
import { MemoryJournal } from '../feed/memory-journal.ts';
import { findChromium, launchBrowser, openWatchedPage } from './browser.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { drawOrderId, seededRandom } from '../support/seeded-random.ts';
import { soon } from '../support/soon.ts';
import { tempDir } from '../support/temp-dir.ts';

const chromium = findChromium();
if (chromium === null) {
  console.warn(
    'Skipped: the client in a browser. To run it, put chromium on the PATH, or set CHROMIUM to its file.',
  );
}
const ENTRIES = 25;

(chromium === null ? describe.skip : describe)('the client in a browser', () => {
  const redis = new RedisServer();
  const dir = tempDir();
  const random = seededRandom('what happens while a browser watches');
  let script: string;
  let browser: Browser;
  let page: Page;
  let store: MemoryJournal;
  let server: FeedServer;
  let origin: string;

  beforeAll(async () => {
    await redis.start();
    // As a bundler of a page would: with the packages that the client loads when it needs them.
    const { outputFiles } = await build({
      ...clientBundle(join(dir.path, 'client.js')),
      external: [],
      platform: 'browser',
      write: false,
    });
    script = outputFiles[0]?.text ?? '';
    browser = await launchBrowser(chromium ?? '');
  });
  afterAll(async () => {
    await browser.close();
    await stop();
    await redis.remove();
    dir.remove();
  });
  beforeEach(async () => {
    store = new MemoryJournal();
    server = await startFeedServer(store, redis.path);
    origin = `http://127.0.0.1:${server.port}`;
    ({ page } = await openWatchedPage(browser, origin, { bypassCSP: true }));
    await page.route('**/try/client.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: script }),
    );
    // A document that the server itself sent: Chromium keeps others from WebSockets to this machine.
    await page.goto(`${origin}/`);
  });
  afterEach(async () => {
    await page.context().close();
    await server.stop();
  });

  test.each(['sse', 'websocket', 'socket.io'])('sees 1..n over %s', async (transport) => {
    const orderId = drawOrderId(random);
    store.commit(entry(orderId, 1));
    const watched = page.evaluate(
      async ([url = '', transport, orderId = '']) => {
        const path = '/try/client.js';
        const { FillstreamClient } = (await import(path)) as typeof import('../../src/client/index.ts');
        const client = new FillstreamClient({ url, transport: transport as 'sse' });
        const seqs: number[] = [];
        for await (const { seq } of client.watch(orderId)) seqs.push(seq);
        return seqs;
      },
      [origin, transport, orderId],
    );
    for (const seq of range(2, ENTRIES)) {
      await sleep(random() * 60);
      if (seq % 8 === 0) {
        await server.kill();
        server = await startFeedServer(store, redis.path, { port: server.port });
      }
      const message = seq === ENTRIES ? lastEntry(orderId, seq) : entry(orderId, seq);
      server.notifications.announce(store.commit(message), 'local');
    }
    expect(await soon('the end of the watch', watched, 20_000)).toEqual(range(1, ENTRIES));
  });

  test('throws what the server refuses', async () => {
    const refusal = await page.evaluate(async (url) => {
      const path = '/try/client.js';
      const { ApiError, FillstreamClient } = (await import(
        path
      )) as typeof import('../../src/client/index.ts');
      const client = new FillstreamClient({ url });
      return client.waitFor('a'.repeat(32)).then(
        () => null,
        (error: unknown) => (error instanceof ApiError ? [error.status, error.code] : String(error)),
      );
    }, origin);
    expect(refusal).toEqual([404, 'order_not_found']);
  });
});
