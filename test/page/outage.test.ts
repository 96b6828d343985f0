/** The page while its server dies and returns. */
import { expect, test } from '@jest/globals';
import { submitOrder } from '../../src/client/orders.ts';
import { expectedMarks, marks } from './marks.ts';
import { ORDER, pageSuite } from './page-suite.ts';

pageSuite('a page whose server dies', {}, (suite) => {
  test('a killed server is told, and its return mends the list and an open order', async () => {
    await suite.open('/');
    await suite.page.waitForSelector('.link.live');
    const { orderId } = await submitOrder(suite.url, ORDER);
    const other = await suite.page.context().newPage();
    await other.goto(`${suite.url}/orders/${orderId}`);
    await other.waitForSelector('.state.current');
    await suite.kill();
    await suite.page.getByRole('alert').waitFor();
    await suite.start();
    await suite.page.waitForSelector('.link.live');
    expect(await suite.page.getByRole('alert').count()).toBe(0);
    const { orderId: after } = await submitOrder(suite.url, { ...ORDER, clientOrderId: 'after-the-kill' });
    await suite.page.locator('[role=row]', { hasText: 'after-the-kill' }).waitFor();
    await other.waitForSelector('.state.current:is(.ok, .bad, .off)');
    expect(await marks(other)).toEqual(expectedMarks((await suite.journalOf(orderId)).at(-1)));
    await suite.journalOf(after);
  }, 60_000);
});
