import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { maxUint256, parseGwei } from 'viem';
import type { OrderTerms } from '../../../machines/order/types.ts';
import { broadcastSwap } from '../../../src/chain/evm/broadcast.ts';
import { ERC20 } from '../../../src/abis/erc20.ts';
import { signSwap } from '../../../src/chain/evm/sign-swap.ts';
import type { ResenderContext } from '../../../src/chain/evm/resender.ts';
import type { NonceReservation } from '../../../src/store/ledger.ts';
import { CONFIRMATIONS, EvmWorkbench } from './evm-workbench.ts';

const EXACT = { allowance: 'exact' } as const;
const RESERVED_LIMIT_MS = 10_000;

let bench: EvmWorkbench;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(() => bench.begin({ allowed: false }));
afterAll(() => bench.close());

type Asking = Awaited<ReturnType<EvmWorkbench['market']['newOrder']>>;

function sign(order: Asking, deps: ResenderContext) {
  const input = { ...order, signer: bench.signer.address, epoch: 1 };
  return signSwap(deps, bench.signer, input, bench.execution());
}

async function refusal(order: Asking, deps = bench.deps()): Promise<unknown> {
  return sign(order, deps).then(
    () => null,
    (thrown: unknown) => thrown,
  );
}

const PENDING = { name: 'EffectError', kind: 'wait', code: 'allowance_pending' };

function allowed(spender: string): Promise<bigint> {
  return bench.client.readContract({
    address: bench.market.weth,
    abi: ERC20,
    functionName: 'allowance',
    args: [bench.signer.address, `0x${spender.slice(2)}`],
  });
}

async function approvals(): Promise<readonly NonceReservation[]> {
  return (await bench.readAccount()).open.filter(({ orderId }) => orderId.startsWith('approve:'));
}

async function theApproval(): Promise<NonceReservation> {
  const [approval, ...others] = await approvals();
  if (approval === undefined || others.length > 0) throw new Error(`${others.length + 1} approvals`);
  return approval;
}

/** What dies at the point, as a process would: nothing after it happens. */
function dyingAt(point: string): ResenderContext {
  const passCrashPoint = (passed: string): void => {
    if (passed === point) throw new Error(`died at ${point}`);
  };
  return bench.deps({}, { passCrashPoint });
}

test('an order waits until the venue may take what it sells, and the next one does not', async () => {
  const order = await bench.market.newOrder();
  expect(await refusal(order)).toMatchObject(PENDING);
  expect(await refusal(order)).toMatchObject(PENDING);
  await bench.mine();
  await sign(order, bench.deps());
  expect(await allowed(order.swap.to)).toBe(maxUint256);
  await sign(await bench.market.newOrder(), bench.deps());
  expect(await approvals()).toHaveLength(1);
});

test('an allowance takes a nonce of the ledger, before the swap that it is for, and is closed like any other', async () => {
  const order = await bench.market.newOrder();
  await refusal(order);
  const approval = await theApproval();
  await bench.mine();
  const { transaction } = await sign(order, bench.deps());
  expect(transaction.nonce).toBe(approval.nonce + 1);
  await bench.mine(CONFIRMATIONS);
  await bench.resender().runOnce();
  const closed = await bench.store.ledger.reservations.find(bench.accountId, approval);
  expect(closed?.outcome).toMatchObject({ kind: 'approve', status: 'success', hash: approval.hashes[0] });
});

test('an exact allowance is what the order sells, beside what orders in flight will still take', async () => {
  const first = await bench.market.newOrder();
  expect(await refusal(first, bench.deps(EXACT))).toMatchObject(PENDING);
  await bench.mine();
  expect(await allowed(first.swap.to)).toBe(BigInt(first.terms.sellAmount));
  const { transaction } = await sign(first, bench.deps(EXACT));
  const sent = { ...first, venue: first.swap.venue, signer: transaction.signer, epoch: 1 };
  await broadcastSwap(
    bench.deps(EXACT),
    bench.signer,
    { ...sent, transactions: [transaction] },
    bench.execution().signal,
  );
  const second = await bench.market.newOrder({ sellAmount: '5' + '0'.repeat(15) });
  expect(await refusal(second, bench.deps(EXACT))).toMatchObject(PENDING);
  await bench.mine();
  expect(await allowed(first.swap.to)).toBe(BigInt(first.terms.sellAmount) + BigInt(second.terms.sellAmount));
  await sign(second, bench.deps(EXACT));
});

