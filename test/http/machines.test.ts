import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { machineRegistry } from '../../machines/registry.ts';
import { chartOf } from '../../src/charts/chart.ts';
import { configJson } from '../../src/charts/formats.ts';
import { machineStatsSchema } from '../../src/protocol/machine-stats.ts';
import { ask, submitted } from '../support/http/rest-client.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

const HEAD = { block: 12, at: '2026-01-31T12:00:00.000Z' };
const CHAIN = {
  chain: {
    execution: 'chain' as const,
    chainId: 1,
    confirmations: 9,
    explorer: 'https://etherscan.io/tx/{hash}',
  },
  tokens: [{ symbol: 'WETH', address: '0x1111111111111111111111111111111111111111', decimals: 18 }],
  readHead: () => Promise.resolve(HEAD),
};

let server: RestServer;
beforeAll(async () => {
  server = await startRestServer({ publicUrl: 'https://host.example/swaps', chainFacts: CHAIN });
});
afterAll(() => server.stop());

test('every registered machine version is listed, with links below the path of PUBLIC_URL', async () => {
  const { json } = await ask(server, '/api/machines');
  expect(json).toMatchObject({
    current: machineRegistry.current,
    machines: [...machineRegistry.machines].map(([version, { id }]) => ({
      version,
      id,
      links: { self: `/swaps/api/machines/${version}`, json: `/swaps/api/machines/${version}?format=json` },
    })),
  });
});

test.each([...machineRegistry.machines])(
  'machine version %i is answered as a chart',
  async (version, machine) => {
    const { status, json } = await ask(server, `/api/machines/${version}`);
    expect([status, json]).toMatchObject([
      200,
      { version, chart: JSON.parse(JSON.stringify(chartOf(machine))) as object },
    ]);
  },
);

test.each([
  ['json', 'application/json; charset=utf-8', '"id"'],
  ['typescript', 'text/plain; charset=utf-8', 'createMachine('],
  ['mermaid', 'text/plain; charset=utf-8', 'stateDiagram-v2'],
])('the format %s is %s', async (format, contentType, part) => {
  const answer = await fetch(`${server.url}/api/machines/1?format=${format}`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, contentType]);
  expect(await answer.text()).toContain(part);
});

test('the format json is the config of the machine', async () => {
  const answer = await fetch(`${server.url}/api/machines/1?format=json`);
  const machine = machineRegistry.machines.get(1);
  expect(await answer.text()).toBe(machine === undefined ? '' : configJson(machine));
});

test.each([
  ['/api/machines/99', 404, 'not_found'],
  ['/api/machines/one', 400, 'invalid_request'],
  ['/api/machines/1?format=scxml', 400, 'invalid_request'],
])('%s is refused with %i', async (path, status, code) => {
  expect(await ask(server, path)).toMatchObject({ status, json: { code } });
});

test('the chain and its tokens are answered', async () => {
  expect((await ask(server, '/api/chain')).json).toEqual({ ...CHAIN.chain, head: HEAD });
  expect((await ask(server, '/api/tokens')).json).toEqual({ tokens: CHAIN.tokens });
});

test('the stats of a machine are those of its orders, and an unknown version has none', async () => {
  await submitted(server);
  const { status, json } = await ask(server, `/api/machines/${machineRegistry.current}/stats?orders=10`);
  expect([status, machineStatsSchema.strict().parse(json)]).toMatchObject([
    200,
    { orders: 1, complete: true, states: [{ path: 'pending', orders: 1, now: 1, p50Ms: null }] },
  ]);
  expect((await ask(server, '/api/machines/99/stats')).status).toBe(404);
  expect((await ask(server, '/api/machines/1/stats?orders=2001')).status).toBe(400);
});
