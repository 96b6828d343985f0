/** Orders on the private chain do not wait for allowances: its signers have them from the start. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { submitOrder } from '../../src/client/orders.ts';
import { CHAIN_MARKET } from '../../src/demo/market.ts';
import { nextDemoOrder } from '../../src/demo/order-mix.ts';
import { eventually } from '../support/eventually.ts';
import { OwnStacks } from '../support/own-stack.ts';
import { mulberry } from '../support/seeded-random.ts';

const READY_MS = 60_000;
const ENDED_MS = 60_000;

const journalSchema = z.object({
  status: z.string(),
  transitions: z.array(
    z.object({
      message: z.object({
        type: z.string(),
        waitingFor: z.object({ code: z.string() }).optional(),
      }),
    }),
  ),
});

let stacks: OwnStacks;
beforeEach(() => {
  stacks = new OwnStacks();
});
afterEach(() => stacks.remove());

interface Run {
  readonly seed: number;
  readonly orders: number;
  readonly signers: number;
  readonly allowance: 'exact' | 'unlimited';
}

/** Starts the stack, runs orders of the demo's mix to their ends, and stops it. @returns how many confirmed, and all waits' codes */
async function runOrders({ seed, orders, signers, allowance }: Run) {
  const running = await stacks.start('start', { LOCAL_SIGNERS: String(signers), ALLOWANCE: allowance });
  await running.ready(READY_MS);
  const random = mulberry(seed);
  const ids = await Promise.all(
    Array.from({ length: orders }, async (_, index) => {
      const { body } = nextDemoOrder(CHAIN_MARKET, random, Date.now() + 60_000);
      return (await submitOrder(running.url, body, { idempotencyKey: `${seed}-${index}` })).orderId;
    }),
  );
  const journals: z.infer<typeof journalSchema>[] = [];
  for (const orderId of ids) journals.push(await journalOfEnded(running.url, orderId));
  await stacks.end();
  return {
    confirmed: journals.filter(({ status }) => status === 'confirmed').length,
    waits: journals.flatMap(({ transitions }) =>
      transitions.flatMap(({ message }) =>
        message.waitingFor === undefined ? [] : [message.waitingFor.code],
      ),
    ),
  };
}

function journalOfEnded(url: string, orderId: string) {
  return eventually(
    async () => journalSchema.parse(await (await fetch(`${url}/api/orders/${orderId}/transitions`)).json()),
    ({ status }) => ['confirmed', 'failed', 'cancelled'].includes(status),
    ENDED_MS,
  );
}

const ORDERS = 8;

test('no order of the demo waits for an allowance after the first start', async () => {
  const { confirmed, waits } = await runOrders({
    seed: 1,
    signers: 2,
    orders: ORDERS,
    allowance: 'unlimited',
  });
  expect(waits).not.toContain('allowance_pending');
  expect(confirmed).toBeGreaterThan(ORDERS / 3);
}, 90_000);

test('no order waits on a data folder whose signers were allowed only some tokens, by transactions, and with more signers', async () => {
  const before = await runOrders({ seed: 3, signers: 2, orders: 6, allowance: 'exact' });
  expect(before.waits).toContain('allowance_pending');
  const after = await runOrders({ seed: 4, signers: 4, orders: ORDERS, allowance: 'unlimited' });
  expect(after.waits).not.toContain('allowance_pending');
  expect(after.confirmed).toBeGreaterThan(ORDERS / 3);
}, 180_000);
