/**
 * Nodes that prune: of what lies some blocks back they answer null, or errors in words of their own. No fact follows from that: an order
 * waits and says for what, until an endpoint that has it is listed.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { broadcastSwap } from '../../../src/chain/evm/broadcast.ts';
import { cancelSwap } from '../../../src/chain/evm/cancel.ts';
import { confirmSwap } from '../../../src/chain/evm/confirm.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import { openChainNode, type ChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import type { RpcProxy, RpcRequest } from '../../support/chain/rpc-proxy.ts';
import { CONFIRMATIONS, EvmWorkbench, ownerOf, type SignedOrder } from './evm-workbench.ts';

const LONG_AGO = 40;

let bench: EvmWorkbench;
let pruning: RpcProxy;
let archive: RpcProxy;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(async () => {
  await bench.begin();
  pruning = await bench.proxy();
  archive = await bench.proxy();
}, 30_000);
afterAll(() => bench.close());

const NULL = { result: null };
/** As geth says it of blocks and receipts, and of states. */
const HISTORY = { error: { code: 4444, message: 'pruned history unavailable' } };
const STATE = { error: { code: -32000, message: 'missing trie node 9d… (path ) state is not available' } };

function prune(isPruned: (request: RpcRequest) => boolean, answer: object): void {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer });
  pruning.answer = (request) => (isPruned(request) ? { status: 200, body } : null);
}

const asksReceipt = ({ method }: RpcRequest): boolean => method === 'eth_getTransactionReceipt';
const asksTransaction = ({ method }: RpcRequest): boolean => method === 'eth_getTransactionByHash';
const asksBlock =
  (height: bigint) =>
  ({ method, params }: RpcRequest): boolean =>
    method === 'eth_getBlockByNumber' && params[0] === `0x${height.toString(16)}`;
/** Any state but that of the last block. */
const asksOldState = ({ method, params }: RpcRequest): boolean =>
  ['eth_getTransactionCount', 'eth_call', 'eth_getBalance'].includes(method) &&
  !['latest', undefined].some((place) => place === params[1]);

function nodeOf(...proxies: readonly RpcProxy[]): ChainNode {
  return openChainNode(proxies.map(({ url }) => url).join(','));
}

/** Its swap was mined before the process that looks now began, further back than its node keeps. */
async function minedLongAgo(): Promise<SignedOrder> {
  const order = await bench.armed();
  await broadcastSwap(bench.deps(), bench.signer, order.sent, bench.signal);
  await bench.mine(LONG_AGO);
  return order;
}

function mining(order: SignedOrder, node: ChainNode) {
  return mineSwap(bench.deps({}, { node }), bench.signer, order.sent, bench.execution());
}

function confirming(order: SignedOrder, node: ChainNode) {
  return confirmSwap(bench.deps({}, { node }), bench.signer, order.sent, bench.signal);
}

