/** Events between two steps of the submitter: another process moves the nonce, the chain mines, a worker loses the order. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Report, SentInput, TransactionRef } from '../../../machines/order/types.ts';
import { broadcastSwap } from '../../../src/chain/evm/broadcast.ts';
import { cancelSwap } from '../../../src/chain/evm/cancel.ts';
import { confirmSwap } from '../../../src/chain/evm/confirm.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import { findNonceStatus } from '../../../src/chain/evm/nonces/nonce-status.ts';
import { openEvmSubmitter } from '../../../src/chain/evm/submitter.ts';
import type { ResenderContext } from '../../../src/chain/evm/resender.ts';
import { resumeSigner } from '../../../src/chain/evm/nonces/resume-signer.ts';
import { signSwap } from '../../../src/chain/evm/sign-swap.ts';
import type { ChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import type { NonceReservations, OpenState, SignerLedger } from '../../../src/store/ledger.ts';
import { eventually } from '../../support/eventually.ts';
import { CONFIRMATIONS, EvmWorkbench, ownerOf, type SignedOrder } from './evm-workbench.ts';

let bench: EvmWorkbench;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(() => bench.begin());
afterAll(() => bench.close());

/** The ledger, where another process comes first: before the first move from `from`, it moves the nonce to `to`. */
function overtaken(from: OpenState, to: OpenState): SignerLedger {
  const { ledger } = bench.store;
  let isFirst = true;
  const move: NonceReservations['move'] = async (accountId, owner, expected, next) => {
    if (isFirst && expected === from) {
      isFirst = false;
      await ledger.reservations.move(accountId, owner, from, to);
    }
    return ledger.reservations.move(accountId, owner, expected, next);
  };
  return { ...ledger, reservations: { ...ledger.reservations, move } };
}

/** The node, with an action before the first request for the number of used nonces. */
function whenAskedForNonces(meanwhile: () => Promise<void>): ChainNode {
  const { node } = bench.deps();
  let isFirst = true;
  return {
    ...node,
    transactionCount: async (address, block) => {
      if (isFirst) {
        isFirst = false;
        await meanwhile();
      }
      return node.transactionCount(address, block);
    },
  };
}

function isKnown({ hash }: { readonly hash: string }): Promise<boolean> {
  return bench.deps().node.hasTransaction(`0x${hash.slice(2)}`);
}

function theTransaction({ transactions }: SentInput): TransactionRef {
  const [transaction] = transactions;
  if (transaction === undefined) throw new Error('the order names no transaction');
  return transaction;
}

/** One more swap that is signed for the same nonce, as by a worker that built it anew. */
async function signedAnew({ swap, sent }: SignedOrder): Promise<TransactionRef> {
  const rebuilt = await bench.market.rebuilt(sent.terms, swap);
  const input = { terms: sent.terms, swap: rebuilt, signer: bench.signer.address, epoch: sent.epoch };
  return (await signSwap(bench.deps(), bench.signer, input, bench.execution())).transaction;
}

test('a swap whose nonce is given up while it is being armed is never sent', async () => {
  const order = await bench.signed();
  const deps = bench.deps({}, { ledger: overtaken('reserved', 'void') });
  await broadcastSwap(deps, bench.signer, order.sent, bench.signal);
  expect((await bench.reservationOf(order)).state).toBe('void');
  expect(await isKnown(theTransaction(order.sent))).toBe(false);
});

test('a swap whose order is taken away while it is being armed is not sent by this worker', async () => {
  const order = await bench.signed();
  const lost = new AbortController();
  const passCrashPoint = (point: string): void => {
    if (point === 'submitter.armed') lost.abort(new Error('the order is lost'));
  };
  const deps = bench.deps({}, { passCrashPoint });
  await expect(broadcastSwap(deps, bench.signer, order.sent, lost.signal)).rejects.toThrow(
    'the order is lost',
  );
  expect(await isKnown(theTransaction(order.sent))).toBe(false);
});

test('of the swaps that are signed for a nonce only those are sent that the order names', async () => {
  const order = await bench.signed();
  const anew = await signedAnew(order);
  await broadcastSwap(bench.deps(), bench.signer, { ...order.sent, transactions: [anew] }, bench.signal);
  expect([await isKnown(theTransaction(order.sent)), await isKnown(anew)]).toEqual([false, true]);
});

test('an order that names nothing which is signed for its nonce fails, and nothing is armed or sent', async () => {
  const order = await bench.signed();
  const transactions = [{ ...theTransaction(order.sent), hash: `0x${'00'.repeat(32)}` }];
  await expect(
    broadcastSwap(bench.deps(), bench.signer, { ...order.sent, transactions }, bench.signal),
  ).rejects.toMatchObject({ kind: 'fail', code: 'transaction_unknown' });
  expect((await bench.reservationOf(order)).state).toBe('reserved');
});

