/** What holds for all pages: accessibility, without script, behind a proxy. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { submitOrder } from '../../src/client/orders.ts';
import { ORDER, pageSuite } from './page-suite.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

pageSuite('every page', {}, (suite) => {
  test('the list can be read without script', async () => {
    const { orderId } = await submitOrder(suite.url, { ...ORDER, clientOrderId: '<b>plain&' });
    const context = await suite.browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(`${suite.url}/`);
    await plain.getByRole('link', { name: 'as a plain list' }).click();
    const row = plain.getByRole('row', { name: '<b>plain&' });
    expect(await row.getByRole('link').getAttribute('href')).toBe(`api/orders/${orderId}`);
    await plain.getByLabel('Search').fill('found-nowhere');
    await plain.getByRole('button', { name: 'Search' }).click();
    await plain.getByText('There are none').waitFor();
    await context.close();
  });

  test('the page works behind a proxy that puts a path before its own', async () => {
    const { orderId } = await submitOrder(suite.url, { ...ORDER, clientOrderId: 'behind-a-path' });
    await suite.page.route(`${suite.url}/swaps/**`, (route) =>
      route.continue({ url: route.request().url().replace('/swaps/', '/') }),
    );
    await suite.open('/swaps/');
    await suite.page.locator('[role=row]', { hasText: 'behind-a-path' }).getByRole('link').click();
    await suite.page.waitForURL(`**/swaps/orders/${orderId}`);
    await suite.page.waitForSelector('.timeline li');
    await suite.open('/swaps/machines/1');
    await suite.page.waitForSelector('[data-state]');
  });

  test.each(['light', 'dark'] as const)(
    'no page violates a rule of accessibility in the %s theme',
    async (theme) => {
      const { orderId } = await submitOrder(suite.url, ORDER);
      await suite.journalOf(orderId);
      await suite.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      for (const path of ['/', `/orders/${orderId}`, `/orders/${orderId}?step=3`, '/machines', '/system']) {
        await suite.open(path);
        await suite.page.waitForSelector('.link.live');
        await suite.page.waitForSelector(
          path === '/' ? '.rows [role=row]' : path === '/system' ? '.parts' : '[data-state]',
        );
        await suite.page.evaluate(AXE);
        // What is on a page is the same in both themes; the colours are not.
        const rules = theme === 'light' ? [] : ['color-contrast', 'link-in-text-block'];
        expect([path, await axeViolations(suite.page, rules)]).toEqual([path, []]);
      }
    },
    60_000,
  );
});

/** @param rules none: all of them */
function axeViolations(page: Page, rules: readonly string[]): Promise<readonly string[]> {
  return page.evaluate(async (only) => {
    const axe = Reflect.get(window, 'axe') as {
      run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
    };
    const { violations } = await axe.run(only.length === 0 ? {} : { runOnly: only });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    );
  }, rules);
}