describe.each([
  ['null', NULL, 'receipt_missing'],
  ['error 4444', HISTORY, 'rpc_unavailable'],
])('a node that answers %s for the receipt of a swap that was mined long ago', (_, answer, code) => {
  beforeEach(() => prune(asksReceipt, answer));

  test('makes the order wait, by itself: it is neither unfilled nor sent again, and its signer is not halted', async () => {
    const order = await minedLongAgo();
    const used = await bench.usedNonces();
    const node = nodeOf(pruning);
    await expect(mining(order, node)).rejects.toMatchObject({ kind: 'wait', code });
    await expect(confirming(order, node)).rejects.toMatchObject({ kind: 'wait', code });
    const cancelled = cancelSwap(bench.deps({}, { node }), bench.signer, order.sent, bench.execution());
    await expect(cancelled).rejects.toMatchObject({ kind: 'wait', code });
    await expect(bench.resender({}, { node }).runOnce()).rejects.toMatchObject({ kind: 'wait', code });
    expect((await bench.reservationOf(order)).outcome).toBeNull();
    expect((await bench.readAccount()).halted).toBeNull();
    expect(await bench.usedNonces()).toBe(used);
    expect(pruning.requests.filter(({ method }) => method === 'eth_sendRawTransaction')).toEqual([]);
  });

  test('is passed over for an endpoint that has it: the order is filled', async () => {
    const order = await minedLongAgo();
    const node = nodeOf(pruning, archive);
    const hash = order.sent.transactions[0]?.hash;
    expect(await mining(order, node)).toMatchObject({ outcome: 'included', hash });
    expect(await confirming(order, node)).toMatchObject({ outcome: 'filled', fill: { hash } });
  });

  test('loses no fill of a nonce that another process closed', async () => {
    const order = await minedLongAgo();
    await bench.resender().runOnce();
    expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'swap', status: 'success' });
    await expect(confirming(order, nodeOf(pruning))).rejects.toMatchObject({ kind: 'wait', code });
    expect(await confirming(order, nodeOf(pruning, archive))).toMatchObject({ outcome: 'filled' });
  });
});

test.each([
  ['null', NULL],
  ['error 4444', HISTORY],
])(
  'a swap that reverted ends as reverted where the node answers %s for its transaction: the reason is unknown',
  async (_, answer) => {
    const order = await bench.armed();
    await broadcastSwap(bench.deps(), bench.signer, order.sent, bench.signal);
    await bench.client.setNextBlockTimestamp({ timestamp: BigInt(order.sent.terms.validTo + 1) });
    await bench.mine(LONG_AGO);
    await bench.resender().runOnce();
    const { outcome } = await bench.reservationOf(order);
    expect(outcome).toMatchObject({ kind: 'swap', status: 'reverted' });
    prune((request) => asksReceipt(request) || asksTransaction(request), answer);
    expect(await mining(order, nodeOf(pruning))).toMatchObject({
      outcome: 'reverted',
      hash: outcome?.hash,
      failure: { code: 'reverted' },
    });
  },
);

test('a nonce that another transaction used is not told while the node lacks the state to find it, and halts the signer once it has', async () => {
  const order = await bench.armed();
  await bench.sendForeign((await bench.reservationOf(order)).nonce);
  await bench.mine(LONG_AGO);
  prune(asksOldState, STATE);
  const node = nodeOf(pruning);
  await expect(mining(order, node)).rejects.toMatchObject({ kind: 'wait', code: 'rpc_unavailable' });
  expect((await bench.readAccount()).halted).toBeNull();
  await expect(bench.resender({}, { node: nodeOf(pruning, archive) }).runOnce()).rejects.toMatchObject({
    code: 'signer_halted',
  });
  expect((await bench.readAccount()).halted).toMatchObject({ code: 'foreign_transaction' });
});

test.each([
  ['null', NULL],
  ['error 4444', HISTORY],
])('a node that answers %s for the first blocks tells chains apart by block 0', async (_, answer) => {
  const genesis = (await bench.client.getBlock({ blockNumber: 0n })).hash;
  prune(asksBlock(1n), answer);
  expect(await nodeOf(pruning).genesis()).toBe(genesis);
});

test('a node without the block that would tell the pace at the start is watched all the same', async () => {
  await bench.mine(LONG_AGO);
  const order = await bench.armed();
  const head = await bench.client.getBlockNumber();
  prune(asksBlock(head - 16n), HISTORY);
  const node = openChainNode(pruning.url, { pollMs: 20 });
  expect((await node.head()).number).toBe(head);
  await broadcastSwap(bench.deps({}, { node }), bench.signer, order.sent, bench.signal);
  const mined = mining(order, node);
  await bench.mine(CONFIRMATIONS + 1);
  expect(await mined).toMatchObject({ outcome: 'included' });
  expect((await bench.store.ledger.reservations.find(bench.accountId, ownerOf(order)))?.state).toBe('armed');
});
