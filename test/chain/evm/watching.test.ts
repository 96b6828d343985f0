/** The one watcher of a process, where its blocks do not tell all: it began late, missed blocks, or its node lags. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { broadcastSwap } from '../../../src/chain/evm/broadcast.ts';
import { confirmSwap } from '../../../src/chain/evm/confirm.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import { openChainNode, type ChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { eventually } from '../../support/eventually.ts';
import type { RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { CONFIRMATIONS, EvmWorkbench, type SignedOrder } from './evm-workbench.ts';

const POLL_MS = 20;
/** More than the watcher reads block by block. */
const MANY_BLOCKS = 40;

let bench: EvmWorkbench;
let proxy: RpcProxy;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(async () => {
  await bench.begin();
  proxy = await bench.proxy();
});
afterAll(() => bench.close());

function watching(): ChainNode {
  return openChainNode(proxy.url, { pollMs: POLL_MS });
}

async function sentOrder(): Promise<SignedOrder> {
  const order = await bench.armed();
  await broadcastSwap(bench.deps(), bench.signer, order.sent, bench.signal);
  return order;
}

function mining(order: SignedOrder, node: ChainNode) {
  return mineSwap(bench.deps({}, { node }), bench.signer, order.sent, bench.execution());
}

function confirming(order: SignedOrder, node: ChainNode) {
  return confirmSwap(bench.deps({}, { node }), bench.signer, order.sent, bench.signal);
}

function lookedAt(): number {
  return proxy.requests.filter(({ method }) => method === 'eth_getBlockByNumber').length;
}

test('a swap that was mined before the watcher began is found and confirmed', async () => {
  const order = await sentOrder();
  await bench.mine(MANY_BLOCKS);
  const node = watching();
  const hash = order.sent.transactions[0]?.hash;
  expect(await mining(order, node)).toMatchObject({ outcome: 'included', hash });
  expect(await confirming(order, node)).toMatchObject({ outcome: 'filled', fill: { hash } });
});

test('a swap that is mined in a gap of many blocks between two looks is found', async () => {
  const order = await sentOrder();
  const node = watching();
  const mined = mining(order, node);
  await eventually(lookedAt, (looks) => looks >= 3);
  await bench.mine(MANY_BLOCKS);
  expect(await mined).toMatchObject({ outcome: 'included', hash: order.sent.transactions[0]?.hash });
  expect(await confirming(order, node)).toMatchObject({ outcome: 'filled' });
});

test('a receipt that the node does not have yet, though a block holds its transaction, is waited for without a storm of requests', async () => {
  const order = await sentOrder();
  const node = watching();
  const isReceipt = ({ method }: { readonly method: string }) => method === 'eth_getTransactionReceipt';
  proxy.answer = (request) =>
    isReceipt(request) ? { status: 200, body: '{"jsonrpc":"2.0","id":1,"result":null}' } : null;
  const mined = mining(order, node);
  await eventually(lookedAt, (looks) => looks >= 3);
  await bench.mine();
  await eventually(
    () => proxy.requests.filter(isReceipt).length,
    (asked) => asked >= 3,
  );
  const from = performance.now();
  const before = proxy.requests.filter(isReceipt).length;
  await eventually(
    () => proxy.requests.filter(isReceipt).length,
    (asked) => asked >= before + 10,
  );
  // Ten receipts took at least ten pauses, each of a poll interval, in which both readings of a status may ask.
  expect(performance.now() - from).toBeGreaterThanOrEqual((9 * POLL_MS) / 2);
  proxy.answer = null;
  expect(await mined).toMatchObject({ outcome: 'included' });
});

test('a swap whose block is taken back is found gone, and confirmed from its next block on', async () => {
  const order = await sentOrder();
  const [attempt] = await bench.attemptsOf(order);
  const node = watching();
  const mined = mining(order, node);
  await eventually(lookedAt, (looks) => looks >= 3);
  await bench.mine();
  await mined;
  const confirmed = confirming(order, node);
  await bench.reorganise(1);
  await bench.mine();
  expect(await confirmed).toEqual({ outcome: 'reorganised' });
  const again = mining(order, node);
  await eventually(() => bench.deps().node.hasTransaction(`0x${attempt?.hash.slice(2) ?? ''}`), Boolean);
  await bench.mine(1);
  expect(await again).toMatchObject({ outcome: 'included' });
  await bench.mine(CONFIRMATIONS);
  expect(await confirming(order, node)).toMatchObject({ outcome: 'filled' });
});

test('orders that wait for the same block share its look, and ask for one receipt each', async () => {
  const orders = [await sentOrder(), await sentOrder(), await sentOrder(), await sentOrder()];
  const node = watching();
  const mined = Promise.all(orders.map((order) => mining(order, node)));
  await eventually(lookedAt, (looks) => looks >= 3);
  proxy.requests.length = 0;
  await bench.mine();
  await mined;
  const confirmed = Promise.all(orders.map((order) => confirming(order, node)));
  await bench.mine(CONFIRMATIONS);
  await confirmed;
  const asked = (method: string) => proxy.requests.filter((each) => each.method === method).length;
  expect(asked('eth_getTransactionReceipt')).toBe(orders.length);
});