test('processes that find the allowance missing at once grant it once', async () => {
  const orders = [await bench.market.newOrder(), await bench.market.newOrder()];
  const refusals = await Promise.all([...orders, ...orders].map((order) => refusal(order)));
  for (const each of refusals) expect(each).toMatchObject(PENDING);
  expect(await approvals()).toHaveLength(1);
});

test('an allowance that was signed by a process that died is sent by the resender', async () => {
  const order = await bench.market.newOrder();
  expect(await refusal(order, dyingAt('submitter.stored'))).toMatchObject({
    message: 'died at submitter.stored',
  });
  expect(await theApproval()).toMatchObject({ state: 'reserved' });
  await bench.resender().runOnce();
  await bench.mine();
  expect(await allowed(order.swap.to)).toBe(maxUint256);
});

test('the nonce of an approval that was never signed is used up after its time, and another one is granted', async () => {
  const order = await bench.market.newOrder();
  await refusal(order, dyingAt('submitter.signed'));
  const resender = bench.resender();
  await resender.runOnce();
  bench.now += RESERVED_LIMIT_MS;
  await resender.runOnce();
  expect(await theApproval()).toMatchObject({ state: 'void' });
  expect(await refusal(order)).toMatchObject(PENDING);
  await resender.runOnce();
  await bench.mine(1 + CONFIRMATIONS);
  await resender.runOnce();
  expect(await approvals()).toEqual([]);
  expect(await refusal(order)).toMatchObject(PENDING);
  await bench.mine();
  expect(await allowed(order.swap.to)).toBe(maxUint256);
});

test('an allowance that the chain forgot is sent again', async () => {
  const order = await bench.market.newOrder();
  await refusal(order);
  await bench.forget();
  await bench.resender().runOnce();
  await bench.mine();
  expect(await allowed(order.swap.to)).toBe(maxUint256);
});

test('an allowance that the chain passes over is replaced at a higher fee', async () => {
  const order = await bench.market.newOrder();
  await refusal(order);
  const [before] = await bench.store.ledger.attempts.of(bench.accountId, await theApproval());
  const soon = BigInt(before?.maxFeePerGas ?? 0) + 1n;
  await bench.client.setNextBlockBaseFeePerGas({ baseFeePerGas: soon });
  await bench.mine();
  expect(await allowed(order.swap.to)).toBe(0n);
  const resender = bench.resender();
  await resender.runOnce();
  bench.now += 1_000;
  await resender.runOnce();
  await bench.client.setNextBlockBaseFeePerGas({ baseFeePerGas: soon });
  await bench.mine();
  expect(await allowed(order.swap.to)).toBe(maxUint256);
});

test.each([
  ['more than the signer has', '3000', { kind: 'fail', code: 'insufficient_funds' }],
  ['what orders in flight will spend', '1995', { kind: 'wait', code: 'funds_reserved' }],
] as const)('no nonce is taken for an order that sells %s', async (_what, weth, expected) => {
  await bench.begin();
  const large = { sellAmount: `10${'0'.repeat(18)}` } satisfies Partial<OrderTerms>;
  await sign(await bench.market.newOrder(large), bench.deps());
  const { terms, swap } = await bench.market.newOrder(large);
  const sellAmount = `${weth}${'0'.repeat(18)}`;
  const spends = swap.spends === null ? null : { ...swap.spends, amount: sellAmount };
  const order = { terms: { ...terms, sellAmount }, swap: { ...swap, spends } };
  expect(await refusal(order)).toMatchObject(expected);
  expect((await bench.readAccount()).open).toHaveLength(1);
});

test('the fee of an allowance is never raised above the limit', async () => {
  const order = await bench.market.newOrder();
  await refusal(order);
  const approval = await theApproval();
  const [before] = await bench.store.ledger.attempts.of(bench.accountId, approval);
  const limit = BigInt(before?.maxFeePerGas ?? 0) + 1n;
  await bench.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('100') });
  await bench.mine();
  const resender = bench.resender({ maxFeePerGas: limit });
  await resender.runOnce();
  bench.now += 1_000;
  await resender.runOnce();
  expect(await bench.store.ledger.attempts.of(bench.accountId, approval)).toEqual([before]);
});
