/** What only a chain shows on the page, in a real browser over a private chain: quotes in the form, gas, blocks, confirmations. */
import { expect, test } from '@jest/globals';
import { getOrder } from '../../src/client/orders.ts';
import { eventually } from '../support/eventually.ts';
import { pageSuite } from './page-suite.ts';

pageSuite('the page on a private chain', { env: { CONFIRMATIONS: '8', LOCAL_BLOCK_MS: '400' } }, (suite) => {
  test('the form says what an order would get, and its page what it cost, with confirmations that count up', async () => {
    await eventually(
      async () => (await fetch(`${suite.url}/api/tokens`)).text(),
      (tokens) => tokens.includes('USDC'),
      60_000,
    );
    const { page } = suite;
    await suite.open('/');
    await page.waitForSelector('.link.live');
    await page.keyboard.press('n');
    const amount = page.getByLabel('Amount, in whole tokens');
    await amount.fill('0.5');
    const quote = page.getByRole('region', { name: 'What it would get' });
    await quote.getByText(/You get about [\d,.]+ USDC on \w+/).waitFor();
    await quote.getByText(/Of 3 venues/).waitFor();
    // It asks again once the answer is no longer good.
    const seconds = async () =>
      Number(/(\d+) s$/.exec((await quote.locator('dd').last().textContent()) ?? '')?.[1]);
    await eventually(seconds, (left) => left < 10, 15_000);
    await eventually(seconds, (left) => left >= 11, 20_000);

    await amount.fill('0.5.5');
    await page.getByText('expected a number').waitFor();
    expect(await quote.count()).toBe(0);
    await amount.fill('0');
    expect(await page.locator('#sellAmount-wrong').textContent()).toContain('more than 0');
    await amount.fill('0.25');
    await quote.getByText(/You get about/).waitFor();
    await page.getByRole('button', { name: 'Submit the order' }).click();

    await page.waitForURL(/\/orders\/[a-z2-7]{32}$/);
    const orderId = page.url().slice(-32);
    const transactions = page.getByRole('region', { name: 'Transactions' });
    const counts: number[] = [];
    await eventually(
      async () => {
        const text = await transactions.textContent({ timeout: 10_000 });
        const count = /(\d) of 8 confirmations/.exec(text ?? '')?.[1];
        if (count !== undefined && counts.at(-1) !== Number(count)) counts.push(Number(count));
        return text ?? '';
      },
      (text) => text.includes('executed in block'),
      30_000,
    );
    expect(counts.length).toBeGreaterThan(1);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));

    const [transaction] = (await getOrder(suite.url, orderId)).transactions;
    await transactions.getByText(`executed in block ${transaction?.block}`).waitFor();
    const gas = transactions.getByRole('button', { name: /ETH$/ });
    expect(await gas.textContent()).toMatch(/^0\.0\d+ ETH$/);
    await gas.click();
    await transactions.getByText(`${transaction?.paid} base units of ETH`).waitFor();
    await page.locator('.order-head').getByText('Gas paid').waitFor();
  }, 120_000);

  test('the system page shows the newest block and the signers', async () => {
    await suite.open('/system');
    const chain = suite.page.getByRole('region', { name: 'chain' });
    const block = async () => Number(await chain.locator('dt:text-is("block") + dd').textContent());
    const first = await block();
    await eventually(block, (number) => number > first);
    const signers = suite.page.getByRole('region', { name: 'Signers' });
    await signers.getByText('signs').first().waitFor();
  }, 30_000);
});
