import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { signSwap } from '../../../src/chain/evm/sign-swap.ts';
import { eventually } from '../../support/eventually.ts';
import { CONFIRMATIONS, EvmWorkbench } from './evm-workbench.ts';

const ONE_AT_A_TIME = { window: 1 };

let bench: EvmWorkbench;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(() => bench.begin());
afterAll(() => bench.close());

async function signing() {
  const { terms, swap } = await bench.market.newOrder();
  const input = { terms, swap, signer: bench.signer.address, epoch: 1 };
  return signSwap(bench.deps(ONE_AT_A_TIME), bench.signer, input, bench.execution());
}

test('an order that finds all nonces taken gets the first that comes free', async () => {
  const first = await bench.armed();
  const second = signing();
  const resender = bench.resender();
  await resender.runOnce();
  await bench.mine(1 + CONFIRMATIONS);
  await resender.runOnce();
  expect((await second).transaction.nonce).toBe((await bench.reservationOf(first)).nonce + 1);
});

test('an order that finds no room says what it waits for, after a while, and has taken nothing', async () => {
  await bench.armed();
  const outcome = signing().catch((thrown: unknown) => thrown);
  const ended = outcome.then(() => true);
  await eventually(
    async () => {
      bench.now += 1_000;
      return Promise.race([ended, Promise.resolve(false)]);
    },
    (hasEnded) => hasEnded,
  );
  expect(await outcome).toMatchObject({ kind: 'wait', code: 'signer_busy' });
  expect((await bench.readAccount()).open).toHaveLength(1);
});
