/**
 * Whether the time of an answer tells an order of another owner from one that does not exist. `npm run bench -- --timing` asks for more.
 * A sign test: by chance either one takes longer in half of the pairs, however busy the machine is.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { addKey, identityOf } from '../identity/identities.ts';
import { post, WETH_TO_USDC } from '../support/http/rest-client.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';
import { drawOrderId, seededRandom } from '../support/seeded-random.ts';

const TRIES = 300;
/** By chance the count is further from half of the pairs in one of 150,000 runs: 4.5 standard deviations. */
const MOST_FROM_HALF = 4.5 * Math.sqrt(TRIES / 4);
const random = seededRandom('timing');

let server: RestServer;
let bob: Record<string, string>;
let foreign: string;
beforeAll(async () => {
  server = await startRestServer({ identity: identityOf() });
  const { key } = await addKey(server.store.identity, 'alice', 'submit');
  const { json } = await post(server, '/api/orders/execute', WETH_TO_USDC, {
    authorization: `Bearer ${key}`,
  });
  foreign = z.object({ orderId: z.string() }).parse(json).orderId;
  bob = { authorization: `Bearer ${(await addKey(server.store.identity, 'bob', 'submit')).key}` };
});
afterAll(() => server.stop());

async function timeOf(orderId: string): Promise<number> {
  const at = performance.now();
  const response = await fetch(`${server.url}/api/orders/${orderId}`, { headers: bob });
  await response.text();
  expect(response.status).toBe(404);
  return performance.now() - at;
}

test(`${TRIES} answers for another owner's order take as long as for unknown ones`, async () => {
  // In pairs, in a drawn order: what else the machine does weighs on both alike.
  const differences: number[] = [];
  const times: number[] = [];
  for (let tried = 0; tried < TRIES; tried += 1) {
    const unknown = drawOrderId(random);
    const isForeignFirst = random() < 0.5;
    const first = await timeOf(isForeignFirst ? foreign : unknown);
    const second = await timeOf(isForeignFirst ? unknown : foreign);
    differences.push(isForeignFirst ? first - second : second - first);
    times.push(first, second);
  }
  const longer = differences.filter((difference) => difference > 0).length;
  expect(Math.abs(longer - TRIES / 2)).toBeLessThan(MOST_FROM_HALF);
  // Neither is answered before the timer.
  expect(Math.min(...times)).toBeGreaterThan(9);
}, 60_000);
