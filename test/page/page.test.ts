/**
 * The page in a real browser, over a whole stack with simulated venues. Without Chromium, which `npm test` installs where it may, the
 * suite is skipped.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { machineRegistry } from '../../machines/registry.ts';
import { isFinal } from '../../machines/order/state.ts';
import { activeStates, chartOf } from '../../src/charts/chart.ts';
import { edgeGroups, staysOf } from '../../src/charts/drawing.ts';
import {
  cancelOrder,
  getOrder,
  listTransitions,
  submitOrder,
  type OrderRequest,
} from '../../src/client/orders.ts';
import type { MachineStats } from '../../src/protocol/machine-stats.ts';
import type { OrderCountsView, TransitionView } from '../../src/protocol/views.ts';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { eventually } from '../support/eventually.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { flood, installFakeStream } from './fake-orders.ts';
import { findChromium, launchBrowser, openWatchedPage } from './browser.ts';

const chromium = findChromium();
if (chromium === null) {
  console.warn(
    'Skipped: the suite of the page. To run it, put chromium on the PATH, or set CHROMIUM to its file.',
  );
}
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ORDER: OrderRequest = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };

let dir: TempDir;
let port: number;
let stack: StackProcess;
let browser: Browser;
let page: Page;
let faults: readonly string[];

const start = async (): Promise<void> => {
  stack = startStack({
    main: MAIN,
    env: {
      ...process.env,
      MONGODB_URL: '',
      REDIS_URL: '',
      RPC_URL: '',
      EXECUTION: 'simulated',
      DATA_DIR: dir.path,
      LOG_LEVEL: 'warn',
      SIMULATED_FAILURES: '0',
      SIMULATED_BLOCK_MS: '400',
      BACKOFF_BASE_MS: '30',
    },
    port,
    output: openSync(join(dir.path, 'stack.log'), 'a'),
  });
  await stack.ready(30_000);
};

(chromium === null ? describe.skip : describe)('the page', () => {
  beforeAll(async () => {
    dir = tempDir();
    port = await freePort(0);
    [browser] = await Promise.all([launchBrowser(chromium ?? ''), start()]);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await stack.end('SIGTERM');
    dir.remove();
  }, 30_000);
  beforeEach(async () => {
    ({ page, faults } = await openWatchedPage(browser, stack.url));
  });
  afterEach(async () => {
    await page.context().close();
    // No request to another origin, no violation of the policy, no error.
    expect(faults).toEqual([]);
  });

  const open = (path: string) => page.goto(`${stack.url}${path}`);

  /** The journal of an order that has ended. */
  async function journalOf(orderId: string): Promise<readonly TransitionView[]> {
    await eventually(
      () => getOrder(stack.url, orderId),
      ({ status }) => isFinal(status),
    );
    return (await listTransitions(stack.url, orderId)).transitions;
  }

  async function whenIn(state: string, orderId: string): Promise<void> {
    await eventually(
      () => getOrder(stack.url, orderId),
      (order) => order.state.startsWith(state),
    );
  }

  const ENDINGS: readonly (readonly [string, () => Promise<string>])[] = [
    ['confirmed', async () => (await submitOrder(stack.url, ORDER)).orderId],
    [
      'failed',
      async () => (await submitOrder(stack.url, { ...ORDER, minBuyAmount: '9'.repeat(60) })).orderId,
    ],
    [
      'cancelled',
      async () => {
        const { orderId } = await submitOrder(stack.url, ORDER);
        await whenIn('submitted', orderId);
        await cancelOrder(stack.url, orderId);
        return orderId;
      },
    ],
  ];

  test.each(ENDINGS)(
    'at each step of an order that is %s, the chart marks the state and the edges of the journal',
    async (ending, post) => {
      const orderId = await post();
      const journal = await journalOf(orderId);
      if (ending !== 'cancelled') expect(journal.at(-1)?.state).toBe(ending);
      await open(`/orders/${orderId}`);
      await page.waitForSelector('[data-active]');
      for (const entry of journal.toReversed()) {
        expect(await marks(page)).toEqual(expectedMarks(entry));
        await page.keyboard.press('ArrowLeft');
      }
      expect(new URL(page.url()).searchParams.get('step')).toBe('1');
      await page.keyboard.press('End');
      expect(await marks(page)).toEqual(expectedMarks(journal.at(-1)));
      // A link leads to the same step.
      await open(`/orders/${orderId}?step=2`);
      await page.waitForSelector('[data-active]');
      expect(await marks(page)).toEqual(expectedMarks(journal[1]));
    },
    60_000,
  );

  test('the data of a step is the event of the journal, and the context that its replay gives', async () => {
    const { orderId } = await submitOrder(stack.url, ORDER);
    const journal = await journalOf(orderId);
    await open(`/orders/${orderId}?step=3`);
    await page.locator('.data summary').click();
    await page.getByRole('tab', { name: 'Event' }).click();
    const { event, edges } = journal[2] ?? { event: {}, edges: [] };
    expect(JSON.parse((await page.locator('#entry-data').textContent()) ?? '')).toEqual({ ...event, edges });
    await page.getByRole('tab', { name: 'Context' }).click();
    const context: unknown = JSON.parse((await page.locator('#entry-data').textContent()) ?? '');
    expect(context).toMatchObject({ terms: { orderId }, progress: journal[2]?.message.progress });
  });

  test('an order that is posted appears in the list, and its page follows it to its end without a reload', async () => {
    await open('/');
    await page.waitForSelector('.link.live');
    const { orderId } = await submitOrder(stack.url, { ...ORDER, clientOrderId: 'shown-live' });
    await page.locator('[role=row]', { hasText: 'shown-live' }).getByRole('link').click();
    const other = await page.context().newPage();
    await other.goto(`${stack.url}/orders/${orderId}`);
    for (const tab of [page, other]) await tab.waitForSelector('.state.current.ok[data-active]');
    expect(await marks(page)).toEqual(expectedMarks((await journalOf(orderId)).at(-1)));
    expect(await page.locator('.timeline li').count()).toBe((await journalOf(orderId)).length);
  });

  test('the form submits an order, and says which field is wrong', async () => {
    await open('/');
    await page.getByRole('button', { name: 'New order' }).first().click();
    await page.getByLabel('Sell, a symbol or an address').fill('WETH');
    await page.getByLabel('For, a symbol or an address').fill('USDC');
    await page.getByLabel('Amount, in whole tokens').fill('a lot');
    await page.getByRole('button', { name: 'Submit the order' }).click();
    await page.getByText('expected a number').waitFor();
    await page.getByLabel('Amount, in whole tokens').fill('1000');
    await page.getByRole('button', { name: 'Submit the order' }).click();
    await page.waitForURL(/\/orders\/[a-z2-7]{32}$/);
    const orderId = page.url().slice(-32);
    expect(await getOrder(stack.url, orderId)).toMatchObject({
      sellToken: 'WETH',
      sellAmount: '1000',
      slippageBps: 50,
    });
  });

  test('an order is cancelled from its page', async () => {
    const { orderId } = await submitOrder(stack.url, { ...ORDER, minBuyAmount: '9'.repeat(60) });
    await open(`/orders/${orderId}`);
    const button = page.getByRole('button', { name: 'Cancel …' });
    if (await button.isVisible()) {
      await button.click();
      await page.getByRole('button', { name: 'Cancel the order' }).click();
    }
    await page.locator('.state.current:is(.off, .bad)').waitFor();
    expect((await journalOf(orderId)).at(-1)?.state).toMatch(/cancelled|failed/);
  });

  test('the list is filtered by state and reason, searched and walked by keyboard', async () => {
    const { orderId } = await submitOrder(stack.url, {
      ...ORDER,
      minBuyAmount: '9'.repeat(60),
      clientOrderId: 'too-much',
    });
    await journalOf(orderId);
    await open('/?state=failed');
    await page.locator('[role=row]', { hasText: 'too-much' }).waitFor();
    const states = await page.locator('.rows [role=row] .pill').allTextContents();
    expect(new Set(states)).toEqual(new Set(['failed']));
    await page.locator('.reasons button').first().click();
    expect(new URL(page.url()).searchParams.get('reason')).not.toBeNull();
    await page.keyboard.press('/');
    await page.keyboard.type('too-much');
    expect(await page.locator('.rows [role=row]').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.locator('.rows').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/orders/${orderId}`);
  });

  test('what is not loaded is found on the server, by any word, time and status, and the oldest first', async () => {
    const clientOrderId = 'not-loaded';
    const { orderId } = await submitOrder(stack.url, { ...ORDER, sellToken: 'WBTC', clientOrderId });
    const journal = await journalOf(orderId);
    await page.route('**/api/orders?limit=200*', (route) =>
      route.fulfill({ json: { orders: [], nextCursor: null, links: { next: null } } }),
    );
    await open('/');
    await page.waitForSelector('.link.live');
    expect(await page.locator('.rows [role=row]').count()).toBe(0);
    const { transactions } = await getOrder(stack.url, orderId);
    const row = page.locator('.rows [role=row]', { hasText: clientOrderId });
    for (const word of [
      orderId.slice(0, 9),
      clientOrderId,
      'wbtc',
      'WBTC/USDC',
      transactions[0]?.hash ?? '',
    ]) {
      await page.getByRole('searchbox').fill(word);
      await row.waitFor();
      await page.getByRole('searchbox').fill('found-nowhere');
      await page.getByText('No order matches').waitFor();
    }
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByLabel('Time of creation').selectOption('15m');
    await row.waitFor();
    await page.getByLabel('Order of the list').selectOption('oldest');
    await page.locator('.rows [role=row]').first().waitFor();
    const oldest = (await fetch(`${stack.url}/api/orders?sort=oldest&limit=1`).then((answer) =>
      answer.json(),
    )) as { readonly orders: readonly { readonly orderId: string }[] };
    expect(await page.locator('.rows [role=row] a').first().getAttribute('title')).toBe(
      oldest.orders[0]?.orderId,
    );
    // A link leads to the same search.
    await open(`/?q=${clientOrderId}&time=0-${Date.parse(journal[0]?.at ?? '')}`);
    await page.getByText('No order matches').waitFor();
    await open(`/?q=${clientOrderId}&state=confirmed&time=15m`);
    await row.waitFor();
  }, 60_000);

  test('the chips count all orders, and the reasons all that failed', async () => {
    const { byStatus, reasons, total } = (await fetch(`${stack.url}/api/orders/counts`).then((answer) =>
      answer.json(),
    )) as OrderCountsView;
    await page.route('**/api/orders?*', (route) =>
      route.fulfill({ json: { orders: [], nextCursor: null, links: { next: null } } }),
    );
    await open('/?state=failed');
    await page.locator('.chip.all b', { hasText: String(total) }).waitFor();
    expect(await page.locator('.chip.failed b').textContent()).toBe(String(byStatus.failed));
    const failed = reasons.filter(({ status }) => status === 'failed');
    expect(await page.locator('.reasons b').allTextContents()).toEqual(
      failed.map(({ orders }) => String(orders)),
    );
  });

  test('ten thousand entries of two thousand orders are drawn at most once a frame, and only the rows that can be seen', async () => {
    await page.addInitScript(installFakeStream);
    await page.route('**/api/orders?*', (route) =>
      route.fulfill({ json: { orders: [], nextCursor: null, links: { next: null } } }),
    );
    // The chips count what is loaded.
    await page.route('**/api/orders/counts', (route) => route.fulfill({ status: 404, json: {} }));
    await open('/');
    await page.waitForSelector('.link.live');
    const { rows, confirmed, draws, frames } = await page.evaluate(flood, 2_000);
    expect(confirmed).toBe('2000');
    expect(rows).toBeLessThan(60);
    expect(draws).toBeLessThanOrEqual(frames + 2);
    await page.locator('.rows').evaluate((list) => {
      list.scrollTop = list.scrollHeight;
    });
    await page.locator('[role=row][aria-rowindex="2001"]').waitFor();
  }, 60_000);

  test('the chart of a machine is coloured by what the journals of orders say', async () => {
    await journalOf((await submitOrder(stack.url, ORDER)).orderId);
    await open('/machines');
    await page.waitForSelector('.chart.heat');
    const answer = await fetch(`${stack.url}/api/machines/${machineRegistry.current}/stats`);
    const stats = (await answer.json()) as MachineStats;
    expect(stats.orders).toBeGreaterThan(0);
    const machine = machineRegistry.machines.get(machineRegistry.current);
    if (machine === undefined) throw new Error('there is no such machine');
    const passed = new Set(stats.edges.map(({ id }) => id));
    const expected = edgeGroups(chartOf(machine))
      .filter(({ transitions }) => transitions.some(({ id }) => passed.has(id)))
      .map(({ id }) => id);
    const hot = await page.$$eval('.edge', (edges) =>
      edges.flatMap((edge) =>
        edge instanceof SVGElement && Number(edge.style.getPropertyValue('--heat')) > 0
          ? [edge.getAttribute('data-edge') ?? '']
          : [],
      ),
    );
    expect(hot.sort()).toEqual(expected.sort());
    const rows = await page.$$eval('.stats tbody tr', (all) =>
      all.map((row) => row.getAttribute('data-path')),
    );
    expect(rows.sort()).toEqual(stats.states.map(({ path }) => path).sort());
    await page.getByLabel('Orders created').selectOption('15m');
    await page.getByText(/All \d+ orders/).waitFor();
  });

  test('the system page plots what the newest orders did', async () => {
    await journalOf((await submitOrder(stack.url, ORDER)).orderId);
    await open('/system');
    await page.waitForSelector('.plot canvas');
    expect(await page.locator('.plot canvas').count()).toBe(3);
    expect(await page.locator('.legend li').allTextContents()).toHaveLength(5);
  });

  test('one order is shown small, without commands, as it goes on', async () => {
    const { orderId } = await submitOrder(stack.url, ORDER);
    await open(`/orders/${orderId}/embed`);
    await page.waitForSelector('.state.current.ok[data-active]');
    expect(await marks(page)).toEqual(expectedMarks((await journalOf(orderId)).at(-1)));
    expect(await page.locator('button:not([aria-label^="Copy"])').count()).toBe(0);
    expect(await page.locator('header.top').count()).toBe(0);
  });

  test('the list can be read without script', async () => {
    const { orderId } = await submitOrder(stack.url, { ...ORDER, clientOrderId: '<b>plain&' });
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(`${stack.url}/`);
    await plain.getByRole('link', { name: 'as a plain list' }).click();
    const row = plain.getByRole('row', { name: '<b>plain&' });
    expect(await row.getByRole('link').getAttribute('href')).toBe(`api/orders/${orderId}`);
    await plain.getByLabel('Search').fill('found-nowhere');
    await plain.getByRole('button', { name: 'Search' }).click();
    await plain.getByText('There are none').waitFor();
    await context.close();
  });

  test('the page works behind a proxy that puts a path before its own', async () => {
    const { orderId } = await submitOrder(stack.url, { ...ORDER, clientOrderId: 'behind-a-path' });
    await page.route(`${stack.url}/swaps/**`, (route) =>
      route.continue({ url: route.request().url().replace('/swaps/', '/') }),
    );
    await open('/swaps/');
    await page.locator('[role=row]', { hasText: 'behind-a-path' }).getByRole('link').click();
    await page.waitForURL(`**/swaps/orders/${orderId}`);
    await page.waitForSelector('.timeline li');
    await open('/swaps/machines/1');
    await page.waitForSelector('[data-state]');
  });

  test('the words of each label stay in its box, with the fonts of this system', async () => {
    await open('/machines');
    await page.getByRole('button', { name: 'All labels' }).click();
    await page.waitForSelector('[data-label]');
    const outside = await page.$$eval('[data-label]', (labels) =>
      labels.flatMap((label) => {
        const box = label.querySelector('rect')?.getBoundingClientRect();
        const texts = [...label.querySelectorAll('.part text')].map((text) => text.getBoundingClientRect());
        const fits = texts.every(
          ({ left, right }) => box !== undefined && left >= box.left - 1 && right <= box.right + 1,
        );
        return fits ? [] : [label.getAttribute('data-label')];
      }),
    );
    expect(outside).toEqual([]);
  });

  test.each(['light', 'dark'] as const)(
    'no page violates a rule of accessibility in the %s theme',
    async (theme) => {
      const { orderId } = await submitOrder(stack.url, ORDER);
      await journalOf(orderId);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      for (const path of ['/', `/orders/${orderId}`, `/orders/${orderId}?step=3`, '/machines', '/system']) {
        await open(path);
        await page.waitForSelector('.link.live');
        await page.waitForSelector(
          path === '/' ? '.rows [role=row]' : path === '/system' ? '.parts' : '[data-state]',
        );
        await page.evaluate(AXE);
        expect([path, await axeViolations(page)]).toEqual([path, []]);
      }
    },
    60_000,
  );

  test('the machine is copied as TypeScript, JSON and Mermaid', async () => {
    await open('/machines');
    for (const [name, format] of [
      ['Copy for Stately', 'typescript'],
      ['Copy JSON', 'json'],
      ['Copy Mermaid', 'mermaid'],
    ] as const) {
      await page.getByRole('button', { name }).click();
      const answer = await fetch(`${stack.url}/api/machines/${machineRegistry.current}?format=${format}`);
      const expected = await answer.text();
      await eventually(
        () => page.evaluate(() => navigator.clipboard.readText()),
        (copied) => copied === expected,
      );
    }
  });

  test('a killed server is told, and its return mends the list and an open order', async () => {
    await open('/');
    await page.waitForSelector('.link.live');
    const { orderId } = await submitOrder(stack.url, ORDER);
    const other = await page.context().newPage();
    await other.goto(`${stack.url}/orders/${orderId}`);
    await other.waitForSelector('.state.current');
    await stack.end('SIGKILL');
    await page.getByRole('alert').waitFor();
    await start();
    await page.waitForSelector('.link.live');
    expect(await page.getByRole('alert').count()).toBe(0);
    const { orderId: after } = await submitOrder(stack.url, { ...ORDER, clientOrderId: 'after-the-kill' });
    await page.locator('[role=row]', { hasText: 'after-the-kill' }).waitFor();
    await other.waitForSelector('.state.current:is(.ok, .bad, .off)');
    expect(await marks(other)).toEqual(expectedMarks((await journalOf(orderId)).at(-1)));
    await journalOf(after);
  }, 60_000);
});

interface ShownMarks {
  readonly active: readonly string[];
  readonly taken: readonly string[];
  readonly stayed: readonly string[];
}

/** Ids of the states that are marked as active, of the lines that are marked as taken, and of the states that were stayed in. */
function marks(page: Page): Promise<ShownMarks> {
  return page.evaluate(() => {
    const idsOf = (selector: string, attribute: string) =>
      [...document.querySelectorAll(selector)].map((element) => element.getAttribute(attribute) ?? '').sort();
    return {
      active: idsOf('[data-active]', 'data-state'),
      taken: idsOf('[data-taken]', 'data-edge'),
      stayed: idsOf('.state:has(.stays.taken)', 'data-state'),
    };
  });
}

/** What the chart has to mark, by what REST says of the entry. */
function expectedMarks(entry: TransitionView | undefined): ShownMarks {
  const machine = machineRegistry.machines.get(entry?.machineVersion ?? 0);
  if (entry === undefined || machine === undefined) throw new Error('there is no such entry');
  const chart = chartOf(machine);
  const isTaken = ({ id }: { readonly id: string }) => entry.edges.includes(id);
  return {
    active: activeStates(chart, entry.state)
      .map(({ id }) => id)
      .sort(),
    taken: edgeGroups(chart)
      .filter(({ transitions }) => transitions.some(isTaken))
      .map(({ id }) => id)
      .sort(),
    stayed: chart.states
      .filter(({ id }) => staysOf(chart, id).some(isTaken))
      .map(({ id }) => id)
      .sort(),
  };
}

function axeViolations(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const axe = Reflect.get(window, 'axe') as {
      run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
    };
    const { violations } = await axe.run();
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    );
  });
}
