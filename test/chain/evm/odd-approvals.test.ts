import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { encodeAbiParameters, keccak256, maxUint256, numberToHex, type Hex } from 'viem';
import { ERC20 } from '../../../src/abis/erc20.ts';
import { broadcastSwap } from '../../../src/chain/evm/broadcast.ts';
import { PendingApprovals } from '../../../src/chain/evm/funds/pending-approvals.ts';
import type { ResenderContext } from '../../../src/chain/evm/resender.ts';
import { decodeCall } from '../../../src/chain/evm/sign-and-store.ts';
import { signSwap } from '../../../src/chain/evm/sign-swap.ts';
import type { NonceReservation } from '../../../src/store/ledger.ts';
import { OddTokenOnMarket } from '../../support/odd-token.ts';
import { CONFIRMATIONS, EvmWorkbench } from './evm-workbench.ts';

const EXACT = { allowance: 'exact' } as const;
const UNIT = 10n ** 18n;
const PENDING = { name: 'EffectError', kind: 'wait', code: 'allowance_pending' };
const REFUSED = { name: 'EffectError', kind: 'fail', code: 'allowance_refused' };
/** Where OddToken.sol declares the mapping of owner to spender to amount. */
const ALLOWANCES_SLOT = 3n;

let bench: EvmWorkbench;
let odd: OddTokenOnMarket;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
  odd = await OddTokenOnMarket.open(bench.client, bench.market.chain, { holder: bench.signer.address });
  bench.market.moreTokens.push(odd.token);
}, 60_000);
beforeEach(() => bench.begin({ allowed: false }));
afterAll(() => bench.close());

type Asking = Awaited<ReturnType<EvmWorkbench['market']['newOrder']>>;

function selling(amount = 3_000n): Promise<Asking> {
  return bench.market.newOrder({
    sellToken: 'ODD',
    buyToken: 'WETH',
    sellAmount: (amount * UNIT).toString(),
  });
}

function sign(order: Asking, deps: ResenderContext = bench.deps()) {
  const input = { ...order, signer: bench.signer.address, epoch: 1 };
  return signSwap(deps, bench.signer, input, bench.execution());
}

async function refusal(order: Asking, deps?: ResenderContext): Promise<unknown> {
  return sign(order, deps).then(
    () => null,
    (thrown: unknown) => thrown,
  );
}

/** Signed, armed and sent. */
async function submit(order: Asking, deps: ResenderContext): Promise<Hex> {
  const { transaction } = await sign(order, deps);
  const sent = { ...order, venue: order.swap.venue, signer: transaction.signer, epoch: 1 };
  await broadcastSwap(deps, bench.signer, { ...sent, transactions: [transaction] }, bench.signal);
  return `0x${transaction.hash.slice(2)}`;
}

const router = () => bench.market.chain.exchanges[0]?.router ?? '0x';

function allowed(): Promise<bigint> {
  const args = [bench.signer.address, router()] as const;
  return bench.client.readContract({
    address: odd.token.address,
    abi: ERC20,
    functionName: 'allowance',
    args,
  });
}

/** As an earlier use of the key left it. */
async function leaveAllowance(amount: bigint): Promise<void> {
  const place = (key: Hex, slot: Hex): Hex =>
    keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [key, BigInt(slot)]));
  const ofOwner = place(bench.signer.address, numberToHex(ALLOWANCES_SLOT));
  await bench.client.setStorageAt({
    address: odd.token.address,
    index: place(router(), ofOwner),
    value: numberToHex(amount, { size: 32 }),
  });
  expect(await allowed()).toBe(amount);
}

async function approvals(): Promise<readonly NonceReservation[]> {
  return (await bench.readAccount()).open.filter(({ orderId }) => orderId.startsWith('approve:'));
}

async function succeeded(): Promise<readonly boolean[]> {
  const hashes = (await approvals()).flatMap((each) => each.hashes);
  const receipts = await Promise.all(hashes.map((hash) => bench.receipt(hash)));
  return receipts.map((receipt) => receipt?.status === 'success');
}

