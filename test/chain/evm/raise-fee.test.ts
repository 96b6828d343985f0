import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Report } from '../../../machines/order/types.ts';
import { cancelSwap } from '../../../src/chain/evm/cancel.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import type { Attempt } from '../../../src/store/ledger.ts';
import { eventually } from '../../support/eventually.ts';
import { CONFIRMATIONS, EvmWorkbench, ownerOf, type SignedOrder } from './evm-workbench.ts';

const RAISE_AFTER_MS = 1_000;

let bench: EvmWorkbench;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(() => bench.begin());
afterAll(() => bench.close());

async function firstOf(order: SignedOrder): Promise<Attempt> {
  const [first] = await bench.attemptsOf(order);
  if (first === undefined) throw new Error('nothing was signed');
  return first;
}

/** Blocks ask for more than the order offers, from the next one on, until it is called again. */
async function mineAbove(attempt: Attempt, by = 1n): Promise<void> {
  await bench.client.setNextBlockBaseFeePerGas({ baseFeePerGas: BigInt(attempt.maxFeePerGas) + by });
  await bench.mine();
}

function isKnown(hash: string): Promise<boolean> {
  return bench.deps().node.hasTransaction(`0x${hash.slice(2)}`);
}

interface Mining {
  readonly outcome: ReturnType<typeof mineSwap>;
  readonly reports: readonly Report[];
  readonly stop: () => Promise<void>;
}

function mining(
  order: SignedOrder,
  settings: Parameters<EvmWorkbench['deps']>[0] = {},
  onReport: (report: Report) => Promise<void> = () => Promise.resolve(),
): Mining {
  const reports: Report[] = [];
  const stopping = new AbortController();
  const outcome = mineSwap(bench.deps(settings), bench.signer, order.sent, {
    signal: stopping.signal,
    durable: () => Promise.resolve(),
    report: async (report) => {
      await onReport(report);
      reports.push(report);
    },
  });
  outcome.catch(() => undefined);
  return {
    outcome,
    reports,
    stop: async () => {
      stopping.abort(new Error('the test ends'));
      await outcome.catch(() => undefined);
    },
  };
}

test('a swap that is not mined is replaced on its nonce, at an eighth more on both fees, reported before it is sent', async () => {
  const order = await bench.armed();
  const first = await firstOf(order);
  const knownWhenTold: boolean[] = [];
  const { outcome, reports } = mining(order, {}, async (report) => {
    if (report.type === 'REPLACED') knownWhenTold.push(await isKnown(report.transaction.hash));
  });
  await eventually(() => isKnown(first.hash), Boolean);
  await mineAbove(first);
  bench.now += RAISE_AFTER_MS;
  await eventually(
    () => reports,
    (all) => all.length === 2,
  );
  expect(reports).toMatchObject([
    { type: 'WAITING', failure: { kind: 'wait', code: 'fee_too_low' } },
    { type: 'REPLACED', transaction: { nonce: first.nonce, epoch: 1 } },
  ]);
  expect(knownWhenTold).toEqual([false]);
  const [, raised] = await bench.attemptsOf(order);
  const eighthMore = (wei: string): bigint => (BigInt(wei) * 9n) / 8n;
  expect(BigInt(raised?.maxFeePerGas ?? 0)).toBeGreaterThan(eighthMore(first.maxFeePerGas));
  expect(BigInt(raised?.maxPriorityFeePerGas ?? 0)).toBeGreaterThan(eighthMore(first.maxPriorityFeePerGas));
  await eventually(() => isKnown(raised?.hash ?? ''), Boolean);
  await mineAbove(first);
  expect(await outcome).toMatchObject({ outcome: 'included', hash: raised?.hash });
  expect(await bench.receipt(first.hash)).toBeNull();
});

test('a replacement that its order could not store is never sent', async () => {
  const order = await bench.armed();
  const first = await firstOf(order);
  const { outcome } = mining(order, {}, (report) =>
    report.type === 'REPLACED' ? Promise.reject(new Error('the order is lost')) : Promise.resolve(),
  );
  await eventually(() => isKnown(first.hash), Boolean);
  bench.now += RAISE_AFTER_MS;
  await expect(outcome).rejects.toThrow('the order is lost');
  const [, raised] = await bench.attemptsOf(order);
  await bench.resender().runOnce();
  expect(await isKnown(raised?.hash ?? '')).toBe(false);
  await bench.mine();
  expect(await bench.receipt(first.hash)).toMatchObject({ status: 'success' });
});

test('at the limit nothing is replaced: the order says so, and is filled once the base fee comes down', async () => {
  const order = await bench.armed();
  const first = await firstOf(order);
  const { outcome, reports } = mining(order, { maxFeePerGas: BigInt(first.maxFeePerGas) });
  await eventually(() => isKnown(first.hash), Boolean);
  await mineAbove(first);
  bench.now += RAISE_AFTER_MS;
  await eventually(
    () => reports,
    (all) => all.length > 0,
  );
  expect(reports).toMatchObject([{ type: 'WAITING', failure: { kind: 'wait', code: 'fee_limit' } }]);
  expect(await bench.attemptsOf(order)).toEqual([first]);
  await bench.client.setNextBlockBaseFeePerGas({ baseFeePerGas: 1n });
  await bench.mine();
  expect(await outcome).toMatchObject({ outcome: 'included', hash: first.hash });
});

test('a swap that waits behind another is not replaced: its turn has not come', async () => {
  const [ahead, order] = [await bench.armed(), await bench.armed()];
  const { reports, stop } = mining(order);
  await eventually(() => isKnown(order.sent.transactions[0]?.hash ?? ''), Boolean);
  bench.now += 10 * RAISE_AFTER_MS;
  const aheadMines = mining(ahead);
  await eventually(() => isKnown(ahead.sent.transactions[0]?.hash ?? ''), Boolean);
  expect(reports).toEqual([]);
  expect(await bench.attemptsOf(order)).toHaveLength(1);
  await Promise.all([stop(), aheadMines.stop()]);
});

test('a nonce of a cancelled swap at the fee limit is used up, too', async () => {
  const order = await bench.signed();
  const limit = { maxFeePerGas: BigInt((await firstOf(order)).maxFeePerGas) };
  await bench.store.ledger.reservations.move(bench.accountId, ownerOf(order), 'reserved', 'void');
  const resender = bench.resender(limit);
  await resender.runOnce();
  await bench.mine(1 + CONFIRMATIONS);
  await resender.runOnce();
  expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'cancel', status: 'success' });
});

test('a swap that was lost at the limit can be cancelled', async () => {
  const order = await bench.armed();
  const limit = { maxFeePerGas: BigInt((await firstOf(order)).maxFeePerGas) };
  const cancelled = cancelSwap(bench.deps(limit), bench.signer, order.sent, bench.execution());
  await eventually(
    () => bench.client.getTxpoolStatus(),
    ({ pending }) => pending === 1,
  );
  await bench.mine(1 + CONFIRMATIONS);
  expect(await cancelled).toMatchObject({ outcome: 'unfilled' });
  expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'cancel', status: 'success' });
});
