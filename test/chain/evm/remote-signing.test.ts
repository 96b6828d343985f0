/**
 * The ledger with a signer that returns other bytes for each request: all bytes that may be sent are stored, and of all that is
 * signed for a nonce the chain executes one.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keccak256, parseTransaction, type Hex } from 'viem';
import type { OrderTerms, UnsignedSwap } from '../../../machines/order/types.ts';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { openEvmSubmitter, type EvmSubmitter } from '../../../src/chain/evm/submitter.ts';
import { openRemoteSigners } from '../../../src/chain/evm/signing/remote-signers.ts';
import { passNothing, type PassCrashPoint } from '../../../src/crash-points.ts';
import type { Store } from '../../../src/store/ports.ts';
import { systemClock } from '../../../src/runtime/time.ts';
import { SignerServer } from '../../support/chain/signer-server.ts';
import { EvmMarket } from './evm-market.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('with a remote signer', () => {
  let market: EvmMarket;
  let server: SignerServer;
  let store: Store;
  /** All that was ever given to the node. */
  let sent: Hex[];
  let submitters: EvmSubmitter[];

  beforeEach(async () => {
    market = await EvmMarket.open();
    server = await new SignerServer([market.key]).start();
    store = await market.store();
    sent = [];
    submitters = [];
  });
  afterEach(async () => {
    await Promise.all(submitters.map((each) => each.close()));
    await server.stop();
    await market.close();
  });

  async function opened(passCrashPoint: PassCrashPoint = passNothing): Promise<EvmSubmitter> {
    const node = openChainNode(market.anvil.rpcUrl);
    const submitter = await openEvmSubmitter({
      chainId: market.chain.chainId,
      node: {
        ...node,
        send(bytes) {
          sent.push(bytes);
          return node.send(bytes);
        },
      },
      ledger: store.ledger,
      orders: store.orders,
      submissionOf: () => ({ epoch: 1, hashes: [], validTo: null }),
      signers: await openRemoteSigners({ url: server.url, timeoutMs: 2_000 }),
      decoder: {
        readFill: (name, terms, receipt) => market.venue(name).readFill(terms, receipt),
        decodeRevert: () => ({ kind: 'reroute', code: 'reverted', message: 'It reverted' }),
      },
      settings: {
        confirmations: 2,
        finality: 'finalized',
        pollMs: 30,
        raiseAfterMs: 60_000,
        window: 64,
        maxFeePerGas: 500_000_000_000n,
        maxPriorityFeePerGas: 30_000_000_000n,
        allowance: 'unlimited',
      },
      clock: systemClock,
      passCrashPoint,
      log: SILENT,
    });
    submitters.push(submitter);
    return submitter;
  }

  const execution = {
    signal: new AbortController().signal,
    durable: () => Promise.resolve(),
    report: () => Promise.resolve(),
  };

  interface Ordered {
    readonly terms: OrderTerms;
    readonly swap: UnsignedSwap;
  }

  const signWith = (submitter: EvmSubmitter, { terms, swap }: Ordered) =>
    submitter.sign({ terms, swap, signer: market.signer, epoch: 1 }, execution);

  /** Once the allowance is granted, which an order waits for. */
  async function allowed(submitter: EvmSubmitter): Promise<void> {
    const order = await market.newOrder();
    for (;;) {
      try {
        const { transaction } = await signWith(submitter, order);
        await filled(submitter, order, transaction);
        return;
      } catch (thrown) {
        if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'allowance_pending'))
          throw thrown;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    }
  }

  type Signed = Awaited<ReturnType<EvmSubmitter['sign']>>['transaction'];

  async function filled(
    submitter: EvmSubmitter,
    { terms, swap }: Ordered,
    transaction: Signed,
  ): Promise<void> {
    const input = { terms, venue: swap.venue, signer: market.signer, epoch: 1, transactions: [transaction] };
    await submitter.broadcast(input, execution);
    const mined = await submitter.mine(input, execution);
    expect(mined).toMatchObject({ outcome: 'included', hash: transaction.hash });
    expect(await submitter.confirm(input, execution)).toMatchObject({ outcome: 'filled' });
  }

  const signedFor = (nonce: number): readonly Hex[] =>
    server.signed.filter((bytes) => parseTransaction(bytes).nonce === nonce);

  /** Nothing left for the chain that the ledger does not hold. */
  function nothingUnstoredWasSent(): void {
    const stored = market.storedBytes();
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.filter((bytes) => !stored.includes(bytes))).toEqual([]);
  }

  test('of four that sign for one reservation at once, each gets other bytes, all go on with the same, and one executes', async () => {
    const submitter = await opened();
    await allowed(submitter);
    const order = await market.newOrder();
    const signed = await Promise.all(Array.from({ length: 4 }, () => signWith(submitter, order)));
    const [first] = signed;
    if (first === undefined) throw new Error('four were asked for');
    const { nonce } = first.transaction;
    const different = new Set(signedFor(nonce));
    expect(different.size).toBe(signedFor(nonce).length);
    expect(different.size).toBeGreaterThan(1);
    // What is not named first is in the ledger, too, and is looked for on the chain with the rest.
    expect(new Set(signed.map(({ transaction }) => transaction.hash)).size).toBe(1);
    const stored = market.storedBytes();
    expect([...different].filter((bytes) => !stored.includes(bytes))).toEqual([]);

    await filled(submitter, order, first.transaction);
    expect(
      sent.filter((bytes) => parseTransaction(bytes).nonce === nonce).map((bytes) => keccak256(bytes)),
    ).toEqual([first.transaction.hash]);
    expect(await market.executions(order.terms.orderId)).toBe(1);
    nothingUnstoredWasSent();
  }, 60_000);

  test('bytes that were lost with the process that had asked for them are never sent; others take their nonce', async () => {
    let isDying = false;
    const dying = await opened((point) => {
      if (isDying && point === 'submitter.signed') throw new Error('died here');
    });
    await allowed(dying);
    const order = await market.newOrder();
    isDying = true;
    await expect(signWith(dying, order)).rejects.toThrow('died here');
    await dying.close();

    const next = await opened();
    const { transaction } = await signWith(next, order);
    const [lost, kept, ...more] = signedFor(transaction.nonce);
    expect(more).toEqual([]);
    expect(kept).not.toBe(lost);
    expect(keccak256(kept ?? '0x')).toBe(transaction.hash);
    await filled(next, order, transaction);
    expect(sent).not.toContain(lost);
    expect(await market.executions(order.terms.orderId)).toBe(1);
    nothingUnstoredWasSent();
  }, 60_000);

  test('that is unavailable when an order needs its signature: the order waits, and gets it for the nonce that it has', async () => {
    const submitter = await opened();
    await allowed(submitter);
    const order = await market.newOrder();
    await server.stop();
    await expect(signWith(submitter, order)).rejects.toMatchObject({
      kind: 'wait',
      code: 'signer_unavailable',
    });
    const accountId = `${market.chain.chainId}:${market.signer.toLowerCase()}`;
    const owner = { orderId: order.terms.orderId, epoch: 1 };
    const reservation = await store.ledger.reservations.find(accountId, owner);
    expect(reservation).toMatchObject({ state: 'reserved', hashes: [] });
    await expect(signWith(submitter, order)).rejects.toMatchObject({
      kind: 'wait',
      code: 'signer_unavailable',
    });

    await server.start();
    const { transaction } = await signWith(submitter, order);
    expect(transaction.nonce).toBe(reservation?.nonce);
    await filled(submitter, order, transaction);
  }, 60_000);

  test('that signs something else: nothing is stored or sent, and the order waits with its nonce', async () => {
    const submitter = await opened();
    await allowed(submitter);
    const order = await market.newOrder();
    const honest = server.sign;
    server.sign = (asked, key) => honest({ ...asked, to: market.signer }, key);
    const before = [market.storedBytes(), [...sent]];
    await expect(signWith(submitter, order)).rejects.toMatchObject({ kind: 'wait', code: 'signer_deviates' });
    expect([market.storedBytes(), sent]).toEqual(before);
    server.sign = honest;
    const { transaction } = await signWith(submitter, order);
    await filled(submitter, order, transaction);
    nothingUnstoredWasSent();
  }, 60_000);
});
