import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { broadcastSwap } from '../../../src/chain/evm/broadcast.ts';
import { cancelSwap } from '../../../src/chain/evm/cancel.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import type { Attempt } from '../../../src/store/ledger.ts';
import { eventually } from '../../support/eventually.ts';
import { CONFIRMATIONS, EvmWorkbench, type SignedOrder } from './evm-workbench.ts';

let bench: EvmWorkbench;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(() => bench.begin());
afterAll(() => bench.close());

function cancelling({ sent }: SignedOrder) {
  return cancelSwap(bench.deps(), bench.signer, sent, bench.execution());
}

/** An order whose swap waits to be mined. */
async function onItsWay(): Promise<{ readonly order: SignedOrder; readonly swap: Attempt }> {
  const order = await bench.armed();
  await broadcastSwap(bench.deps(), bench.signer, order.sent, bench.signal);
  const [swap] = await bench.attemptsOf(order);
  if (swap === undefined) throw new Error('nothing was signed');
  return { order, swap };
}

/** The transaction that contests the nonce, once it waits to be mined. */
async function sendReplacement(order: SignedOrder): Promise<Attempt> {
  const found = await eventually(
    async () => {
      const attempts = await bench.attemptsOf(order);
      const cancel = attempts.find(({ kind }) => kind === 'cancel');
      const isOut =
        cancel !== undefined && (await bench.deps().node.hasTransaction(`0x${cancel.hash.slice(2)}`));
      return isOut ? cancel : null;
    },
    (cancel) => cancel !== null,
  );
  if (found === null) throw new Error('nothing contests the nonce');
  return found;
}

test('a swap that was mined before the cancellation is filled: what came too late is never sent', async () => {
  const { order, swap } = await onItsWay();
  await bench.mine();
  const outcome = cancelling(order);
  await bench.mine(CONFIRMATIONS);
  expect(await outcome).toMatchObject({ outcome: 'filled', fill: { hash: swap.hash } });
  expect(await bench.attemptsOf(order)).toEqual([swap]);
});

test('a swap that is mined though its nonce is contested is filled', async () => {
  const { order, swap } = await onItsWay();
  const outcome = cancelling(order);
  const cancel = await sendReplacement(order);
  await bench.client.dropTransaction({ hash: `0x${cancel.hash.slice(2)}` });
  // A block of a miner that has received only the swap.
  await bench.reorganise(1, [[swap.bytes, 0]]);
  await bench.mine(CONFIRMATIONS);
  expect(await outcome).toMatchObject({ outcome: 'filled', fill: { hash: swap.hash } });
  expect(await bench.receipt(cancel.hash)).toBeNull();
});

test('a cancellation that is mined first leaves the order unfilled, and its swap in no block', async () => {
  const { order, swap } = await onItsWay();
  const outcome = cancelling(order);
  const cancel = await sendReplacement(order);
  await bench.mine(1 + CONFIRMATIONS);
  expect(await outcome).toMatchObject({ outcome: 'unfilled' });
  expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'cancel', hash: cancel.hash });
  expect(await bench.receipt(swap.hash)).toBeNull();
});

test('a cancellation that a reorganisation replaces by the swap does not end the order unfilled', async () => {
  const { order, swap } = await onItsWay();
  const outcome = cancelling(order);
  const cancel = await sendReplacement(order);
  await bench.mine();
  expect(await bench.receipt(cancel.hash)).not.toBeNull();
  await bench.resender().runOnce();
  await bench.reorganise(1, [[swap.bytes, 0]]);
  await bench.mine(CONFIRMATIONS);
  expect(await outcome).toMatchObject({ outcome: 'filled', fill: { hash: swap.hash } });
});

test('a swap that a reorganisation replaces by the cancellation is not reported as filled', async () => {
  const { order, swap } = await onItsWay();
  const outcome = cancelling(order);
  const cancel = await sendReplacement(order);
  await bench.reorganise(1, [[swap.bytes, 0]]);
  expect(await bench.receipt(swap.hash)).not.toBeNull();
  await bench.resender().runOnce();
  await bench.reorganise(1, [[cancel.bytes, 0]]);
  await bench.mine(CONFIRMATIONS);
  expect(await outcome).toMatchObject({ outcome: 'unfilled' });
});

test('an order that was signed and never sent is cancelled without its swap ever leaving', async () => {
  const order = await bench.signed();
  const outcome = cancelling(order);
  await sendReplacement(order);
  await bench.mine(1 + CONFIRMATIONS);
  expect(await outcome).toMatchObject({ outcome: 'unfilled' });
  // A worker that slept since before: it finds the nonce beyond use.
  await broadcastSwap(bench.deps(), bench.signer, order.sent, bench.signal);
  expect(await bench.client.getTxpoolStatus()).toEqual({ pending: 0, queued: 0 });
});

test('while a nonce is contested no worker raises the fee of its swap', async () => {
  const { order, swap } = await onItsWay();
  const mined = mineSwap(bench.deps(), bench.signer, order.sent, bench.execution());
  const outcome = cancelling(order);
  const cancel = await sendReplacement(order);
  bench.now += 10_000;
  const raised = await eventually(
    () => bench.attemptsOf(order),
    (attempts) => attempts.length > 2,
  );
  expect(raised.map(({ kind }) => kind)).toEqual(['swap', 'cancel', 'cancel']);
  expect(raised.slice(0, 2)).toEqual([swap, cancel]);
  await bench.mine(1 + CONFIRMATIONS);
  expect(await outcome).toMatchObject({ outcome: 'unfilled' });
  expect(await mined).toMatchObject({ outcome: 'reverted', failure: { code: 'slot_lost' } });
});

test('of processes that cancel and mine at once, all come to the same answer', async () => {
  const { order, swap } = await onItsWay();
  const cancels = [cancelling(order), cancelling(order), cancelling(order)];
  await sendReplacement(order);
  await bench.mine(1 + CONFIRMATIONS);
  const [first, ...others] = await Promise.all(cancels);
  for (const other of others) expect(other).toEqual(first);
  const isFilled = (await bench.receipt(swap.hash)) !== null;
  expect(first?.outcome).toBe(isFilled ? 'filled' : 'unfilled');
});