describe('an approval of a token that', () => {
  test.each([
    ['unlimited', {}, maxUint256],
    ['exact', EXACT, 3_000n * UNIT],
  ] as const)(
    'wants 0 first and returns nothing sets what was left to 0, then what is needed (%s)',
    async (_mode, over, expected) => {
      await odd.behave({ approve: 'zeroFirst', silent: true });
      await leaveAllowance(5n);
      const order = await selling();
      expect(await refusal(order, bench.deps(over))).toMatchObject(PENDING);
      await bench.mine();
      expect(await allowed()).toBe(0n);
      expect(await refusal(order, bench.deps(over))).toMatchObject(PENDING);
      await bench.mine();
      expect(await allowed()).toBe(expected);
      await sign(order, bench.deps(over));
      expect(await succeeded()).toEqual([true, true]);
    },
  );

  test('wants 0 first is set to 0 behind the swaps in flight, which take what they were granted', async () => {
    await odd.behave({ approve: 'zeroFirst', silent: true });
    const deps = bench.deps(EXACT);
    const [first, second] = [await selling(1_000n), await selling(2_000n)];
    expect(await refusal(first, deps)).toMatchObject(PENDING);
    await bench.mine();
    const swaps = [await submit(first, deps)];
    // To 0 behind the first swap, which is not mined yet; then to what the second one sells.
    expect(await refusal(second, deps)).toMatchObject(PENDING);
    expect(await refusal(second, deps)).toMatchObject(PENDING);
    await bench.mine();
    expect(await refusal(second, deps)).toMatchObject(PENDING);
    await bench.mine();
    swaps.push(await submit(second, deps));
    await bench.mine();
    const receipts = await Promise.all(swaps.map((hash) => bench.receipt(hash)));
    expect(receipts.map((receipt) => receipt?.status)).toEqual(['success', 'success']);
    expect(await succeeded()).toEqual([true, true, true]);
  });

  test.each([
    ['returns false', 'returnsFalse', /returns false/],
    ['is paused', 'paused', /reverts with Pausable: paused/],
  ] as const)('%s ends the order, and takes no nonce', async (_what, approve, reason) => {
    const order = await selling();
    await odd.behave({ approve });
    const refused = await refusal(order);
    expect(refused).toMatchObject({ ...REFUSED, message: expect.stringMatching(reason) });
    expect((await bench.readAccount()).open).toEqual([]);
  });

  test('needs more gas than usual gets it', async () => {
    await odd.behave({ approve: 'heavy' });
    const order = await selling();
    expect(await refusal(order)).toMatchObject(PENDING);
    await bench.mine();
    expect(await allowed()).toBe(maxUint256);
    await sign(order);
    const [approval] = await approvals();
    const [attempt] =
      approval === undefined ? [] : await bench.store.ledger.attempts.of(bench.accountId, approval);
    expect(attempt === undefined ? 0n : decodeCall(attempt).gas).toBeGreaterThan(200_000n);
  });

  test('takes no unlimited allowance gets one of what is needed', async () => {
    await odd.behave({ approve: 'capped' });
    const order = await selling();
    expect(await refusal(order)).toMatchObject(PENDING);
    await bench.mine();
    expect(await allowed()).toBe(3_000n * UNIT);
    await sign(order);
  });

  test('succeeds and changes nothing is sent once, and ends the order once that is final', async () => {
    await odd.behave({ approve: 'ignored' });
    const order = await selling();
    expect(await refusal(order)).toMatchObject(PENDING);
    await bench.mine();
    expect(await refusal(order)).toMatchObject(PENDING);
    await bench.mine(CONFIRMATIONS);
    const refused = await refusal(order);
    expect(refused).toMatchObject({ ...REFUSED, message: expect.stringMatching(/changed nothing/) });
    expect(await approvals()).toHaveLength(1);
  });
});

describe('an approval that reverts when it is mined', () => {
  /** The token is paused between the simulation and the block. */
  async function revert(...orders: readonly Asking[]): Promise<ResenderContext> {
    const deps = bench.deps({}, { approvals: new PendingApprovals() });
    for (const order of orders) expect(await refusal(order, deps)).toMatchObject(PENDING);
    await bench.forget();
    await odd.behave({ approve: 'paused' });
    await bench.resender().runOnce();
    await bench.mine();
    expect(await succeeded()).toEqual([false]);
    return deps;
  }

  test('ends all orders that wait for it with its reason, and none sends another one', async () => {
    const orders = [await selling(), await selling()];
    const deps = await revert(...orders);
    await odd.behave({});
    for (const order of orders) {
      expect(await refusal(order, deps)).toMatchObject({
        ...REFUSED,
        message: expect.stringMatching(/reverted with Pausable: paused/),
      });
    }
    expect(await approvals()).toHaveLength(1);
  });

  test('ends an order that looks only when it is final, and not one that comes after it', async () => {
    const [waiting, later] = [await selling(), await selling()];
    const deps = await revert(waiting);
    await odd.behave({});
    await bench.mine(CONFIRMATIONS);
    await bench.resender().runOnce();
    expect(await approvals()).toEqual([]);
    expect(await refusal(waiting, deps)).toMatchObject(REFUSED);
    expect(await refusal(later, deps)).toMatchObject(PENDING);
    await bench.mine();
    await sign(later, deps);
  });
});

test('an order whose allowance another nonce takes before its own gives its nonce up, and sells nothing', async () => {
  const deps = bench.deps(EXACT);
  const [first, second] = [await selling(1_000n), await selling(2_000n)];
  expect(await refusal(first, deps)).toMatchObject(PENDING);
  await bench.mine();
  const { reservations } = deps.ledger;
  const late: ResenderContext = {
    ...deps,
    ledger: {
      ...deps.ledger,
      reservations: {
        ...reservations,
        // Between the first order's check and its nonce, the second one's approval takes a nonce.
        async take(...asked) {
          expect(await refusal(second, deps)).toMatchObject(PENDING);
          return reservations.take(...asked);
        },
      },
    },
  };
  expect(await refusal(first, late)).toMatchObject({ kind: 'replace', code: 'allowance_taken' });
  const { open } = await bench.readAccount();
  expect(open.at(-1)).toMatchObject({ orderId: first.terms.orderId, state: 'void', hashes: [] });
});

test('no nonce is taken while the signer has too little ether, and the order says what is missing', async () => {
  const order = await selling();
  await bench.client.setBalance({ address: bench.signer.address, value: 10n ** 12n });
  const refused = await refusal(order);
  expect(refused).toMatchObject({
    kind: 'wait',
    code: 'insufficient_gas_funds',
    message: expect.stringMatching(/has 1000000000000 wei: expected at least \d+/),
  });
  expect((await bench.readAccount()).open).toEqual([]);
  await bench.client.setBalance({ address: bench.signer.address, value: 10n ** 18n });
  expect(await refusal(order)).toMatchObject(PENDING);
});
