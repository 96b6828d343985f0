/** Quotes on the private chain: what is quoted is what an order gets, and an api answers them without a worker. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { getOrder, submitOrder } from '../../src/client/orders.ts';
import { quotesViewSchema } from '../../src/protocol/views.ts';
import { eventually } from '../support/eventually.ts';
import { OwnStacks } from '../support/own-stack.ts';

const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' };

let stacks: OwnStacks;
beforeEach(() => {
  stacks = new OwnStacks();
});
afterEach(() => stacks.remove());

function ask(url: string): Promise<Response> {
  return fetch(`${url}/api/quotes`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(ORDER),
  });
}

test('an order takes the venue that was quoted, at that price, and an api alone quotes it, too', async () => {
  const api = await stacks.start('api');
  await api.ready(60_000);
  const early = await ask(api.url);
  expect([early.status, await early.json()]).toMatchObject([503, { code: 'quotes_unavailable' }]);

  const stack = await stacks.start('start');
  await stack.ready(60_000);
  const health = await (await fetch(`${stack.url}/health`)).json();
  expect(health).toMatchObject({ parts: { signers: { status: 'ok', signers: 1, halted: 0, low: 0 } } });
  const quoted = quotesViewSchema.parse(await (await ask(stack.url)).json());
  expect(quoted.quotes).toHaveLength(3);
  expect(quoted.route?.gasPriced).toBe(true);
  const byApi = quotesViewSchema.parse(await (await ask(api.url)).json());
  expect(byApi.route?.buyAmount).toBe(quoted.route?.buyAmount);

  const { orderId } = await submitOrder(stack.url, ORDER);
  const order = await eventually(
    () => getOrder(stack.url, orderId),
    ({ status }) => status === 'confirmed',
    30_000,
  );
  expect(order.venue).toBe(quoted.route?.venue);
  expect(order.executedBuyAmount).toBe(quoted.route?.buyAmount);
}, 120_000);

test('an api for a chain behind RPC_URL whose market it does not know says so, and takes orders all the same', async () => {
  const api = await stacks.start('api', { RPC_URL: 'http://127.0.0.1:1' });
  await api.ready(60_000);
  const answer = await ask(api.url);
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'quotes_unavailable' }]);
  expect((await submitOrder(api.url, ORDER)).status).toBe('pending');
}, 60_000);
