import { expect, test } from '@jest/globals';
import type { Attempt } from '../../../../src/store/ledger.ts';
import { auditChain, type ChainRecord } from './audit-chain.ts';
import type { AuditedOrder } from './audited-orders.ts';
import { balanceKey, type SignersTransaction } from './read-chain.ts';

const signer = `0x${'aa'.repeat(20)}`;
const pool = `0x${'bb'.repeat(20)}`;
const weth = `0x${'01'.repeat(20)}` as const;
const usdc = `0x${'02'.repeat(20)}` as const;
const hashOf = (nonce: number) => `0x${String(nonce).padStart(64, '0')}` as const;

function swapAt(nonce: number, over: Partial<SignersTransaction> = {}): SignersTransaction {
  return {
    hash: hashOf(nonce),
    signer,
    nonce,
    block: 7n,
    doing: 'swap',
    succeeded: true,
    gasUsed: 0n,
    moved: [
      { token: weth, from: signer, to: pool, amount: 10n },
      { token: usdc, from: pool, to: signer, amount: 30n },
    ],
    ...over,
  };
}

function orderWith(nonce: number, over: Partial<AuditedOrder> = {}): AuditedOrder {
  return {
    orderId: `order ${nonce}`,
    status: 'confirmed',
    epoch: 1,
    sellToken: 'WETH',
    buyToken: 'USDC',
    recipient: null,
    reason: null,
    endedLate: -1,
    named: new Set([hashOf(nonce)]),
    fill: { hash: hashOf(nonce), block: 7, sold: 10n, bought: 30n },
    ...over,
  };
}

function attemptOf(nonce: number, orderId = `order ${nonce}`): readonly [string, Attempt] {
  const fees = { maxFeePerGas: '1', maxPriorityFeePerGas: '1' };
  const hash = hashOf(nonce);
  return [hash, { hash, accountId: 'account', orderId, epoch: 1, nonce, kind: 'swap', bytes: '0x', ...fees }];
}

function recordOf(transactions: readonly SignersTransaction[], filled: bigint): ChainRecord {
  const count = transactions.length;
  const account = { accountId: 'account', genesis: '0x', base: count, open: [], halted: null };
  return {
    transactions,
    before: new Map([
      [balanceKey(signer, weth), 1_000n],
      [balanceKey(signer, usdc), 0n],
    ]),
    after: new Map([
      [balanceKey(signer, weth), 1_000n - 10n * filled],
      [balanceKey(signer, usdc), 30n * filled],
    ]),
    tokens: [
      { symbol: 'WETH', address: weth, decimals: 18 },
      { symbol: 'USDC', address: usdc, decimals: 6 },
    ],
    nonces: [{ signer, first: 0, latest: count, pending: count, account }],
  };
}

/** The promises that the audit finds broken. */
function brokenBy(
  orders: readonly AuditedOrder[],
  record: ChainRecord,
  attempts = [attemptOf(0), attemptOf(1)],
): readonly string[] {
  const found = auditChain(orders, new Map(attempts), record);
  return Object.entries(found).flatMap(([promise, where]) => (where.length > 0 ? [promise] : []));
}

const ONCE = 'each confirmed order has one successful swap';
const OTHERS = 'no other order has one';
const KNOWN = 'each swap on the chain is some order’s';
const NAMED = 'each swap on the chain is named by its order’s journal';
const STRANGE = 'all else grants an allowance or uses a nonce up';
const NONCES = 'no nonce is skipped, pending or open';
const AMOUNTS = 'executed amounts are those of the Transfer events';
const BALANCES = 'balances changed by the sum of the journals, exactly';

const reverted = swapAt(1, { succeeded: false, moved: [] });
const both = [swapAt(0), reverted];
const unfilled = orderWith(1, { status: 'failed', fill: null });

test('the audit finds nothing when one order is filled once and another one reverted', () => {
  expect(brokenBy([orderWith(0), unfilled], recordOf(both, 1n))).toEqual([]);
});

test('the audit finds an order that was swapped twice', () => {
  const order = orderWith(0, { named: new Set([hashOf(0), hashOf(1)]) });
  const attempts = [attemptOf(0), attemptOf(1, 'order 0')];
  const found = brokenBy([order], recordOf([swapAt(0), swapAt(1)], 2n), attempts);
  expect(found).toEqual([ONCE, BALANCES]);
});

test('the audit finds a confirmed order whose swap reverted', () => {
  expect(brokenBy([orderWith(0), orderWith(1)], recordOf(both, 1n))).toEqual([ONCE]);
});

test.each(['cancelled', 'failed'] as const)('the audit finds a %s order that was swapped', (status) => {
  const order = orderWith(1, { status, fill: null });
  expect(brokenBy([orderWith(0), order], recordOf([swapAt(0), swapAt(1)], 2n))).toEqual([OTHERS, BALANCES]);
});

test('the audit finds a swap without an order, and one that its order does not name', () => {
  expect(brokenBy([orderWith(0)], recordOf(both, 1n))).toEqual([KNOWN]);
  const silent = { ...unfilled, named: new Set<string>() };
  expect(brokenBy([orderWith(0), silent], recordOf(both, 1n))).toEqual([NAMED]);
});

test('the audit finds a transaction of an unknown kind', () => {
  const strange = { ...reverted, doing: 'something else' } as const;
  expect(brokenBy([orderWith(0)], recordOf([swapAt(0), strange], 1n))).toEqual([STRANGE]);
});

test('the audit finds skipped, pending and open nonces', () => {
  const orders = [orderWith(0), unfilled];
  const record = recordOf(both, 1n);
  const [nonce] = record.nonces;
  if (nonce === undefined) throw new Error('the record has a signer');
  const withNonces = (over: Partial<typeof nonce>) => ({ ...record, nonces: [{ ...nonce, ...over }] });
  expect(brokenBy(orders, withNonces({ pending: 3 }))).toEqual([NONCES]);
  expect(brokenBy(orders, withNonces({ latest: 3, pending: 3 }))).toEqual([NONCES]);
  expect(brokenBy(orders, withNonces({ account: { ...nonce.account, base: 1 } }))).toEqual([NONCES]);
});

test('the audit finds amounts that differ from the events, and balances that differ from the journals', () => {
  const fill = { hash: hashOf(0), block: 7, sold: 10n, bought: 31n };
  const found = brokenBy([orderWith(0, { fill }), unfilled], recordOf(both, 1n));
  expect(found).toEqual([AMOUNTS, BALANCES]);
  expect(brokenBy([orderWith(0), unfilled], recordOf(both, 2n))).toEqual([BALANCES]);
});
