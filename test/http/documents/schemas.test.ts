/** JSON Schemas, one by one: what the code takes they take. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { publishedSchema, SCHEMA_NAMES } from '../../../src/http/documents/standalone-schemas.ts';
import { sampleOf } from '../../../src/http/documents/samples.ts';
import { ask } from '../../support/http/rest-client.ts';
import { startRestServer, type RestServer } from '../../support/http/rest-server.ts';

let server: RestServer;
beforeAll(async () => {
  server = await startRestServer();
});
afterAll(() => server.stop());

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

function fits(name: string, value: unknown): boolean {
  const validate = ajv.getSchema(name) ?? ajv.compile({ ...publishedSchema(name), $id: name });
  return validate(value) === true;
}

test.each(SCHEMA_NAMES)('%s is a valid JSON Schema, and served with and without .json', async (name) => {
  expect(() => fits(name, {})).not.toThrow();
  const { json } = await ask(server, `/schemas/${name}.json`);
  expect(json).toEqual(JSON.parse(JSON.stringify(publishedSchema(name))));
  expect((await ask(server, `/schemas/${name}`)).json).toEqual(json);
});

test('an unknown schema is not found, and the answer names those that there are', async () => {
  const { status, json } = await ask(server, '/schemas/constructor');
  expect([status, json['code']]).toEqual([404, 'not_found']);
  expect(json['detail']).toContain('chain-file.json');
});

test('message takes each message, and no other type', () => {
  for (const name of ['PendingMessage', 'RetryMessage', 'ConfirmedMessage', 'HeartbeatMessage']) {
    expect([name, fits('message', sampleOf(name))]).toEqual([name, true]);
  }
  expect(fits('message', { ...sampleOf('PendingMessage'), type: 'launched' })).toBe(false);
  expect(fits('journaled-message', sampleOf('HeartbeatMessage'))).toBe(false);
});

test('submission refuses what the server refuses by its form', () => {
  const order = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1' };
  expect(fits('submission', order)).toBe(true);
  for (const wrong of [
    { sellAmount: '0' },
    { sellAmount: '01' },
    { sellAmount: 1 },
    { sellamount: '1' },
    { slippageBps: 5001 },
  ]) {
    expect([wrong, fits('submission', { ...order, ...wrong })]).toEqual([wrong, false]);
  }
});

test('chain-file and limits-file take files that name their schema', () => {
  const at = (digits: string): string => `0x${digits.repeat(20)}`;
  const market = {
    $schema: './docs/schemas/chain-file.json',
    chainId: 1,
    multicall3: at('01'),
    tokens: [{ symbol: 'WETH', address: at('11'), decimals: 18 }],
    exchanges: [{ kind: 'uniswap-v2', name: 'v2', factory: at('21'), router: at('22') }],
  };
  expect(fits('chain-file', market)).toBe(true);
  expect(fits('chain-file', { ...market, multicall3: '0x12' })).toBe(false);
  expect(fits('limits-file', { $schema: 'x', perOrder: { WETH: '5' } })).toBe(true);
  expect(fits('limits-file', { perorder: { WETH: '5' } })).toBe(false);
});