test('a receipt that comes after the receipts were read and before the nonces are is found', async () => {
  const order = await bench.armed();
  await broadcastSwap(bench.deps(), bench.signer, order.sent, bench.signal);
  const node = whenAskedForNonces(() => bench.mine());
  const status = await findNonceStatus({ ...bench.deps(), node }, bench.signer, ownerOf(order));
  expect(status).toMatchObject({ at: 'mined', attempt: { hash: theTransaction(order.sent).hash } });
});

test('a swap that another process signs, and the chain mines, while the receipts are read is found', async () => {
  const order = await bench.signed();
  let hash: string | null = null;
  const node = whenAskedForNonces(async () => {
    const anew = await signedAnew(order);
    hash = anew.hash;
    await broadcastSwap(bench.deps(), bench.signer, { ...order.sent, transactions: [anew] }, bench.signal);
    await bench.mine();
  });
  const status = await findNonceStatus({ ...bench.deps(), node }, bench.signer, ownerOf(order));
  expect(status).toMatchObject({ at: 'mined', attempt: { hash } });
});

test('a fee that is being raised while the order is cancelled is neither reported nor sent', async () => {
  const order = await bench.armed();
  const { ledger } = bench.store;
  const keep: SignerLedger['attempts']['keep'] = async (attempt, allowed) => {
    if (attempt.kind === 'swap')
      await ledger.reservations.move(bench.accountId, ownerOf(order), 'armed', 'cancelling');
    return ledger.attempts.keep(attempt, allowed);
  };
  const deps = bench.deps({}, { ledger: { ...ledger, attempts: { ...ledger.attempts, keep } } });
  const reports: Report[] = [];
  const mined = mineSwap(deps, bench.signer, order.sent, bench.execution(reports));
  await eventually(() => isKnown(theTransaction(order.sent)), Boolean);
  bench.now += 1_000;
  await eventually(
    () => bench.reservationOf(order),
    ({ state }) => state === 'cancelling',
  );
  await bench.mine(1 + CONFIRMATIONS);
  expect(await mined).toMatchObject({ outcome: 'included', hash: theTransaction(order.sent).hash });
  expect(reports).toMatchObject([{ type: 'WAITING' }]);
  expect(await bench.attemptsOf(order)).toHaveLength(1);
});

test('a swap that is signed and stored is not signed again after a crash: what is stored is named', async () => {
  const { swap, sent } = await bench.signed();
  const signer = {
    ...bench.signer,
    sign: () => Promise.reject(new Error('asked for a second signature')),
  };
  const input = { terms: sent.terms, swap, signer: signer.address, epoch: sent.epoch };
  const { transaction } = await signSwap(bench.deps(), signer, input, bench.execution());
  expect(transaction).toEqual(theTransaction(sent));
});

test('a swap is not signed for a nonce that was given up, though its order comes back', async () => {
  const { terms, swap } = await bench.market.newOrder();
  const owner = { orderId: terms.orderId, epoch: 1 };
  const { reservations } = bench.store.ledger;
  await reservations.take(bench.accountId, owner, { window: 16, spends: null });
  await reservations.move(bench.accountId, owner, 'reserved', 'void');
  let signatures = 0;
  const signer = {
    ...bench.signer,
    sign: (...args: Parameters<typeof bench.signer.sign>) => {
      signatures += 1;
      return bench.signer.sign(...args);
    },
  };
  const input = { terms, swap, signer: signer.address, epoch: 1 };
  await expect(signSwap(bench.deps(), signer, input, bench.execution())).rejects.toMatchObject({
    kind: 'replace',
    code: 'slot_lost',
  });
  expect(signatures).toBe(0);
});

test('a nonce that is given up while its swap is being signed loses the order nothing: it asks for another', async () => {
  const { terms, swap } = await bench.market.newOrder();
  const owner = { orderId: terms.orderId, epoch: 1 };
  const { ledger } = bench.store;
  const keep: SignerLedger['attempts']['keep'] = async (attempt, allowed) => {
    await ledger.reservations.move(bench.accountId, owner, 'reserved', 'void');
    return ledger.attempts.keep(attempt, allowed);
  };
  const deps = bench.deps({}, { ledger: { ...ledger, attempts: { ...ledger.attempts, keep } } });
  const input = { terms, swap, signer: bench.signer.address, epoch: 1 };
  await expect(signSwap(deps, bench.signer, input, bench.execution())).rejects.toMatchObject({
    kind: 'replace',
    code: 'slot_lost',
  });
  expect(await ledger.attempts.of(bench.accountId, owner)).toEqual([]);
});

