/**
 * `node --import tsx test/page/measure.ts [--only content|orders|sleep|hour] [--minutes 60]`: figures of the page in headless Chromium, printed:
 * the sizes that travel; time to content with the CPU slowed down four times; ten thousand orders; the return after sleep; the heap over
 * an hour of 500 entries a second, in simulated time, after a collection of garbage at a quarter, a half and the whole of it.
 */
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { submitOrder } from '../../src/client/orders.ts';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack } from '../../src/stack-process/start-stack.ts';
import { findChromium, launchBrowser } from './browser.ts';
import { flood, installFakeStream, pour } from './fake-orders.ts';

const { values } = parseArgs({
  options: { only: { type: 'string' }, minutes: { type: 'string', default: '60' } },
});
const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };
const PER_SECOND = 500;
const EMPTY = { orders: [], nextCursor: null, links: { next: null } };

const chromium = findChromium();
if (chromium === null) throw new Error('there is no Chromium: put it on the PATH, or name it in CHROMIUM');
const dir = mkdtempSync(join(tmpdir(), 'fillstream-measure-'));
const stack = startStack({
  main: ['--import', 'tsx', 'src/main.ts'],
  env: { ...process.env, EXECUTION: 'simulated', DATA_DIR: dir, LOG_LEVEL: 'warn', SIMULATED_FAILURES: '0' },
  port: await freePort(0),
  output: openSync(join(dir, 'stack.log'), 'a'),
});
await stack.ready(60_000);
const browser = await launchBrowser(chromium);
try {
  const [orderId] = await Promise.all(
    Array.from({ length: 200 }, () => submitOrder(stack.url, ORDER).then((order) => order.orderId)),
  );
  const isAsked = (part: string) => values.only === undefined || values.only === part;
  printSizes();
  if (isAsked('content')) {
    await timeToContent(browser, '/', '.rows [role=row]');
    await timeToContent(browser, `/orders/${orderId ?? ''}`, '.state.current');
  }
  if (isAsked('orders')) await tenThousandOrders(browser);
  if (isAsked('sleep')) await afterSleep(browser);
  if (isAsked('hour')) await anHour(browser, Number(values.minutes));
} finally {
  await browser.close();
  await stack.end('SIGTERM');
  rmSync(dir, { recursive: true, force: true });
}

function printSizes(): void {
  const folder = new URL('../../page/dist/assets/', import.meta.url);
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(new URL(name, folder));
    console.log(`${name}: ${(gzipSync(bytes).length / 1024).toFixed(1)} KB gzipped`);
  }
}

async function timeToContent(from: Browser, path: string, selector: string): Promise<void> {
  const tookMs: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const { page, cdp, close } = await opened(from);
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    const startedAt = performance.now();
    await page.goto(`${stack.url}${path}`, { waitUntil: 'commit' });
    await page.waitForSelector(selector);
    tookMs.push(Math.round(performance.now() - startedAt));
    await close();
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  console.log(`time to content of ${path.slice(0, 16)}, CPU slowed down 4 times: ${sorted.join(', ')} ms`);
}

async function tenThousandOrders(from: Browser): Promise<void> {
  const { page, cdp, close } = await openedWithFakeStream(from);
  const startedAt = performance.now();
  const { rows, draws, frames } = await page.evaluate(flood, 10_000);
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(
    `50,000 entries of 10,000 orders in ${seconds.toFixed(1)} s: ${rows} rows in the document, ${draws} drawings in ${frames} frames, heap ${await heapMb(cdp)} MB`,
  );
  await close();
}

/** The clock jumps by an hour while the network is away; then it is back. */
async function afterSleep(from: Browser): Promise<void> {
  const { page, close } = await opened(from);
  await page.goto(stack.url);
  await page.waitForSelector('.link.live');
  await page.context().setOffline(true);
  const clientOrderId = `slept-${Date.now()}`;
  await submitOrder(stack.url, { ...ORDER, clientOrderId });
  await page.evaluate(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 3_600_000;
  });
  await page.context().setOffline(false);
  const startedAt = performance.now();
  await page.locator('[role=row]', { hasText: clientOrderId }).waitFor();
  await page.waitForSelector('.link.live');
  console.log(`after an hour of sleep the list is whole in ${Math.round(performance.now() - startedAt)} ms`);
  await close();
}

async function anHour(from: Browser, minutes: number): Promise<void> {
  const { page, cdp, close } = await openedWithFakeStream(from);
  const startedAt = performance.now();
  for (let minute = 0; minute < minutes; minute += 1) {
    await page.evaluate(pour, { from: minute * 60 * PER_SECOND, entries: 60 * PER_SECOND });
    const done = minute + 1;
    if (![minutes / 4, minutes / 2, minutes].includes(done)) continue;
    const rows = await page.evaluate(() => document.querySelectorAll('.rows [role=row]').length);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    console.log(
      `${done} minutes of ${PER_SECOND} entries a second, in ${seconds} s: heap ${await heapMb(cdp)} MB, ${rows} rows in the document`,
    );
  }
  await close();
}

interface Opened {
  readonly page: Page;
  readonly cdp: CDPSession;
  readonly close: () => Promise<void>;
}

async function opened(from: Browser): Promise<Opened> {
  const context = await from.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  // esbuild's helper, which functions that run in the browser refer to.
  await page.addInitScript('globalThis.__name = (named) => named;');
  return { page, cdp: await context.newCDPSession(page), close: () => context.close() };
}

async function openedWithFakeStream(from: Browser): Promise<Opened> {
  const made = await opened(from);
  await made.page.addInitScript(installFakeStream);
  await made.page.route('**/api/orders?*', (route) => route.fulfill({ json: EMPTY }));
  await made.page.route('**/api/orders/counts', (route) => route.fulfill({ status: 404, json: {} }));
  await made.page.goto(stack.url);
  await made.page.waitForSelector('.link.live');
  return made;
}

/** After a collection of garbage. */
async function heapMb(cdp: CDPSession): Promise<string> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return (usedSize / 1_048_576).toFixed(1);
}
