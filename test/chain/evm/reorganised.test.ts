/** Reorganisations shallower than the number of confirmations. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { encodeAbiParameters, keccak256 } from 'viem';
import type { ConfirmationOutcome, Report } from '../../../machines/order/types.ts';
import { confirmSwap } from '../../../src/chain/evm/confirm.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import type { Attempt } from '../../../src/store/ledger.ts';
import { eventually } from '../../support/eventually.ts';
import { CONFIRMATIONS, EvmWorkbench, type SignedOrder } from './evm-workbench.ts';

const WETH9_BALANCES_SLOT = 3n;

let bench: EvmWorkbench;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(() => bench.begin());
afterAll(() => bench.close());

function mining({ sent }: SignedOrder, reports: Report[] = []) {
  return mineSwap(bench.deps(), bench.signer, sent, bench.execution(reports));
}

function confirming({ sent }: SignedOrder) {
  return confirmSwap(bench.deps(), bench.signer, sent, bench.signal);
}

function isKnown({ hash }: Attempt): Promise<boolean> {
  return bench.deps().node.hasTransaction(`0x${hash.slice(2)}`);
}

/**
 * What an order's confirmation ends with. anvil reorganises in steps, and a look between two of them finds the swap in no block:
 * then the order is mined and confirmed once more, as its machine does it.
 */
async function endOf(
  order: SignedOrder,
  confirmed: Promise<ConfirmationOutcome>,
): Promise<ConfirmationOutcome> {
  const end = await confirmed;
  if (end.outcome === 'filled') return end;
  expect(await mining(order)).toMatchObject({ outcome: 'included' });
  return confirming(order);
}

async function attemptOf(order: SignedOrder, index = 0): Promise<Attempt> {
  const attempt = (await bench.attemptsOf(order))[index];
  if (attempt === undefined) throw new Error(`attempt ${index + 1} was not signed`);
  return attempt;
}

/** An order whose swap is in the last block. */
async function included(): Promise<{ readonly order: SignedOrder; readonly attempt: Attempt }> {
  const order = await bench.armed();
  const attempt = await attemptOf(order);
  const outcome = mining(order);
  await eventually(() => isKnown(attempt), Boolean);
  await bench.mine();
  expect(await outcome).toMatchObject({ outcome: 'included', hash: attempt.hash });
  return { order, attempt };
}

async function executionsOf(order: SignedOrder): Promise<number> {
  const receipts = await Promise.all((await bench.attemptsOf(order)).map(({ hash }) => bench.receipt(hash)));
  return receipts.filter((receipt) => receipt?.status === 'success').length;
}

test('a swap whose block is gone is sent again as it was, and is filled in another block', async () => {
  const { order, attempt } = await included();
  const first = await bench.receipt(attempt.hash);
  await bench.reorganise(1);
  expect(await bench.receipt(attempt.hash)).toBeNull();
  expect(await confirming(order)).toEqual({ outcome: 'reorganised' });
  const again = mining(order);
  await eventually(() => isKnown(attempt), Boolean);
  await bench.mine();
  const mined = await again;
  expect(mined).toMatchObject({ outcome: 'included', hash: attempt.hash });
  await bench.mine(CONFIRMATIONS);
  const confirmed = await confirming(order);
  expect(confirmed).toMatchObject({ outcome: 'filled', fill: { hash: attempt.hash } });
  const { fill } = confirmed.outcome === 'filled' ? confirmed : { fill: null };
  expect(fill?.block).toBeGreaterThan(Number(first?.blockNumber));
  expect(await executionsOf(order)).toBe(1);
  expect(await bench.attemptsOf(order)).toHaveLength(1);
});