test('of two swaps that are signed for one nonce at different fees, each process goes on with the first', async () => {
  const { terms, swap } = await bench.market.newOrder();
  const { ledger } = bench.store;
  const input = { terms, swap, signer: bench.signer.address, epoch: 1 };
  let other: TransactionRef | null = null;
  let isFirst = true;
  // The other process signs between this one's look at what is signed and its own attempt, at a higher fee.
  const keep: SignerLedger['attempts']['keep'] = async (attempt, allowed) => {
    if (isFirst) {
      isFirst = false;
      await bench.client.setNextBlockBaseFeePerGas({ baseFeePerGas: 5_000_000_000n });
      await bench.mine();
      other = (await signSwap(bench.deps(), bench.signer, input, bench.execution())).transaction;
    }
    return ledger.attempts.keep(attempt, allowed);
  };
  const deps = bench.deps({}, { ledger: { ...ledger, attempts: { ...ledger.attempts, keep } } });
  const { transaction } = await signSwap(deps, bench.signer, input, bench.execution());
  expect(await ledger.attempts.of(bench.accountId, { orderId: terms.orderId, epoch: 1 })).toHaveLength(2);
  expect(transaction).toEqual(other);
});

test('a fill whose receipt the node has lost is waited for, not reported as unfilled', async () => {
  const order = await bench.armed();
  await broadcastSwap(bench.deps(), bench.signer, order.sent, bench.signal);
  await bench.mine(1 + CONFIRMATIONS);
  await bench.resender().runOnce();
  expect((await bench.reservationOf(order)).state).toBe('closed');
  const lost = () => Promise.resolve(null);
  const { node } = bench.deps();
  const forgetful = { ...bench.deps(), node: { ...node, receipt: lost, minedReceipt: lost } };
  await expect(confirmSwap(forgetful, bench.signer, order.sent, bench.signal)).rejects.toMatchObject({
    kind: 'wait',
    code: 'receipt_missing',
  });
  expect(await confirmSwap(bench.deps(), bench.signer, order.sent, bench.signal)).toMatchObject({
    outcome: 'filled',
  });
});

test('a swap that executed for less than its order demands ends it, to one that confirms and to one that cancels alike', async () => {
  const order = await bench.armed();
  await broadcastSwap(bench.deps(), bench.signer, order.sent, bench.signal);
  await bench.mine(1 + CONFIRMATIONS);
  const demanding = { ...order.sent, terms: { ...order.sent.terms, minBuyAmount: (10n ** 30n).toString() } };
  const expected = {
    outcome: 'filled',
    fill: {
      executedSellAmount: order.sent.terms.sellAmount,
      executedBuyAmount: expect.stringMatching(/^[1-9]/),
      deviation: { code: 'received_less' },
    },
  };
  expect(await confirmSwap(bench.deps(), bench.signer, demanding, bench.signal)).toMatchObject(expected);
  expect(await cancelSwap(bench.deps(), bench.signer, demanding, bench.execution())).toMatchObject(expected);
});

test('the fee of a swap that waits behind another nonce is not raised, however long that takes', async () => {
  await bench.armed();
  const order = await bench.armed();
  const { node } = bench.deps();
  let looks = 0;
  const counting: ChainNode = {
    ...node,
    transactionCount: (address, block) => {
      looks += 1;
      return node.transactionCount(address, block);
    },
  };
  const reports: Report[] = [];
  const stopping = new AbortController();
  const execution = { ...bench.execution(reports), signal: stopping.signal };
  const mined = mineSwap(bench.deps({}, { node: counting }), bench.signer, order.sent, execution);
  const stopped = expect(mined).rejects.toThrow('the test has seen enough');
  await eventually(() => isKnown(theTransaction(order.sent)), Boolean);
  bench.now += 10_000;
  const before = looks;
  await eventually(
    () => looks,
    (count) => count >= before + 3,
  );
  stopping.abort(new Error('the test has seen enough'));
  await stopped;
  expect(reports).toEqual([]);
  expect(await bench.attemptsOf(order)).toHaveLength(1);
});

test('a swap that reverted for good is not reported as filled, neither to an order that confirms nor to one that cancels', async () => {
  const order = await bench.armed();
  const { hash } = theTransaction(order.sent);
  const outcome = { hash, kind: 'swap', status: 'reverted', block: 1 } as const;
  await bench.store.ledger.reservations.close(bench.accountId, [{ ...ownerOf(order), outcome }]);
  expect(await confirmSwap(bench.deps(), bench.signer, order.sent, bench.signal)).toEqual({
    outcome: 'reorganised',
  });
  expect(await cancelSwap(bench.deps(), bench.signer, order.sent, bench.execution())).toEqual({
    outcome: 'unfilled',
  });
});

