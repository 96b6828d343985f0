/** `POST /api/orders/execute?dryRun=true`: all checks of a submission, and nothing else. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { orderLimits } from '../../src/orders/submission/order-limits.ts';
import { readLimits } from '../../src/settings/limits-file.ts';
import { ANY_TOKEN } from '../../src/settings/token-names.ts';
import { fieldsOf, post, submit, submitted, WETH_TO_USDC, type Answer } from '../support/http/rest-client.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/ports.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const ONE = WETH_TO_USDC.sellAmount;
const ALICE = '0xabcdEfaBCdEF0123456789abCdEfAbCdEF012345';
let server: RestServer;
let dir: TempDir;
let counted: Store;

beforeEach(async () => {
  dir = tempDir();
  counted = await openSqliteStore({ file: join(dir.path, 'orders.sqlite') });
  const limits = readLimits(
    {
      perOrder: { WETH: `3${ONE.slice(1)}` },
      perOwnerAndDay: { WETH: `4${ONE.slice(1)}` },
      allowedRecipients: [ALICE],
    },
    ANY_TOKEN.nameOf,
    [],
  );
  server = await startRestServer({
    limit: 3,
    limits: orderLimits(limits, ANY_TOKEN.nameOf, counted.dayTotals),
  });
});
afterEach(async () => {
  await server.stop();
  await counted.close();
  dir.remove();
});

function dryRun(more: object = {}, key?: string): Promise<Answer> {
  const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key };
  return post(server, '/api/orders/execute?dryRun=true', { ...WETH_TO_USDC, ...more }, headers);
}

async function stored(): Promise<number> {
  const { orders } = await server.store.orders.list({ owner: 'local', limit: 100 });
  return orders.length;
}

describe('a dry run', () => {
  test('answers what the order would ask for, with defaults, and stores, counts and wakes nothing', async () => {
    const { status, json } = await dryRun({ recipient: ALICE });
    expect([status, json]).toEqual([
      200,
      {
        dryRun: true,
        wouldCreate: true,
        orderId: null,
        ...WETH_TO_USDC,
        minBuyAmount: null,
        slippageBps: 50,
        validTo: expect.any(Number),
        recipient: ALICE,
        clientOrderId: null,
      },
    ]);
    for (let repeated = 0; repeated < 10; repeated += 1) expect((await dryRun()).status).toBe(200);
    expect(await stored()).toBe(0);
    expect(server.wakes).toEqual([]);
    expect(await counted.dayTotals.all()).toEqual([]);
  });

  test('names the order that its key would have, which the submission then makes', async () => {
    const { json } = await dryRun({}, 'my-key');
    expect(json).toMatchObject({ wouldCreate: true });
    expect(await submitted(server, {}, 'my-key')).toBe(json['orderId']);
  });

  test('of a key that has an order names it, and creates nothing; with another body it is refused', async () => {
    const orderId = await submitted(server, {}, 'key');
    expect((await dryRun({}, 'key')).json).toMatchObject({ wouldCreate: false, orderId });
    expect(await dryRun({ slippageBps: 7 }, 'key')).toMatchObject({
      status: 422,
      json: { code: 'idempotency_key_reused' },
    });
    expect(await stored()).toBe(1);
  });

  test('refuses what the submission would be refused for, with the same answer', async () => {
    const wrong = [
      { sellAmount: `5${ONE.slice(1)}` },
      { recipient: `0x${'b0'.repeat(20)}` },
      { recipient: '0x0000000000000000000000000000000000000001' },
      { validTo: 1 },
      { buyToken: 'WETH' },
      { sellAmount: '0' },
    ];
    for (const each of wrong) {
      const [tried, sent] = [await dryRun(each), await submit(server, { ...WETH_TO_USDC, ...each })];
      expect([tried.status, tried.json]).toEqual([sent.status, sent.json]);
      expect(tried.status).toBeGreaterThanOrEqual(400);
    }
  });

  test('knows what is left of the day and of the open orders', async () => {
    await submitted(server, { sellAmount: `2${ONE.slice(1)}` });
    expect(await dryRun({ sellAmount: `3${ONE.slice(1)}` })).toMatchObject({
      status: 403,
      json: { code: 'limit_per_day', limit: { left: `2${ONE.slice(1)}` } },
    });
    expect((await dryRun()).status).toBe(200);
    for (let order = 0; order < 2; order += 1) await submitted(server, { sellAmount: '1' });
    expect(await dryRun({ sellAmount: '1' })).toMatchObject({
      status: 429,
      json: { code: 'too_many_orders' },
    });
  });

  test('is asked for by name: another value is refused, and false submits', async () => {
    expect(fieldsOf(await post(server, '/api/orders/execute?dryRun=yes', WETH_TO_USDC))).toEqual(['dryRun']);
    expect(fieldsOf(await post(server, '/api/orders/execute?dryrun=true', WETH_TO_USDC))).toEqual(['dryrun']);
    expect(await stored()).toBe(0);
    expect((await post(server, '/api/orders/execute?dryRun=false', WETH_TO_USDC)).status).toBe(201);
  });
});