test('a swap that only moves to another block goes on to be confirmed, from that block on', async () => {
  const { order, attempt } = await included();
  await bench.mine(CONFIRMATIONS - 1);
  const confirmed = confirming(order);
  // Two blocks become two others, of which the second holds it.
  await bench.reorganise(CONFIRMATIONS, [[attempt.bytes, CONFIRMATIONS - 1]]);
  const moved = await bench.receipt(attempt.hash);
  await bench.mine();
  await bench.resender().runOnce();
  expect((await bench.reservationOf(order)).outcome).toBeNull();
  await bench.mine(CONFIRMATIONS - 1);
  expect(await endOf(order, confirmed)).toMatchObject({
    outcome: 'filled',
    fill: { hash: attempt.hash, block: Number(moved?.blockNumber) },
  });
});

test('where the other attempt of the nonce wins after a reorganisation, that one is the fill', async () => {
  const order = await bench.armed();
  const first = await attemptOf(order);
  const outcome = mining(order);
  await eventually(() => isKnown(first), Boolean);
  bench.now += 1_000;
  await eventually(
    () => bench.attemptsOf(order),
    (attempts) => attempts.length === 2,
  );
  const raised = await attemptOf(order, 1);
  await eventually(() => isKnown(raised), Boolean);
  await bench.mine();
  expect(await outcome).toMatchObject({ outcome: 'included', hash: raised.hash });

  const confirmed = confirming(order);
  await bench.reorganise(1, [[first.bytes, 0]]);
  expect(await bench.receipt(raised.hash)).toBeNull();
  await bench.mine(CONFIRMATIONS);
  expect(await endOf(order, confirmed)).toMatchObject({ outcome: 'filled', fill: { hash: first.hash } });
  expect(await executionsOf(order)).toBe(1);
});

test('a revert that is taken back does not count: the order is filled on the same nonce', async () => {
  const order = await bench.armed();
  const attempt = await attemptOf(order);
  const reports: Report[] = [];
  const outcome = mining(order, reports);
  await eventually(() => isKnown(attempt), Boolean);
  await takeWethAway();
  await bench.mine();
  expect(await bench.receipt(attempt.hash)).toMatchObject({ status: 'reverted' });
  await bench.mine(CONFIRMATIONS - 1);
  await eventually(
    () => reports,
    (all) => all.length > 0,
  );
  expect(reports).toMatchObject([{ type: 'WAITING', failure: { code: 'revert_not_final' } }]);
  await bench.resender().runOnce();
  // One block further back: that of the swap began where there was no WETH any more.
  await bench.reorganise(CONFIRMATIONS + 1, [[attempt.bytes, 1]]);
  expect(await bench.receipt(attempt.hash)).toMatchObject({ status: 'success' });
  expect(await outcome).toMatchObject({ outcome: 'included', hash: attempt.hash });
  await bench.mine(CONFIRMATIONS);
  expect(await confirming(order)).toMatchObject({ outcome: 'filled', fill: { hash: attempt.hash } });
});

test('a revert that stays is reported once it is final, with its reason, and not before', async () => {
  const order = await bench.armed();
  const attempt = await attemptOf(order);
  let told = false;
  const outcome = mining(order).finally(() => (told = true));
  await eventually(() => isKnown(attempt), Boolean);
  await takeWethAway();
  await bench.mine(CONFIRMATIONS);
  await bench.resender().runOnce();
  expect([told, (await bench.reservationOf(order)).outcome]).toEqual([false, null]);
  await bench.mine();
  expect(await outcome).toMatchObject({
    outcome: 'reverted',
    hash: attempt.hash,
    failure: { kind: 'reroute', code: 'insufficient_funds' },
  });
});

/** From the next block on, and in no block before. */
async function takeWethAway(): Promise<void> {
  const index = keccak256(
    encodeAbiParameters(
      [{ type: 'address' }, { type: 'uint256' }],
      [bench.signer.address, WETH9_BALANCES_SLOT],
    ),
  );
  await bench.client.setStorageAt({ address: bench.market.weth, index, value: `0x${'00'.repeat(32)}` });
}
