/** What orders cost in requests, on blocks that come as often as 12-second blocks would at the default CHAIN_POLL_MS of 250. */
import { expect, test } from '@jest/globals';
import type { SentInput } from '../../../machines/order/types.ts';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import type { EvmSubmitter } from '../../../src/chain/evm/submitter.ts';
import { boundedSignal } from '../../support/bounded-signal.ts';
import { eventually } from '../../support/eventually.ts';
import { rpcProxy, type RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { EvmMarket } from './evm-market.ts';

const BLOCK_MS = 480;
/** 48 of them to a block. */
const POLL_MS = 10;
const CONFIRMED_AFTER = 9;

/** Asked of the chain, not for an order. */
const FOR_A_BLOCK = ['eth_getBlockByNumber', 'eth_getBlockByHash', 'eth_getTransactionCount'];

function countOf(proxy: RpcProxy, isCounted: (method: string) => boolean): number {
  return proxy.requests.filter(({ method }) => isCounted(method)).length;
}

test('an order costs at most 20 requests and a block at most 4, however often a poll interval passes; without orders there is none', async () => {
  const market = await EvmMarket.open(BLOCK_MS);
  const proxy = await rpcProxy(market.anvil.rpcUrl);
  try {
    const node = openChainNode(proxy.url, { pollMs: POLL_MS });
    const submitter = await market.submitter({ confirmations: CONFIRMED_AFTER, pollMs: POLL_MS }, node);
    await run(market, submitter);
    await eventually(
      async () =>
        (await market.store()).ledger.accounts.read(`${market.chain.chainId}:${market.signer.toLowerCase()}`),
      ({ open }) => open.length === 0,
    );

    // A pass of the resender that began before the nonce was closed has ended by then.
    await blocksLater(market, 2n);
    proxy.requests.length = 0;
    await blocksLater(market, 3n);
    expect(proxy.requests).toEqual([]);

    const from = await market.client.getBlockNumber();
    const orders = 3;
    await Promise.all(Array.from({ length: orders }, () => run(market, submitter)));
    const blocks = Number((await market.client.getBlockNumber()) - from);
    expect(countOf(proxy, (method) => !FOR_A_BLOCK.includes(method)) / orders).toBeLessThanOrEqual(20);
    expect(countOf(proxy, (method) => FOR_A_BLOCK.includes(method)) / blocks).toBeLessThanOrEqual(4);
  } finally {
    await market.close();
    await proxy.close();
  }
}, 120_000);

async function blocksLater(market: EvmMarket, blocks: bigint): Promise<void> {
  const from = await market.client.getBlockNumber();
  await eventually(
    () => market.client.getBlockNumber(),
    (number) => number >= from + blocks,
  );
}

/** Signs, sends and confirms an order, once the allowance is mined. */
async function run(market: EvmMarket, submitter: EvmSubmitter): Promise<void> {
  const { terms, swap } = await market.newOrder();
  const signer = await submitter.assignSigner(terms);
  const execution = {
    signal: boundedSignal('the order', 60_000),
    durable: () => Promise.resolve(),
    report: () => Promise.resolve(),
  };
  const input = { terms, swap, signer, epoch: 1 };
  const { transaction } = await eventually(
    () => submitter.sign(input, execution).catch(() => ({ transaction: null })),
    (signed) => signed.transaction !== null,
    20_000,
  );
  if (transaction === null) throw new Error('the order was not signed');
  const sent: SentInput = { ...input, venue: swap.venue, transactions: [transaction] };
  await submitter.broadcast(sent, execution);
  expect(await submitter.mine(sent, execution)).toMatchObject({ outcome: 'included' });
  expect(await submitter.confirm(sent, execution)).toMatchObject({ outcome: 'filled' });
}
