/** Reorganisations deeper than the number of confirmations: what the ledger holds as final is in no block any more. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import type { Resender } from '../../../src/chain/evm/resender.ts';
import { resumeSigner } from '../../../src/chain/evm/nonces/resume-signer.ts';
import { CONFIRMATIONS, EvmWorkbench, type SignedOrder } from './evm-workbench.ts';

/** Longer than a node may lag. */
const LONG_MS = 10_000;

let bench: EvmWorkbench;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(() => bench.begin());
afterAll(() => bench.close());

/** An order whose swap was final, before a reorganisation took its block; another one waits for the chain. */
async function tookBack(
  resender: Resender,
): Promise<{ readonly final: SignedOrder; readonly open: SignedOrder }> {
  const final = await bench.armed();
  await resender.runOnce();
  await bench.mine(1 + CONFIRMATIONS);
  await resender.runOnce();
  expect((await bench.reservationOf(final)).outcome).toMatchObject({ kind: 'swap', status: 'success' });
  const open = await bench.armed();
  await bench.reorganise(2 + CONFIRMATIONS);
  expect(await bench.receipt(final.sent.transactions[0]?.hash ?? '')).toBeNull();
  await bench.forget();
  return { final, open };
}

test('a node that lags for a moment halts nothing', async () => {
  const resender = bench.resender();
  await tookBack(resender);
  await resender.runOnce();
  bench.now += 1_000;
  await resender.runOnce();
  expect((await bench.readAccount()).halted).toBeNull();
});

test('a signer whose final nonces the chain took back is halted, once, with the orders concerned, and their bytes are sent again', async () => {
  const resender = bench.resender();
  const { final, open } = await tookBack(resender);
  const { nonce } = await bench.reservationOf(final);
  await resender.runOnce();
  bench.now += LONG_MS;
  await resender.runOnce();
  await resender.runOnce();
  const { halted } = await bench.readAccount();
  expect(halted?.code).toBe('chain_took_back');
  expect(halted?.message).toContain(`has used ${nonce} nonces of ${bench.signer.address}`);
  expect(bench.errors).toMatchObject([{ orders: [{ nonce, orderId: final.sent.terms.orderId }] }]);
  await expect(resumeSigner(bench.deps(), bench.signer)).rejects.toMatchObject({
    kind: 'wait',
    code: 'chain_took_back',
  });
  expect((await bench.readAccount()).halted).not.toBeNull();

  await bench.mine(1 + CONFIRMATIONS);
  expect(await bench.receipt(final.sent.transactions[0]?.hash ?? '')).toMatchObject({ status: 'success' });
  expect(await resumeSigner(bench.deps(), bench.signer)).toEqual([]);
  expect((await bench.readAccount()).halted).toBeNull();
  const mined = mineSwap(bench.deps(), bench.signer, open.sent, bench.execution());
  await resender.runOnce();
  await bench.mine();
  expect(await mined).toMatchObject({ outcome: 'included' });
});

test('a swap that had reverted for good is not sent again: its order may have swapped with another nonce', async () => {
  const resender = bench.resender();
  const order = await bench.armed();
  const [hash = ''] = order.sent.transactions.map((each) => each.hash);
  await resender.runOnce();
  await bench.forget();
  const outcome = { hash, kind: 'swap', status: 'reverted', block: 1 } as const;
  const { orderId } = order.sent.terms;
  await bench.armed();
  await bench.store.ledger.reservations.close(bench.accountId, [{ orderId, epoch: 1, outcome }]);
  await resender.runOnce();
  bench.now += LONG_MS;
  await resender.runOnce();
  expect((await bench.readAccount()).halted?.code).toBe('chain_took_back');
  expect(await bench.deps().node.hasTransaction(`0x${hash.slice(2)}`)).toBe(false);
});
