/** What limits refuse, as a client sees it. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { orderLimits } from '../../src/orders/submission/order-limits.ts';
import type { Limits } from '../../src/settings/limits-file.ts';
import { readLimits } from '../../src/settings/limits-file.ts';
import type { Store } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { ask, fieldsOf, submit, WETH_TO_USDC, type Answer } from '../support/http/rest-client.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const WETH_ADDRESS = '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2';
const ALICE = '0xabcdEfaBCdEF0123456789abCdEfAbCdEF012345';
const BOB = `0x${'b0'.repeat(20)}`;
/** More than 64 bits. */
const MUCH = 10n ** 24n;
const DAY_MS = 86_400_000;

function nameOf(token: string): string | null {
  const name = token.toUpperCase();
  if (name === WETH_ADDRESS.toUpperCase()) return 'WETH';
  return ['WETH', 'USDC', 'DAI'].includes(name) ? name : null;
}

describe('limits', () => {
  let dir: TempDir;
  let store: Store;
  let server: RestServer | null = null;
  beforeEach(async () => {
    dir = tempDir();
    store = await openSqliteStore({ file: join(dir.path, 'orders.sqlite') });
  });
  afterEach(async () => {
    await server?.stop();
    await store.close();
    dir.remove();
  });

  async function start(json: object, over: Partial<Limits> = {}): Promise<RestServer> {
    const limits = { ...readLimits(json, nameOf, []), ...over };
    server = await startRestServer({ limits: orderLimits(limits, nameOf, store.dayTotals) });
    // The same distance from midnight, whenever this runs.
    server.ahead = DAY_MS - (Date.now() % DAY_MS) + DAY_MS / 2;
    return server;
  }

  const selling = (amount: bigint, more: object = {}): object => ({
    ...WETH_TO_USDC,
    sellAmount: amount.toString(),
    ...more,
  });

  function refusedWith(answer: Answer, code: string): void {
    expect(answer).toMatchObject({
      status: 403,
      json: { code, status: 403, type: `/problems/${code.replaceAll('_', '-')}` },
    });
  }

  test('one order may sell up to the limit, and not one unit more', async () => {
    const at = await start({ perOrder: { WETH: MUCH.toString() } });
    expect((await submit(at, selling(MUCH))).status).toBe(201);
    const refused = await submit(at, selling(MUCH + 1n));
    refusedWith(refused, 'limit_per_order');
    expect(refused.json['limit']).toEqual({
      token: 'WETH',
      asked: (MUCH + 1n).toString(),
      most: MUCH.toString(),
    });
    refusedWith(await submit(at, selling(MUCH + 1n, { sellToken: WETH_ADDRESS })), 'limit_per_order');
    refusedWith(await submit(at, selling(MUCH + 1n, { sellToken: 'weth' })), 'limit_per_order');
    expect((await submit(at, selling(MUCH + 1n, { sellToken: 'DAI' }))).status).toBe(201);
  });

  test('the orders of a day may sell what they may together, under whichever name, and say what is left', async () => {
    const at = await start({ perOwnerAndDay: { WETH: (2n * MUCH).toString() } });
    expect((await submit(at, selling(MUCH))).status).toBe(201);
    expect((await submit(at, selling(MUCH - 1n, { sellToken: WETH_ADDRESS }))).status).toBe(201);
    const refused = await submit(at, selling(2n));
    refusedWith(refused, 'limit_per_day');
    const renewsAt = new Date((Math.floor((Date.now() + at.ahead) / DAY_MS) + 1) * DAY_MS).toISOString();
    expect(refused.json['limit']).toEqual({
      token: 'WETH',
      asked: '2',
      most: (2n * MUCH).toString(),
      left: '1',
      renewsAt,
    });
    expect((await submit(at, selling(1n))).status).toBe(201);
    refusedWith(await submit(at, selling(1n)), 'limit_per_day');

    at.ahead += DAY_MS / 2 - 60_000;
    refusedWith(await submit(at, selling(1n)), 'limit_per_day');
    at.ahead += 120_000;
    expect((await submit(at, selling(2n * MUCH))).status).toBe(201);
  });

  test('a repeated key is counted once, and is answered when the limit is used up, and on the next day', async () => {
    const at = await start({ perOwnerAndDay: { WETH: '10' } });
    const first = await submit(at, selling(10n), 'key');
    expect(first.status).toBe(201);
    const again = await submit(at, selling(10n), 'key');
    expect(again).toMatchObject({ status: 200, json: { orderId: first.json['orderId'] } });
    expect((await submit(at, selling(9n), 'key')).json['code']).toBe('idempotency_key_reused');
    at.ahead += DAY_MS;
    expect((await submit(at, selling(10n), 'key')).status).toBe(200);
    expect((await submit(at, selling(10n), 'other')).status).toBe(201);
  });

  test('fifty times the same at once is one order, counted once', async () => {
    const at = await start({ perOwnerAndDay: { WETH: '10' } });
    const answers = await Promise.all(Array.from({ length: 50 }, () => submit(at, selling(6n), 'key')));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(49).fill(200), 201]);
    expect((await submit(at, selling(5n))).json['limit']).toMatchObject({ left: '4' });
  });

  test('what was counted stays so when the order was not stored, and its repetition is not counted again', async () => {
    const at = await start({ perOwnerAndDay: { WETH: '10' } });
    const create = at.store.orders.create.bind(at.store.orders);
    // The store becomes unavailable between both writes.
    at.store.orders.create = async (order) => {
      at.store.goAway();
      return create(order);
    };
    expect((await submit(at, selling(6n), 'key')).status).toBe(503);
    at.store.orders.create = create;
    at.store.goAway(false);
    expect((await submit(at, selling(5n))).json['limit']).toMatchObject({ left: '4' });
    expect((await submit(at, selling(6n), 'key')).status).toBe(201);
    expect((await submit(at, selling(5n))).json['limit']).toMatchObject({ left: '4' });
  });

  test('an order that was cancelled still counts', async () => {
    const at = await start({ perOwnerAndDay: { WETH: '10' } });
    const { json } = await submit(at, selling(10n));
    at.store.tamper(String(json['orderId']), { status: 'cancelled' });
    refusedWith(await submit(at, selling(1n)), 'limit_per_day');
  });

  test('what another rule refuses is not counted', async () => {
    const at = await start({ perOwnerAndDay: { WETH: '10' }, perOrder: { WETH: '8' } });
    refusedWith(await submit(at, selling(9n)), 'limit_per_order');
    expect((await submit(at, selling(5n, { validTo: 1 }))).status).toBe(400);
    expect((await submit(at, selling(8n))).status).toBe(201);
    expect((await submit(at, selling(2n))).status).toBe(201);
  });

  test('only allowed tokens are traded, in either direction, and each is named that is not', async () => {
    const at = await start({ allowedTokens: ['WETH', 'USDC'] });
    expect((await submit(at, selling(1n, { sellToken: WETH_ADDRESS }))).status).toBe(201);
    const sold = await submit(at, selling(1n, { sellToken: 'DAI' }));
    refusedWith(sold, 'token_not_allowed');
    expect(fieldsOf(sold)).toEqual(['/sellToken']);
    const both = await submit(at, selling(1n, { sellToken: 'DAI', buyToken: BOB }));
    refusedWith(both, 'token_not_allowed');
    expect(fieldsOf(both)).toEqual(['/sellToken', '/buyToken']);
  });

  test('only allowed recipients are named, however they are written; naming none is allowed', async () => {
    const at = await start({ allowedRecipients: [ALICE] });
    expect((await submit(at, selling(1n))).status).toBe(201);
    expect((await submit(at, selling(1n, { recipient: ALICE.toLowerCase() }))).status).toBe(201);
    const refused = await submit(at, selling(1n, { recipient: BOB }));
    refusedWith(refused, 'recipient_not_allowed');
    expect(fieldsOf(refused)).toEqual(['/recipient']);
    expect(JSON.stringify(refused.json)).not.toMatch(new RegExp(ALICE, 'i'));
  });

  test('what was accepted before a limit was set is still answered', async () => {
    const at = await start({ allowedTokens: ['USDC', 'DAI'] }, { allowedTokens: null });
    const { json } = await submit(at, selling(1n), 'key');
    const stored = at.store;
    await at.stop();
    const later = await startRestServer({
      limits: orderLimits(readLimits({ allowedTokens: ['USDC'] }, nameOf, []), nameOf, store.dayTotals),
    });
    server = later;
    Object.assign(later.store.orders, stored.orders);
    expect(await submit(later, selling(1n), 'key')).toMatchObject({
      status: 200,
      json: { orderId: json['orderId'] },
    });
    expect((await ask(later, `/problems/limit-per-day`)).status).toBe(200);
  });
});
