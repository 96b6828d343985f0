/** Which tokens and addresses a submission may name. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NATIVE_COIN } from '../../machines/native-coin.ts';
import { listedTokens, type TokenNames } from '../../src/settings/token-names.ts';
import { fieldsOf, submit, WETH_TO_USDC } from '../support/http/rest-client.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

const WETH = '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2';
const USDC = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';
const LISTED = listedTokens([
  { symbol: 'WETH', address: WETH },
  { symbol: 'USDC', address: USDC },
]);
const UNLISTED = `0x${'77'.repeat(20)}`;
/** One letter in the wrong case. */
const TYPO = '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756CC2';

let server: RestServer;
async function start(tokens?: TokenNames): Promise<void> {
  await server.stop();
  server = await startRestServer(tokens === undefined ? {} : { tokens });
}
beforeEach(async () => {
  server = await startRestServer({ tokens: LISTED });
});
afterEach(() => server.stop());

const submitting = (change: object, key?: string) => submit(server, { ...WETH_TO_USDC, ...change }, key);

test.each(['0', '1', '9', '100'])(
  'a recipient whose tokens nobody could spend is refused: 0x…%s',
  async (end) => {
    const answer = await submitting({ recipient: `0x${end.padStart(40, '0')}` });
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(fieldsOf(answer)).toEqual(['/recipient']);
    expect(await server.store.orders.countOpen()).toBe(0);
  },
);

test("the address of the chain's own coin is no recipient", async () => {
  expect(await submitting({ recipient: NATIVE_COIN })).toMatchObject({
    status: 400,
    json: { code: 'invalid_request' },
  });
});

test("the chain's own coin is taken for a token, and not for its wrapped one", async () => {
  const weth = { symbol: 'WETH', address: WETH };
  await start(
    listedTokens([weth, { symbol: 'USDC', address: USDC }, { symbol: 'ETH', address: NATIVE_COIN }]),
  );
  expect((await submitting({ sellToken: 'ETH' }, 'sells')).status).toBe(201);
  expect((await submitting({ sellToken: 'USDC', buyToken: NATIVE_COIN }, 'buys')).status).toBe(201);
  const wraps = await submitting({ sellToken: 'eth', buyToken: 'WETH' }, 'wraps');
  expect([wraps.status, fieldsOf(wraps)]).toEqual([400, ['/buyToken']]);
});

describe('where the tokens are known', () => {
  test.each([
    ['a symbol', { buyToken: 'PEPE' }, ['/buyToken']],
    ['an address', { sellToken: UNLISTED }, ['/sellToken']],
    ['both', { sellToken: 'PEPE', buyToken: UNLISTED }, ['/sellToken', '/buyToken']],
  ])('%s that is not on the list is refused, with those that are', async (_what, change, fields) => {
    const answer = await submitting(change);
    expect(answer).toMatchObject({
      status: 400,
      json: { code: 'unknown_token', type: '/problems/unknown-token', status: 400 },
    });
    expect(fieldsOf(answer)).toEqual(fields);
    expect(JSON.stringify(answer.json['errors'])).toContain(
      'expected one of WETH, USDC, or the address of one',
    );
    expect(await server.store.orders.countOpen()).toBe(0);
    expect(server.wakes).toEqual([]);
  });

  test.each([
    [{ sellToken: 'WETH', buyToken: WETH }],
    [{ sellToken: WETH, buyToken: 'weth' }],
    [{ sellToken: WETH, buyToken: WETH.toLowerCase() }],
  ])('a token is not swapped for itself under another name (%j)', async (change) => {
    const answer = await submitting(change);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(fieldsOf(answer)).toEqual(['/buyToken']);
  });

  test.each([
    [{ sellToken: 'weth' }],
    [{ sellToken: WETH, buyToken: USDC }],
    [{ sellToken: WETH.toLowerCase() }],
    [{ sellToken: `0x${WETH.slice(2).toUpperCase()}` }],
  ])('a listed one is taken by each of its names (%j)', async (change) => {
    expect((await submitting(change)).status).toBe(201);
  });

  test('an order that was accepted before is answered again; another body under its key is not', async () => {
    await start();
    const first = await submitting({ buyToken: 'PEPE', recipient: TYPO.toLowerCase() }, 'key');
    const stored = server.store;
    await start(LISTED);
    Object.assign(server.store.orders, stored.orders);
    const again = await submitting({ buyToken: 'PEPE', recipient: TYPO.toLowerCase() }, 'key');
    expect(again).toMatchObject({ status: 200, json: { orderId: first.json['orderId'] } });
    expect((await submitting({ buyToken: 'SHIB' }, 'key')).json['code']).toBe('idempotency_key_reused');
    expect((await submitting({ buyToken: 'PEPE' }, 'other')).json['code']).toBe('unknown_token');
  });

  test('not more than twenty are named', async () => {
    await start(
      listedTokens(
        Array.from({ length: 500 }, (_, i) => ({
          symbol: `T${i}`,
          address: `0x${String(i).padStart(40, '0')}`,
        })),
      ),
    );
    const { json } = await submitting({ sellToken: 'T1', buyToken: 'PEPE' });
    expect(json['detail']).toContain('T19 and 480 more');
    expect(JSON.stringify(json)).not.toContain('T20');
  });
});

test('the simulation takes any token', async () => {
  await start();
  expect((await submitting({ sellToken: 'PEPE', buyToken: UNLISTED })).status).toBe(201);
});

describe('a checksum', () => {
  test.each([
    ['recipient', { recipient: TYPO }],
    ['sellToken', { sellToken: TYPO }],
    ['buyToken', { buyToken: TYPO }],
  ])('of %s that is wrong is refused', async (field, change) => {
    const answer = await submitting(change);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(fieldsOf(answer)).toEqual([`/${field}`]);
    expect(answer.json['detail']).toContain('valid EIP-55 checksum');
  });

  test('is checked in the simulation, too', async () => {
    await start();
    expect((await submitting({ recipient: TYPO })).status).toBe(400);
  });

  test.each([WETH, WETH.toLowerCase(), `0x${WETH.slice(2).toUpperCase()}`, `0x${'7'.repeat(40)}`])(
    'that is right or not there is accepted: %s',
    async (recipient) => {
      expect((await submitting({ recipient })).status).toBe(201);
    },
  );
});
