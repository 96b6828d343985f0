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
  const journals = await Promise.all(ids.map((orderId) => journalOfEnded(running.url, orderId)));
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

test('no order of the demo waits for an allowance, neither after the first start nor after the second, with more signers', async () => {
  for (const [seed, signers] of [
    [1, 2],
    [2, 4],
  ] as const) {
    const { confirmed, waits } = await runOrders({ seed, signers, orders: 12, allowance: 'unlimited' });
    expect({ seed, confirmed: confirmed > 5, waits }).toEqual({
      seed,
      confirmed: true,
      waits: expect.not.arrayContaining(['allowance_pending']),
    });
  }
}, 180_000);

test('on a data folder whose signers were allowed only some tokens, by transactions, no order waits after the next start', async () => {
  const before = await runOrders({ seed: 3, signers: 2, orders: 6, allowance: 'exact' });
  expect(before.waits).toContain('allowance_pending');
  const after = await runOrders({ seed: 4, signers: 2, orders: 12, allowance: 'unlimited' });
  expect(after.waits).not.toContain('allowance_pending');
  expect(after.confirmed).toBeGreaterThan(5);
}, 180_000);
