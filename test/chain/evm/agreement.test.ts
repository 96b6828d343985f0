/** Several endpoints: what ends an order without a fill waits until two of them say the same. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { broadcastSwap } from '../../../src/chain/evm/broadcast.ts';
import { cancelSwap } from '../../../src/chain/evm/cancel.ts';
import { confirmSwap } from '../../../src/chain/evm/confirm.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import { openChainNode, type ChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { eventually } from '../../support/eventually.ts';
import type { RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { CONFIRMATIONS, EvmWorkbench, type SignedOrder } from './evm-workbench.ts';

let bench: EvmWorkbench;
let proxies: readonly RpcProxy[];
const warnings: unknown[] = [];

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(async () => {
  await bench.begin();
  proxies = await Promise.all([1, 2, 3].map(() => bench.proxy()));
  warnings.length = 0;
});
afterAll(() => bench.close());

function at(index: number): RpcProxy {
  const proxy = proxies[index];
  if (proxy === undefined) throw new Error(`there is no endpoint ${index}`);
  return proxy;
}

function away(index: number): void {
  at(index).answer = () => ({ status: 503, body: 'maintenance' });
}

/** This endpoint has another block at each height than the chain has, as one on a branch that lost. */
function onAnotherBranch(index: number): void {
  at(index).answer = ({ method, params }) => {
    if (method !== 'eth_getBlockByNumber' || params[0] === 'latest') return null;
    const block = { number: params[0], hash: `0x${'bb'.repeat(32)}`, transactions: [] };
    return { status: 200, body: JSON.stringify({ jsonrpc: '2.0', id: 1, result: block }) };
  };
}

function nodeOf(count: number): ChainNode {
  const urls = proxies.slice(0, count).map(({ url }) => url);
  return openChainNode(urls.join(','), { log: { warn: (said: unknown) => warnings.push(said) } });
}

/** An order whose cancellation the chain has mined, deep enough. */
async function cancelled(): Promise<SignedOrder> {
  const order = await bench.armed();
  const stop = new AbortController();
  const cancelling = cancelSwap(bench.deps(), bench.signer, order.sent, {
    ...bench.execution(),
    signal: stop.signal,
  });
  const stopped = expect(cancelling).rejects.toThrow('sent');
  await eventually(
    () => bench.client.getTxpoolStatus(),
    ({ pending }) => pending === 1,
  );
  stop.abort(new Error('sent'));
  await stopped;
  await bench.mine(1 + CONFIRMATIONS);
  return order;
}

function cancelling(order: SignedOrder, node: ChainNode) {
  return cancelSwap(bench.deps({}, { node }), bench.signer, order.sent, bench.execution());
}

test('a cancellation ends the order once two endpoints have its receipt in the same block', async () => {
  const order = await cancelled();
  expect(await cancelling(order, nodeOf(2))).toMatchObject({ outcome: 'unfilled' });
  expect(
    proxies.map(({ requests }) => requests.some(({ method }) => method === 'eth_getTransactionReceipt')),
  ).toEqual([true, true, false]);
  expect(warnings).toEqual([]);
});

test.each([0, 1, 2])('of three endpoints number %i may be away', async (index) => {
  const order = await cancelled();
  away(index);
  expect(await cancelling(order, nodeOf(3))).toMatchObject({ outcome: 'unfilled' });
});

test('of two endpoints that disagree none is believed: the order waits, it is logged once, and ends once they agree', async () => {
  const order = await cancelled();
  onAnotherBranch(1);
  const outcome = cancelling(order, nodeOf(2));
  await eventually(
    () => at(1).requests.filter(({ method }) => method === 'eth_getTransactionReceipt').length,
    (asked) => asked >= 3,
  );
  expect(warnings).toHaveLength(1);
  expect((await bench.reservationOf(order)).outcome).toBeNull();
  at(1).answer = null;
  expect(await outcome).toMatchObject({ outcome: 'unfilled' });
});

test('of three endpoints two that agree outvote one that is on another branch', async () => {
  const order = await cancelled();
  onAnotherBranch(1);
  expect(await cancelling(order, nodeOf(3))).toMatchObject({ outcome: 'unfilled' });
});

test('a resender closes no nonce as unfilled for which fewer than two endpoints answer', async () => {
  const order = await cancelled();
  away(1);
  const resender = bench.resender({}, { node: nodeOf(2) });
  await resender.runOnce();
  expect((await bench.reservationOf(order)).outcome).toBeNull();
  at(1).answer = null;
  await bench.resender({}, { node: nodeOf(2) }).runOnce();
  expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'cancel' });
});

test('a fill needs no second endpoint: all steps of an order go on with one of two', async () => {
  away(0);
  const node = nodeOf(2);
  const order = await bench.armed();
  await broadcastSwap(bench.deps({}, { node }), bench.signer, order.sent, bench.signal);
  await bench.mine(1 + CONFIRMATIONS);
  expect(await mineSwap(bench.deps({}, { node }), bench.signer, order.sent, bench.execution())).toMatchObject(
    {
      outcome: 'included',
    },
  );
  expect(await confirmSwap(bench.deps({}, { node }), bench.signer, order.sent, bench.signal)).toMatchObject({
    outcome: 'filled',
  });
});

test('endpoints of two chains are refused, and one that is away is not asked', async () => {
  const chainId = bench.market.chain.chainId;
  at(1).answer = ({ method }) =>
    method === 'eth_chainId' ? { status: 200, body: '{"jsonrpc":"2.0","id":1,"result":"0x1"}' } : null;
  await expect(nodeOf(2).chainId()).rejects.toMatchObject({
    code: 'wrong_chain',
    message: expect.stringContaining(`(${chainId}, 1)`),
  });
  away(1);
  expect(await nodeOf(2).chainId()).toBe(chainId);
});

test('a node that asks for fewer requests is waited for, with that reason', async () => {
  at(0).answer = () => ({ status: 429, body: '{}' });
  const order = await bench.armed();
  await expect(
    mineSwap(bench.deps({}, { node: nodeOf(1) }), bench.signer, order.sent, bench.execution()),
  ).rejects.toMatchObject({ kind: 'wait', code: 'rpc_rate_limited' });
  expect(await nodeOf(1).send(`0x${(await bench.attemptsOf(order))[0]?.bytes.slice(2) ?? ''}`)).toMatchObject(
    {
      result: 'rate_limited',
    },
  );
});