describe('an allowance whose nonce is given up while it is being armed', () => {
  const PENDING = { kind: 'wait', code: 'allowance_pending' };

  async function grantWith(over: Partial<ResenderContext>): Promise<unknown> {
    const { terms, swap } = await bench.market.newOrder();
    const input = { terms, swap, signer: bench.signer.address, epoch: 1 };
    return signSwap(bench.deps({}, over), bench.signer, input, bench.execution());
  }

  beforeEach(() => bench.begin({ allowed: false }));

  test('is not sent by the order that asked for it', async () => {
    await expect(grantWith({ ledger: overtaken('reserved', 'void') })).rejects.toMatchObject(PENDING);
    expect((await bench.readAccount()).open).toMatchObject([{ state: 'void', hashes: [expect.any(String)] }]);
    expect(await bench.client.getTxpoolStatus()).toEqual({ pending: 0, queued: 0 });
  });

  test('is not sent by the resender', async () => {
    const passCrashPoint = (point: string): void => {
      if (point === 'submitter.stored') throw new Error('died');
    };
    await expect(grantWith({ passCrashPoint })).rejects.toThrow('died');
    await bench.resender({}, { ledger: overtaken('reserved', 'void') }).runOnce();
    expect((await bench.readAccount()).open).toMatchObject([{ state: 'void', hashes: [expect.any(String)] }]);
    expect(await bench.client.getTxpoolStatus()).toEqual({ pending: 0, queued: 0 });
  });
});

test('a nonce that one of our transactions used is not taken for foreign while its receipt is late', async () => {
  const order = await bench.armed();
  await broadcastSwap(bench.deps(), bench.signer, order.sent, bench.signal);
  await bench.mine(1 + CONFIRMATIONS);
  const { node } = bench.deps();
  const none = () => Promise.resolve(null);
  const late = bench.resender({}, { node: { ...node, receipt: none, minedReceipt: none } });
  await expect(late.runOnce()).rejects.toMatchObject({ kind: 'wait', code: 'receipt_missing' });
  expect(await bench.readAccount()).toMatchObject({ halted: null, open: [{ state: 'armed' }] });
  await bench.resender().runOnce();
  expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'swap', status: 'success' });
});

test('a cancellation that the worker of its order is about to sign is not signed by the resender', async () => {
  const order = await bench.armed();
  await bench.store.ledger.reservations.move(bench.accountId, ownerOf(order), 'armed', 'cancelling');
  await bench.resender().runOnce();
  expect((await bench.attemptsOf(order)).map(({ kind }) => kind)).toEqual(['swap']);
  expect(await bench.client.getTxpoolStatus()).toEqual({ pending: 0, queued: 0 });
});

test('a swap whose nonce was given up keeps no tokens from the orders after it', async () => {
  const { terms, swap } = await bench.market.newOrder();
  const owner = { orderId: 'an order that will never be sent', epoch: 1 };
  const spends = { token: bench.market.weth, amount: `2000${'0'.repeat(18)}` };
  const { reservations } = bench.store.ledger;
  await reservations.take(bench.accountId, owner, { window: 16, spends });
  const input = { terms, swap, signer: bench.signer.address, epoch: 1 };
  const signing = () => signSwap(bench.deps(), bench.signer, input, bench.execution());
  await expect(signing()).rejects.toMatchObject({ kind: 'wait', code: 'funds_reserved' });
  await reservations.move(bench.accountId, owner, 'reserved', 'void');
  expect((await signing()).transaction.nonce).toBeGreaterThan(0);
});

test('a nonce that is used up by a transaction of nothing gets one, however often it is looked at', async () => {
  const order = await bench.signed();
  await bench.store.ledger.reservations.move(bench.accountId, ownerOf(order), 'reserved', 'void');
  const resender = bench.resender();
  for (let look = 0; look < 3; look += 1) await resender.runOnce();
  expect((await bench.attemptsOf(order)).map(({ kind }) => kind)).toEqual(['swap', 'cancel']);
});

test.each([-1, 1])('a node whose chain id differs by %d from the one that is set is not used', async (by) => {
  const deps = bench.deps({}, { chainId: bench.market.chain.chainId + by });
  await expect(openEvmSubmitter(deps)).rejects.toThrow(`${bench.market.chain.chainId}`);
});

test('a signer that is resumed keeps the nonce that a foreign transaction used, while that may be taken back', async () => {
  const order = await bench.armed();
  await bench.sendForeign((await bench.reservationOf(order)).nonce);
  await bench.mine(CONFIRMATIONS);
  expect(await resumeSigner(bench.deps(), bench.signer)).toEqual([]);
  expect((await bench.reservationOf(order)).outcome).toBeNull();
  await bench.mine();
  expect(await resumeSigner(bench.deps(), bench.signer)).toMatchObject([{ kind: 'foreign' }]);
});
