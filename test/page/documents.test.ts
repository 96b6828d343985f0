/** `/docs` in a real browser: both documents are shown without the network, and a reader can try them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { openPage } from '../../src/http/page/open-page.ts';
import { startEdgeServer, type EdgeServer } from '../edge/edge-server.ts';
import { eventually } from '../support/eventually.ts';
import { ask, submitted } from '../support/http/rest-client.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { findChromium, launchBrowser, openWatchedPage } from './browser.ts';

const chromium = findChromium();
if (chromium === null) {
  console.warn(
    'Skipped: the suite of /docs. To run it, put chromium on the PATH, or set CHROMIUM to its file.',
  );
}
const redis = new RedisServer();
let server: EdgeServer;
let browser: Browser;
let page: Page;
let faults: readonly string[];

(chromium === null ? describe.skip : describe)('/docs', () => {
  beforeAll(async () => {
    await redis.start();
    server = await startEdgeServer(redis, { page: openPage() });
    browser = await launchBrowser(chromium ?? '');
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.stop();
    await redis.remove();
  });
  beforeEach(async () => {
    ({ page, faults } = await openWatchedPage(browser, server.url));
  });
  afterEach(async () => {
    // Requests to elsewhere, violations of the policy and errors, whatever the test was about.
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('lists every route of the OpenAPI document', async () => {
    await page.goto(`${server.url}/docs`);
    await page.waitForSelector('.opblock');
    const { json } = await ask(server, '/openapi.json');
    const paths = z.record(z.string(), z.unknown()).parse(json['paths']);
    const shown = await page.locator('.opblock-summary-path').allTextContents();
    const named = new Set(shown.map((path) => path.replace(/\u200b/g, '')));
    expect(Object.keys(paths).filter((path) => !named.has(path))).toEqual([]);
  });

  test('submits the example of a submission, and shows the answer', async () => {
    await page.goto(`${server.url}/docs#/Orders/postOrdersExecute`);
    await page
      .locator('.opblock', { hasText: 'Submit an order' })
      .locator('.opblock-summary-control')
      .click();
    await page.locator('.opblock.is-open button.execute').click();
    await page.waitForSelector('.live-responses-table .response');
    expect(
      await page.locator('.live-responses-table .response .response-col_status').first().textContent(),
    ).toContain('201');
    expect(await page.locator('.live-responses-table').textContent()).toContain('"wsUrl"');
  });

  test.each(['WebSocket', 'Server-sent events', 'Socket.IO'])(
    'opens a stream of an order by %s',
    async (transport) => {
      const orderId = await submitted(server);
      await page.goto(`${server.url}/docs#streams`);
      await page.getByLabel('Transport').selectOption(transport);
      await page.getByLabel('Order id').fill(orderId);
      await page.getByRole('button', { name: 'Connect' }).click();
      const came = page.getByLabel('What came');
      const text = await eventually(
        () => came.textContent(),
        (lines) => lines?.includes('"type":"pending"') === true,
      );
      expect(text).toContain('"type":"subscribed"');
      await page.getByRole('button', { name: 'Close' }).click();
    },
  );

  test('shows every message of the AsyncAPI document with its fields and an example', async () => {
    await page.goto(`${server.url}/docs#streams`);
    const confirmed = page.locator('#message-ConfirmedMessage');
    await confirmed.waitFor();
    const text = await confirmed.textContent();
    expect(text).toContain('executedBuyAmount');
    expect(text).toContain('by the events of the chain');
    expect(text).toContain('"type": "confirmed"');
    expect(await page.locator('#message-SubscribeOrders').count()).toBe(1);
  });
});
