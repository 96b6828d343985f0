import { describe, expect, test } from '@jest/globals';
import type { Execution } from '../../../src/chain/port.ts';
import { drawnFaults, type FaultScript } from '../../../src/chain/simulated/faults.ts';
import { driveOrder } from '../drive-order.ts';
import { LEAST, openSimulatedChain, orderOf, QUOTED, type ChainFileOptions } from './open-simulated.ts';

async function onChain<T>(
  options: ChainFileOptions,
  check: (chain: Awaited<ReturnType<typeof openSimulatedChain>>) => Promise<T>,
): Promise<T> {
  const chain = await openSimulatedChain(options);
  try {
    return await check(chain);
  } finally {
    await chain.close();
  }
}

/** What an order meets under a script that holds for its first epoch, and whether it was executed once in the end. */
function metUnder(script: FaultScript, blocks: ChainFileOptions = {}) {
  return onChain({ ...blocks, script: (_, epoch) => (epoch === 1 ? script : {}) }, async (chain) => {
    const order = await chain.newOrder();
    const driven = await driveOrder([await chain.connect()], order);
    expect(await chain.executions(order.terms.orderId)).toBe(1);
    return driven;
  });
}

describe.each([
  ['mined at once', {}],
  ['a block each 10 ms', { blockTimeMs: 10, confirmations: 1 }],
])('faults of the simulated chain, %s', (_, blocks) => {
  test.each([
    ['an endpoint that does not answer', 'sign', 'unavailable', ['rpc_unavailable']],
    ['an endpoint that wants fewer requests', 'sign', 'rateLimited', ['rpc_rate_limited']],
    ['a send that is refused', 'broadcast', 'unavailable', ['rpc_unavailable']],
    ['a send that must wait', 'broadcast', 'rateLimited', ['rpc_rate_limited']],
    ['a send whose reply is lost', 'broadcast', 'lostReply', ['reply_lost']],
    ['a transaction that the mempool forgets', 'broadcast', 'dropped', ['dropped']],
    ['a receipt that cannot be read', 'mine', 'unavailable', ['rpc_unavailable']],
    ['a fill that cannot be read', 'confirm', 'unavailable', ['rpc_unavailable']],
    ['a shallow reorganisation', 'confirm', 'reorganised', ['reorganised']],
  ] as const)('%s is got over on the same nonce', async (_title, operation, fault, met) => {
    const driven = await metUnder({ [operation]: [fault] }, blocks);
    expect(driven).toMatchObject({ met, epoch: 1 });
  });

  test('a reservation that was lost before anything was sent is replaced by another', async () => {
    const { met, epoch, transactions } = await metUnder({ sign: ['reservationLost'] }, blocks);
    expect(met).toEqual(['slot_lost']);
    expect(epoch).toBe(2);
    expect(transactions).toMatchObject([{ nonce: 1, epoch: 2 }]);
  });

  test('a swap that is mined but reverts sends the order back to routing', async () => {
    const { met, epoch } = await metUnder({ execute: ['reverted'] }, blocks);
    expect(met).toEqual(['reverted']);
    expect(epoch).toBe(2);
  });

  test('a stuck transaction is reported, then replaced with the same nonce, and the replacement executes', async () => {
    const { met, transactions, fill } = await metUnder({ broadcast: ['stuck'] }, blocks);
    expect(met).toEqual(['WAITING', 'REPLACED']);
    expect(transactions).toMatchObject([{ nonce: 0 }, { nonce: 0 }]);
    expect(transactions[0]?.hash).not.toBe(transactions[1]?.hash);
    expect(fill.hash).toBe(transactions[1]?.hash);
  });

  test('a replacement that the order could not store is not sent', () =>
    onChain({ ...blocks, script: () => ({ broadcast: ['stuck'] }) }, async (chain) => {
      const submitter = await chain.connect();
      const { terms, swap } = await chain.newOrder();
      const running = {
        signal: new AbortController().signal,
        durable: () => Promise.resolve(),
        report: () => Promise.resolve(),
      };
      const { transaction } = await submitter.sign({ terms, swap, signer: 'sim-1', epoch: 1 }, running);
      const sent = { terms, venue: 'alpha', signer: 'sim-1', epoch: 1, transactions: [transaction] };
      await submitter.broadcast(sent, running);
      const lost = new Error('another worker has the order');
      const stale: Execution = {
        ...running,
        durable: () => Promise.resolve(),
        report: ({ type }) => (type === 'REPLACED' ? Promise.reject(lost) : Promise.resolve()),
      };
      await expect(submitter.mine(sent, stale)).rejects.toBe(lost);
      expect(await chain.executions(terms.orderId)).toBe(0);
      expect(await submitter.cancel(sent, running)).toMatchObject({ outcome: 'unfilled' });
      expect(await chain.executions(terms.orderId)).toBe(0);
    }));

  test('a cancellation gets over its own faults', () =>
    onChain({ ...blocks, script: () => ({ cancel: ['unavailable', 'rateLimited'] }) }, async (chain) => {
      const submitter = await chain.connect();
      const { terms, swap } = await chain.newOrder();
      const running = {
        signal: new AbortController().signal,
        durable: () => Promise.resolve(),
        report: () => Promise.resolve(),
      };
      const { transaction } = await submitter.sign({ terms, swap, signer: 'sim-1', epoch: 1 }, running);
      const sent = { terms, venue: 'alpha', signer: 'sim-1', epoch: 1, transactions: [transaction] };
      for (const kind of ['retry', 'wait']) {
        await expect(submitter.cancel(sent, running)).rejects.toMatchObject({ kind });
      }
      expect(await submitter.cancel(sent, running)).toMatchObject({ outcome: 'unfilled' });
    }));

  test('under every fault at once, on one worker or two at once, each order executes once and as its journal says', () =>
    onChain(
      {
        ...blocks,
        signers: 3,
        failures: {
          ...{ unavailable: 0.2, rateLimited: 0.2, reservationLost: 0.2, lostReply: 0.2, dropped: 0.2 },
          ...{ stuck: 0.2, reverted: 0.3, reorganised: 0.2 },
        },
      },
      async (chain) => {
        const workers = [await chain.connect(), await chain.connect()] as const;
        const orders = await Promise.all(Array.from({ length: 60 }, () => chain.newOrder()));
        const driven = await Promise.all(
          orders.map((order, index) => driveOrder(index % 2 === 0 ? workers : [workers[1]], order)),
        );
        for (const [index, { fill }] of driven.entries()) {
          expect(await chain.executions(orders[index]?.terms.orderId ?? '')).toBe(1);
          expect(BigInt(fill.executedBuyAmount)).toBeGreaterThanOrEqual(LEAST);
          expect(BigInt(fill.executedBuyAmount)).toBeLessThanOrEqual(QUOTED);
        }
        const met = new Set(driven.flatMap((each) => each.met));
        for (const code of ['reply_lost', 'dropped', 'reverted', 'reorganised', 'REPLACED', 'slot_lost']) {
          expect(met).toContain(code);
        }
      },
    ));
});

