import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { broadcastSwap } from '../../../src/chain/evm/broadcast.ts';
import { cancelSwap } from '../../../src/chain/evm/cancel.ts';
import { confirmSwap } from '../../../src/chain/evm/confirm.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import { nonceReceipt } from '../../../src/chain/evm/nonces/nonce-receipt.ts';
import { eventually } from '../../support/eventually.ts';
import { CONFIRMATIONS, EvmWorkbench, ownerOf, type SignedOrder } from './evm-workbench.ts';

let bench: EvmWorkbench;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(() => bench.begin());
afterAll(() => bench.close());

async function sentOrder(): Promise<SignedOrder> {
  const order = await bench.armed();
  await broadcastSwap(bench.deps(), bench.signer, order.sent, bench.signal);
  return order;
}

/** What the chain itself says of it. */
async function costOf(hash: string) {
  const receipt = await bench.receipt(hash);
  if (receipt === null) throw new Error(`${hash} is in no block`);
  const { blockNumber, gasUsed, effectiveGasPrice } = receipt;
  return {
    block: Number(blockNumber),
    gasUsed: gasUsed.toString(),
    paid: (gasUsed * effectiveGasPrice).toString(),
  };
}

test('a swap that is mined, and one that is final, come with block, gas used and what was paid', async () => {
  const order = await sentOrder();
  await bench.mine();
  const mined = await mineSwap(bench.deps(), bench.signer, order.sent, bench.execution());
  const [transaction] = order.sent.transactions;
  const receipt = {
    ...transaction,
    kind: 'swap',
    status: 'success',
    ...(await costOf(transaction?.hash ?? '')),
  };
  expect(mined).toEqual({
    outcome: 'included',
    hash: transaction?.hash,
    block: receipt.block,
    receipt,
  });
  await bench.mine(CONFIRMATIONS);
  expect(await confirmSwap(bench.deps(), bench.signer, order.sent, bench.signal)).toMatchObject({ receipt });
  // Closed by now: as another worker finds it.
  expect(await mineSwap(bench.deps(), bench.signer, order.sent, bench.execution())).toEqual(mined);
});

test('a swap that reverted comes with what it cost', async () => {
  const order = await sentOrder();
  await bench.client.setNextBlockTimestamp({ timestamp: BigInt(order.sent.terms.validTo + 1) });
  await bench.mine(1 + CONFIRMATIONS);
  const mined = await mineSwap(bench.deps(), bench.signer, order.sent, bench.execution());
  const [transaction] = order.sent.transactions;
  expect(mined).toMatchObject({
    outcome: 'reverted',
    receipt: { ...transaction, kind: 'swap', status: 'reverted', ...(await costOf(transaction?.hash ?? '')) },
  });
});

test('a cancelled order learns of the transaction that used its nonce, and what it cost', async () => {
  const order = await bench.armed();
  const cancelled = cancelSwap(bench.deps(), bench.signer, order.sent, bench.execution());
  await eventually(
    () => bench.client.getTxpoolStatus(),
    ({ pending }) => pending === 1,
  );
  await bench.mine(1 + CONFIRMATIONS);
  const { nonce, outcome } = await eventually(
    () => bench.reservationOf(order),
    ({ state }) => state === 'closed',
  );
  const hash = outcome?.hash ?? '';
  const own = { hash, signer: bench.signer.address, nonce, epoch: ownerOf(order).epoch };
  expect(await cancelled).toEqual({
    outcome: 'unfilled',
    receipt: { ...own, kind: 'cancel', status: 'success', ...(await costOf(hash)) },
  });
});

test.each([
  ['what a rollup charges for data is part of what was paid', { effectiveGasPrice: 3n, l1Fee: '0x10' }, '76'],
  ['a receipt without a price says nothing of what was paid', { effectiveGasPrice: null }, null],
])('%s', (_what, charges, paid) => {
  const receipt = {
    transactionHash: '0x1',
    blockNumber: 7n,
    status: 'success',
    gasUsed: 20n,
    ...charges,
  } as const;
  expect(nonceReceipt(bench.signer, { nonce: 4, epoch: 2 }, 'swap', receipt)).toMatchObject({
    nonce: 4,
    epoch: 2,
    block: 7,
    gasUsed: '20',
    paid,
  });
});
