/** The examples for browsers, as they stand, on a page of another origin. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { submitOrder } from '../../src/client/orders.ts';
import { freePort } from '../../src/stack-process/free-port.ts';
import type { StackProcess } from '../../src/stack-process/start-stack.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnStack } from '../support/own-stack.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { findChromium, launchBrowser } from './browser.ts';

let dir: TempDir;
let stack: StackProcess;
let pageOrigin: string;
let pages: Server;
/** What the server of the other origin answers, by path. */
const served = new Map<string, string>();

async function start(): Promise<void> {
  dir = tempDir();
  pages = createServer((req, res) => {
    const body = served.get((req.url ?? '').replace(/\?.*/, ''));
    res.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'text/html' }).end(body);
  });
  const pagePort = await freePort(0);
  pageOrigin = `http://127.0.0.1:${pagePort}`;
  await new Promise<void>((listening) => pages.listen(pagePort, '127.0.0.1', listening));
  stack = await startOwnStack(dir, {
    EXECUTION: 'simulated',
    SIMULATED_FAILURES: '0',
    SIMULATED_BLOCK_MS: '50',
    ALLOWED_ORIGINS: pageOrigin,
  });
  await stack.ready(30_000);
}

const chromium = findChromium();
if (chromium === null)
  console.warn(
    'Skipped: the examples for browsers. To run them, put chromium on the PATH, or set CHROMIUM to its file.',
  );
(chromium === null ? describe.skip : describe)('the examples for browsers', () => {
  let browser: Browser;
  beforeAll(async () => {
    await start();
    browser = await launchBrowser(chromium ?? '');
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await stack.end('SIGTERM');
    pages.close();
    dir.remove();
  });

  test('browser/index.html submits an order from another origin, and follows it to its end', async () => {
    served.set('/', readFileSync('examples/browser/index.html', 'utf8'));
    const page = await browser.newPage();
    await page.goto(`${pageOrigin}/?server=${stack.url}`);
    await page.click('button');
    await eventually(
      () => page.textContent('ol'),
      (text) => text?.includes('confirmed') === true,
      20_000,
    );
    expect(await page.evaluate(() => document.querySelector('progress')?.value)).toBe(100);
    await page.close();
  }, 60_000);

  const REACTS = [
    ['Preact in the place of React', 'preact/compat', ''],
    ['React', resolve('examples/node_modules/react'), resolve('examples/node_modules/react-dom/client')],
  ] as const;
  const installed = REACTS.filter(([, react]) => !react.startsWith('/') || existsSync(react));
  if (installed.length < REACTS.length)
    console.warn('Skipped: use-order.ts with React itself, which `npm run examples` installs.');

  test.each(installed)(
    'react/use-order.ts follows an order to its end, with %s',
    async (_, react, reactDom) => {
      const { orderId } = await submitOrder(stack.url, {
        sellToken: 'WETH',
        buyToken: 'USDC',
        sellAmount: '1000000000000000000',
      });
      const rendered =
        reactDom === ''
          ? `import { render } from 'preact/compat'; render(createElement(Order), root);`
          : // Strict mode runs each effect twice: entries must not come twice.
            `import { createRoot } from ${JSON.stringify(reactDom)}; import { StrictMode } from 'react';
           createRoot(root).render(createElement(StrictMode, null, createElement(Order)));`;
      const { outputFiles } = await build({
        stdin: {
          contents: `
          import { createElement } from 'react';
          import { useOrder } from './examples/react/use-order.ts';
          function Order() {
            const { messages, progress, isEnded } = useOrder(${JSON.stringify(stack.url)}, ${JSON.stringify(orderId)});
            return createElement('p', null, messages.map(({ seq, type }) => seq + ' ' + type).join(', '), ' ', progress, isEnded ? ' ended' : '');
          }
          const root = document.querySelector('main');
          ${rendered}`,
          resolveDir: resolve('.'),
        },
        alias: { react },
        define: { 'process.env.NODE_ENV': '"development"' },
        bundle: true,
        write: false,
        format: 'iife',
      });
      served.set('/react', `<!doctype html><main></main><script>${outputFiles[0]?.text ?? ''}</script>`);
      const page = await browser.newPage();
      await page.goto(`${pageOrigin}/react`);
      const text = await eventually(
        () => page.textContent('main'),
        (shown) => shown?.includes('100 ended') === true,
        20_000,
      );
      const [, ...seqs] = [...(text ?? '').matchAll(/(\d+) [a-z]+(?=,| \d)/g)].map(([, seq]) => Number(seq));
      expect(seqs.length).toBeGreaterThan(4);
      expect(seqs).toEqual(seqs.map((__, index) => index + 2));
      expect(text).toMatch(/^1 pending, 2 routing, .*confirmed 100 ended/);
      await page.close();
    },
    60_000,
  );
});