describe('the plan of faults', () => {
  test('is the same for the same seed, and as frequent as its probability says', () => {
    const plan = (seed: string) => {
      const drawn = drawnFaults(seed, { stuck: 0.2, unavailable: 0.1 });
      return Array.from({ length: 2_000 }, (_, order) => drawn.faultsOf('broadcast', `order ${order}`, 1));
    };
    const drawn = plan('seven');
    expect(plan('seven')).toEqual(drawn);
    expect(plan('eight')).not.toEqual(drawn);
    expect(Math.abs(drawn.filter((faults) => faults.includes('stuck')).length - 400)).toBeLessThan(80);
    expect(Math.abs(drawn.filter((faults) => faults.includes('unavailable')).length - 200)).toBeLessThan(60);
  });

  test('is not injected a second time by the next process after a crash', () =>
    onChain({ script: () => ({ broadcast: ['unavailable'] }) }, async (chain) => {
      const order = orderOf('a');
      const running = {
        signal: new AbortController().signal,
        durable: () => Promise.resolve(),
        report: () => Promise.resolve(),
      };
      const before = await chain.connect();
      const { transaction } = await before.sign({ ...order, signer: 'sim-1', epoch: 1 }, running);
      const sent = {
        terms: order.terms,
        venue: 'alpha',
        signer: 'sim-1',
        epoch: 1,
        transactions: [transaction],
      };
      await expect(before.broadcast(sent, running)).rejects.toMatchObject({ kind: 'retry' });
      expect(await (await chain.connect()).broadcast(sent, running)).toEqual({});
    }));
});
