/** The list of orders, and the form, in a real browser. */
import { expect, test } from '@jest/globals';
import { getOrder, submitOrder } from '../../src/client/orders.ts';
import type { OrderCountsView } from '../../src/protocol/views.ts';
import { eventually } from '../support/eventually.ts';
import { flood, installFakeStream } from './fake-orders.ts';
import { ORDER, pageSuite } from './page-suite.ts';

pageSuite('the list of orders', {}, (suite) => {
  test('the form submits an order, and says which field is wrong', async () => {
    await suite.open('/');
    await suite.page.getByRole('button', { name: 'New order' }).first().click();
    await suite.page.getByLabel('Sell, a symbol or an address').fill('WETH');
    await suite.page.getByLabel('For, a symbol or an address').fill('USDC');
    await suite.page.getByLabel('Amount, in whole tokens').fill('a lot');
    await suite.page.getByRole('button', { name: 'Submit the order' }).click();
    await suite.page.getByText('expected a number').waitFor();
    await suite.page.getByLabel('Amount, in whole tokens').fill('1000');
    await suite.page.getByRole('button', { name: 'Submit the order' }).click();
    await suite.page.waitForURL(/\/orders\/[a-z2-7]{32}$/);
    const orderId = suite.page.url().slice(-32);
    expect(await getOrder(suite.url, orderId)).toMatchObject({
      sellToken: 'WETH',
      sellAmount: '1000',
      slippageBps: 50,
    });
  });

  test('the list is filtered by state and reason, searched and walked by keyboard', async () => {
    const { orderId } = await submitOrder(suite.url, {
      ...ORDER,
      minBuyAmount: '9'.repeat(60),
      clientOrderId: 'too-much',
    });
    await suite.journalOf(orderId);
    await suite.open('/?state=failed');
    await suite.page.locator('[role=row]', { hasText: 'too-much' }).waitFor();
    const states = await suite.page.locator('.rows [role=row] .pill').allTextContents();
    expect(new Set(states)).toEqual(new Set(['failed']));
    const code = (await getOrder(suite.url, orderId)).reason?.code ?? '';
    await suite.page.locator('.reasons button', { hasText: code.replaceAll('_', ' ') }).click();
    expect(new URL(suite.page.url()).searchParams.get('reason')).toBe(code);
    await suite.page.keyboard.press('/');
    await suite.page.keyboard.type('too-much');
    await eventually(
      () => suite.page.locator('.rows [role=row]').count(),
      (count) => count === 1,
    );
    await suite.page.keyboard.press('Escape');
    await suite.page.locator('.rows').focus();
    await suite.page.keyboard.press('j');
    await suite.page.keyboard.press('Enter');
    await suite.page.waitForURL(`**/orders/${orderId}`);
  });

  test('what is not loaded is found on the server, by any word, time and status, and the oldest first', async () => {
    const clientOrderId = 'not-loaded';
    const { orderId } = await submitOrder(suite.url, { ...ORDER, sellToken: 'WBTC', clientOrderId });
    const journal = await suite.journalOf(orderId);
    await suite.page.route(/\/api\/orders\?limit=\d+$/, (route) =>
      route.fulfill({ json: { orders: [], nextCursor: null, links: { next: null } } }),
    );
    await suite.open('/');
    await suite.page.waitForSelector('.link.live');
    expect(await suite.page.locator('.rows [role=row]').count()).toBe(0);
    const { transactions } = await getOrder(suite.url, orderId);
    const row = suite.page.locator('.rows [role=row]', { hasText: clientOrderId });
    for (const word of [
      orderId.slice(0, 9),
      clientOrderId,
      'wbtc',
      'WBTC/USDC',
      transactions[0]?.hash ?? '',
    ]) {
      await suite.page.getByRole('searchbox').fill(word);
      await row.waitFor();
      await suite.page.getByRole('searchbox').fill('found-nowhere');
      await suite.page.getByText('No order matches').waitFor();
    }
    await suite.page.getByRole('button', { name: 'Show all' }).click();
    await suite.page.getByLabel('Time of creation').selectOption('15m');
    await row.waitFor();
    await suite.page.getByLabel('Order of the list').selectOption('oldest');
    await suite.page.locator('.rows [role=row]').first().waitFor();
    const oldest = (await fetch(`${suite.url}/api/orders?sort=oldest&limit=1`).then((answer) =>
      answer.json(),
    )) as { readonly orders: readonly { readonly orderId: string }[] };
    expect(await suite.page.locator('.rows [role=row] a').first().getAttribute('title')).toBe(
      oldest.orders[0]?.orderId,
    );
    // A link leads to the same search.
    await suite.open(`/?q=${clientOrderId}&time=0-${Date.parse(journal[0]?.at ?? '')}`);
    await suite.page.getByText('No order matches').waitFor();
    await suite.open(`/?q=${clientOrderId}&state=confirmed&time=15m`);
    await row.waitFor();
  }, 60_000);

  test('the chips count all orders, and the reasons all that failed', async () => {
    const { byStatus, reasons, total } = (await fetch(`${suite.url}/api/orders/counts`).then((answer) =>
      answer.json(),
    )) as OrderCountsView;
    await suite.page.route('**/api/orders?*', (route) =>
      route.fulfill({ json: { orders: [], nextCursor: null, links: { next: null } } }),
    );
    await suite.open('/?state=failed');
    await suite.page.locator('.chip.all b', { hasText: String(total) }).waitFor();
    expect(await suite.page.locator('.chip.failed b').textContent()).toBe(String(byStatus.failed));
    const failed = reasons.filter(({ status }) => status === 'failed');
    expect(await suite.page.locator('.reasons b').allTextContents()).toEqual(
      failed.map(({ orders }) => String(orders)),
    );
  });

  test('ten thousand entries of two thousand orders are drawn at most once a frame, and only the rows that can be seen', async () => {
    await suite.page.addInitScript(installFakeStream);
    await suite.page.route('**/api/orders?*', (route) =>
      route.fulfill({ json: { orders: [], nextCursor: null, links: { next: null } } }),
    );
    // The chips count what is loaded.
    await suite.page.route('**/api/orders/counts', (route) => route.fulfill({ status: 404, json: {} }));
    await suite.open('/');
    await suite.page.waitForSelector('.link.live');
    const { rows, confirmed, draws, frames } = await suite.page.evaluate(flood, 2_000);
    expect(confirmed).toBe('2000');
    expect(rows).toBeLessThan(60);
    expect(draws).toBeLessThanOrEqual(frames + 2);
    await suite.page.locator('.rows').evaluate((list) => {
      list.scrollTop = list.scrollHeight;
    });
    await suite.page.locator('[role=row][aria-rowindex="2001"]').waitFor();
  }, 60_000);
});
