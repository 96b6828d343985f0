/** The page of one order in a real browser. */
import { expect, test } from '@jest/globals';
import { cancelOrder, submitOrder } from '../../src/client/orders.ts';
import { expectedMarks, marks } from './marks.ts';
import { ORDER, pageSuite } from './page-suite.ts';

pageSuite('the page of an order', {}, (suite) => {
  const ENDINGS: readonly (readonly [string, () => Promise<string>])[] = [
    ['confirmed', async () => (await submitOrder(suite.url, ORDER)).orderId],
    [
      'failed',
      async () => (await submitOrder(suite.url, { ...ORDER, minBuyAmount: '9'.repeat(60) })).orderId,
    ],
    [
      'cancelled',
      async () => {
        const { orderId } = await submitOrder(suite.url, ORDER);
        await suite.whenIn('submitted', orderId);
        await cancelOrder(suite.url, orderId);
        return orderId;
      },
    ],
  ];

  test.each(ENDINGS)(
    'at each step of an order that is %s, the chart marks the state and the edges of the journal',
    async (ending, post) => {
      const orderId = await post();
      const journal = await suite.journalOf(orderId);
      if (ending !== 'cancelled') expect(journal.at(-1)?.state).toBe(ending);
      await suite.open(`/orders/${orderId}`);
      await suite.page.waitForSelector('[data-active]');
      for (const entry of journal.toReversed()) {
        expect(await marks(suite.page)).toEqual(expectedMarks(entry));
        await suite.page.keyboard.press('ArrowLeft');
      }
      expect(new URL(suite.page.url()).searchParams.get('step')).toBe('1');
      await suite.page.keyboard.press('End');
      expect(await marks(suite.page)).toEqual(expectedMarks(journal.at(-1)));
      // A link leads to the same step.
      await suite.open(`/orders/${orderId}?step=2`);
      await suite.page.waitForSelector('[data-active]');
      expect(await marks(suite.page)).toEqual(expectedMarks(journal[1]));
    },
    60_000,
  );

  test('the data of a step is the event of the journal, and the context that its replay gives', async () => {
    const { orderId } = await submitOrder(suite.url, ORDER);
    const journal = await suite.journalOf(orderId);
    await suite.open(`/orders/${orderId}?step=3`);
    await suite.page.locator('.data summary').click();
    await suite.page.getByRole('tab', { name: 'Event' }).click();
    const { event, edges } = journal[2] ?? { event: {}, edges: [] };
    expect(JSON.parse((await suite.page.locator('#entry-data').textContent()) ?? '')).toEqual({
      ...event,
      edges,
    });
    await suite.page.getByRole('tab', { name: 'Context' }).click();
    const context: unknown = JSON.parse((await suite.page.locator('#entry-data').textContent()) ?? '');
    expect(context).toMatchObject({ terms: { orderId }, progress: journal[2]?.message.progress });
  });

  test('an order that is posted appears in the list, and its page follows it to its end without a reload', async () => {
    await suite.open('/');
    await suite.page.waitForSelector('.link.live');
    const { orderId } = await submitOrder(suite.url, { ...ORDER, clientOrderId: 'shown-live' });
    await suite.page.locator('[role=row]', { hasText: 'shown-live' }).getByRole('link').click();
    const other = await suite.page.context().newPage();
    await other.goto(`${suite.url}/orders/${orderId}`);
    for (const tab of [suite.page, other]) await tab.waitForSelector('.state.current.ok[data-active]');
    expect(await marks(suite.page)).toEqual(expectedMarks((await suite.journalOf(orderId)).at(-1)));
    expect(await suite.page.locator('.timeline li').count()).toBe((await suite.journalOf(orderId)).length);
  });

  test('one order is shown small, without commands, as it goes on', async () => {
    const { orderId } = await submitOrder(suite.url, ORDER);
    await suite.open(`/orders/${orderId}/embed`);
    await suite.page.waitForSelector('.state.current.ok[data-active]');
    expect(await marks(suite.page)).toEqual(expectedMarks((await suite.journalOf(orderId)).at(-1)));
    expect(await suite.page.locator('button:not([aria-label^="Copy"])').count()).toBe(0);
    expect(await suite.page.locator('header.top').count()).toBe(0);
  });
});
