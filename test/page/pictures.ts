/**
 * `npm run pictures [-- FOLDER]`: starts a stack on a private chain, posts orders, and takes pictures of the page in headless Chromium: the three
 * of the README into docs/images, or all of them into FOLDER.
 */
import { mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { getOrder, listTransitions, submitOrder } from '../../src/client/orders.ts';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack } from '../../src/stack-process/start-stack.ts';
import { isFinal } from '../../machines/order/state.ts';
import { findChromium, launchBrowser } from './browser.ts';

const folder = process.argv[2];
const README = ['order', 'orders', 'time-travel'];
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true };
const PAIRS = [
  ['WETH', 'USDC', '440000000000000000'],
  ['WETH', 'DAI', '1250000000000000000'],
  ['USDC', 'WETH', '950000000'],
  ['DAI', 'USDC', '2400000000000000000000'],
  ['WETH', 'WBTC', '780000000000000000'],
] as const;

const chromium = findChromium();
if (chromium === null) throw new Error('there is no Chromium: put it on the PATH, or name it in CHROMIUM');
const into = folder ?? 'docs/images';
mkdirSync(into, { recursive: true });
const dir = mkdtempSync(join(tmpdir(), 'fillstream-pictures-'));
const stack = startStack({
  main: ['--import', 'tsx', 'src/main.ts'],
  env: { ...process.env, DATA_DIR: dir, LOG_LEVEL: 'warn', MONGODB_URL: '', REDIS_URL: '', RPC_URL: '' },
  port: await freePort(0),
  output: openSync(join(dir, 'stack.log'), 'a'),
});
await stack.ready(120_000);
const browser = await launchBrowser(chromium);
try {
  await takeAll();
} finally {
  await browser.close();
  await stack.end('SIGTERM');
  rmSync(dir, { recursive: true, force: true });
}

async function takeAll(): Promise<void> {
  await tokensKnown();
  const failed = await submit({
    minBuyAmount: '1500000000',
    clientOrderId: 'too-dear',
    validTo: inSeconds(25),
  });
  const orders: string[] = [];
  for (let count = 0; count < 18; count += 1) {
    const [sellToken, buyToken, sellAmount] = PAIRS[count % PAIRS.length] ?? PAIRS[0];
    orders.push(await submit({ sellToken, buyToken, sellAmount, clientOrderId: `invoice-${1_041 + count}` }));
  }
  await Promise.all(orders.map((orderId) => ended(orderId)));
  await picture('order', `/orders/${orders[0] ?? ''}`, '.state.current[data-active]');
  await picture('order-dark', `/orders/${orders[0] ?? ''}`, '.state.current[data-active]', {
    colorScheme: 'dark',
  });
  await ended(failed);
  const retry = (await listTransitions(stack.url, failed)).transitions.find(
    ({ message }) => message.type === 'retry',
  );
  await picture('time-travel', `/orders/${failed}?step=${retry?.seq ?? 3}`, '.state.current[data-active]');
  await picture('failed', `/orders/${failed}`, '.state.current[data-active]');
  await picture('machines', '/machines', '.chart.heat');
  await picture('system', '/system', '.plot canvas');
  await picture('system-dark', '/system', '.plot canvas', { colorScheme: 'dark' });
  await picture('phone', '/', '.rows [role=row]', PHONE);
  await picture('phone-order', `/orders/${orders[0] ?? ''}`, '.state.current[data-active]', PHONE);
  await picture('phone-embed', `/orders/${orders[0] ?? ''}/embed`, '.state.current[data-active]', PHONE);
  await picture('form', '/', '.rows [role=row]', {}, async (page) => {
    await page.getByRole('button', { name: 'New order' }).first().click();
    await page.getByLabel('Amount, in whole tokens').fill('0.44');
    await page.locator('.quote dl').waitFor();
  });
  const open = Promise.all(
    PAIRS.map(([sellToken, buyToken, sellAmount], index) =>
      submit({ sellToken, buyToken, sellAmount, clientOrderId: `invoice-${1_059 + index}` }),
    ),
  );
  await picture('orders', '/', '.rows [role=row]');
  await picture('orders-dark', '/', '.rows [role=row]', { colorScheme: 'dark' });
  await open;
  const live = await submit({ sellAmount: '310000000000000000' });
  await picture('live', `/orders/${live}`, '.confirmations');
}

async function picture(
  name: string,
  path: string,
  selector: string,
  options: BrowserContextOptions = {},
  before: (page: Page) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  if (folder === undefined && !README.includes(name)) return;
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    colorScheme: 'light',
    ...options,
  });
  const page = await context.newPage();
  await page.goto(`${stack.url}${path}`);
  await page.waitForSelector(selector);
  if (!path.endsWith('/embed')) await page.waitForSelector('.link.live');
  await before(page);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(into, `${name}.png`) });
  await context.close();
  console.log(`${into}/${name}.png`);
}

function submit(over: object): Promise<string> {
  return submitOrder(stack.url, {
    sellToken: 'WETH',
    buyToken: 'USDC',
    sellAmount: '440000000000000000',
    ...over,
  }).then(({ orderId }) => orderId);
}

function inSeconds(seconds: number): number {
  return Math.ceil(Date.now() / 1_000) + seconds;
}

/** A private chain has its tokens some seconds after its first start. */
async function tokensKnown(): Promise<void> {
  await until(async () => {
    const answer = (await (await fetch(`${stack.url}/api/tokens`)).json()) as {
      readonly tokens: readonly unknown[];
    };
    return answer.tokens.length > 0;
  });
}

function ended(orderId: string): Promise<void> {
  return until(async () => isFinal((await getOrder(stack.url, orderId)).status));
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 200));
}
