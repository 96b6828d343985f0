import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { parseTransaction } from 'viem';
import { broadcastSwap } from '../../../src/chain/evm/broadcast.ts';
import { cancelSwap } from '../../../src/chain/evm/cancel.ts';
import { confirmSwap } from '../../../src/chain/evm/confirm.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import type { ResenderContext } from '../../../src/chain/evm/resender.ts';
import { signSwap } from '../../../src/chain/evm/sign-swap.ts';
import { openLocalClient, type LocalClient } from '../../../src/chain/local/local-client.ts';
import { anvilWith, type AnvilWith } from '../../support/anvil-with.ts';
import { eventually } from '../../support/eventually.ts';
import { CONFIRMATIONS, EvmWorkbench, type SignedOrder } from './evm-workbench.ts';

const RAISE_AFTER_MS = 1_000;

let bench: EvmWorkbench;
let legacy: AnvilWith;
let client: LocalClient;
let context: ResenderContext;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
/** A node of the same chain, by the rules of before EIP-1559. */
beforeEach(async () => {
  await bench.begin();
  legacy = await anvilWith('--hardfork', 'berlin');
  client = openLocalClient(legacy.rpcUrl);
  await client.loadState({ state: await bench.client.dumpState() });
  await client.mine({ blocks: 1 });
  const { decoder, ...deps } = bench.deps({}, { node: openChainNode(legacy.rpcUrl) });
  context = {
    ...deps,
    decoder: {
      ...decoder,
      readFill: (name, terms, receipt) => bench.market.venue(name, legacy.rpcUrl).readFill(terms, receipt),
    },
  };
}, 30_000);
afterEach(() => legacy.close());
afterAll(() => bench.close());

async function armed(): Promise<SignedOrder> {
  const { terms, swap } = await bench.market.newOrder();
  const input = { terms, swap, signer: bench.signer.address, epoch: 1 };
  const { transaction } = await signSwap(context, bench.signer, input, bench.execution());
  const sent = { ...input, venue: swap.venue, transactions: [transaction] };
  bench.submitted.set(terms.orderId, { epoch: 1, hashes: [transaction.hash] });
  await broadcastSwap(context, bench.signer, sent, bench.signal);
  return { swap, sent };
}

async function signedFor(order: SignedOrder) {
  const attempts = await bench.attemptsOf(order);
  return attempts.map(({ bytes }) => parseTransaction(`0x${bytes.slice(2)}`));
}

test('on a chain without base fee an order is signed with a gas price, mined and confirmed', async () => {
  expect((await client.getBlock()).baseFeePerGas).toBeNull();
  const order = await armed();
  expect(await signedFor(order)).toMatchObject([{ type: 'legacy' }]);
  await client.mine({ blocks: CONFIRMATIONS + 1 });
  expect(await mineSwap(context, bench.signer, order.sent, bench.execution())).toMatchObject({
    outcome: 'included',
  });
  expect(await confirmSwap(context, bench.signer, order.sent, bench.signal)).toMatchObject({
    outcome: 'filled',
  });
});

test('on a chain without base fee a cancellation offers an eighth more, and again until it is mined', async () => {
  const order = await armed();
  const cancelling = cancelSwap(context, bench.signer, order.sent, bench.execution());
  const two = await eventually(
    () => signedFor(order),
    (signed) => signed.length === 2,
  );
  bench.now += RAISE_AFTER_MS;
  await eventually(
    () => signedFor(order),
    (signed) => signed.length === 3,
  );
  const prices = (await signedFor(order)).map(({ type, gasPrice }) => (type === 'legacy' ? gasPrice : null));
  expect(prices).toEqual([...prices].sort((one, other) => Number((one ?? 0n) - (other ?? 0n))));
  for (const [index, price] of prices.slice(1).entries()) {
    expect(price ?? 0n).toBeGreaterThan(((prices[index] ?? 0n) * 9n) / 8n);
  }
  expect(two).toMatchObject([{ type: 'legacy' }, { type: 'legacy', to: bench.signer.address.toLowerCase() }]);
  await client.mine({ blocks: CONFIRMATIONS + 1 });
  expect(await cancelling).toMatchObject({ outcome: 'unfilled' });
});
