import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { readExecutions } from '../../../src/chain/simulated/executions.ts';
import type { CrashPoint } from '../../../src/crash-points.ts';
import { driveOrder } from '../drive-order.ts';
import { openSimulatedChain, orderOf, readAll, type ChainFileOptions } from './open-simulated.ts';

const running = {
  signal: new AbortController().signal,
  durable: () => Promise.resolve(),
  report: () => Promise.resolve(),
};

async function onChain(
  options: ChainFileOptions,
  check: (chain: Awaited<ReturnType<typeof openSimulatedChain>>) => Promise<void>,
): Promise<void> {
  const chain = await openSimulatedChain(options);
  try {
    await check(chain);
  } finally {
    await chain.close();
  }
}

/** A clock that stands until it is moved. */
function movable(now: number) {
  return { now: () => now, moveBy: (ms: number) => void (now += ms) };
}

describe('simulated submitter', () => {
  test('two epochs that both execute are two executions, and are seen', () =>
    onChain({}, async (chain) => {
      const submitter = await chain.connect();
      const { terms, swap } = orderOf('twice');
      for (const epoch of [1, 2]) {
        const { transaction } = await submitter.sign({ terms, swap, signer: 'sim-1', epoch }, running);
        const sent = { terms, venue: 'alpha', signer: 'sim-1', epoch, transactions: [transaction] };
        await submitter.broadcast(sent, running);
      }
      await driveOrder([submitter], orderOf('once'));
      const expected = [
        { orderId: 'once', count: 1 },
        { orderId: 'twice', count: 2 },
      ];
      expect(await submitter.executions()).toEqual(expected);
      expect(readExecutions(chain.file)).toEqual(expected);
      expect(readAll(chain.file, 'SELECT order_id, count FROM executions WHERE count > 1')).toEqual([
        { order_id: 'twice', count: 2 },
      ]);
    }));

  test('an order that was built for a real chain waits, and is not executed here', () =>
    onChain({}, async (chain) => {
      const submitter = await chain.connect();
      const { terms, swap } = orderOf('of a real chain');
      const signer = `0x${'ab'.repeat(20)}`;
      await expect(submitter.sign({ terms, swap, signer, epoch: 1 }, running)).rejects.toMatchObject({
        kind: 'wait',
        code: 'signer_gone',
      });
      expect(await submitter.executions()).toEqual([]);
    }));

  test('what is in the mempool when its process dies counts as executed, unless its rival wins', () =>
    onChain({ blockTimeMs: 60_000, clock: movable(0) }, async (chain) => {
      const submitter = await chain.connect();
      for (const orderId of ['left alone', 'contested']) {
        const { terms, swap } = orderOf(orderId);
        const { transaction } = await submitter.sign({ terms, swap, signer: 'sim-1', epoch: 1 }, running);
        const sent = { terms, venue: 'alpha', signer: 'sim-1', epoch: 1, transactions: [transaction] };
        await submitter.broadcast(sent, running);
        if (orderId === 'contested') {
          const stopped = new AbortController();
          const cancelling = submitter.cancel(sent, { ...running, signal: stopped.signal });
          // The write behind this one holds the cancellation already.
          await submitter.executions();
          stopped.abort(new Error('the process dies'));
          await expect(cancelling).rejects.toThrow('the process dies');
        }
      }
      expect(await submitter.executions()).toEqual([]);
      expect(readExecutions(chain.file)).toEqual([{ orderId: 'left alone', count: 1 }]);
    }));

  test('a block includes what any process sent before its boundary, however late it is read', async () => {
    const clock = movable(1_000_000);
    await onChain({ blockTimeMs: 1_000, confirmations: 2, clock }, async (chain) => {
      const submitter = await chain.connect();
      const { terms, swap } = orderOf('a');
      const { transaction } = await submitter.sign({ terms, swap, signer: 'sim-1', epoch: 1 }, running);
      const sent = { terms, venue: 'alpha', signer: 'sim-1', epoch: 1, transactions: [transaction] };
      clock.moveBy(1_500);
      await submitter.broadcast(sent, running);
      clock.moveBy(400);
      expect(await chain.executions('a')).toBe(0);
      clock.moveBy(60_000);
      const next = await chain.connect();
      expect(await next.mine(sent, running)).toMatchObject({
        outcome: 'included',
        hash: transaction.hash,
        block: 3,
      });
      expect(await next.cancel(sent, running)).toMatchObject({ outcome: 'filled', fill: { block: 3 } });
    });
  });

  test('a cancellation that is sent before the block wins over the swap; one after it loses', async () => {
    const clock = movable(0);
    await onChain({ blockTimeMs: 1_000, confirmations: 0, clock }, async (chain) => {
      const submitter = await chain.connect();
      const outcomes = ['early', 'late'].map(async (orderId) => {
        const { terms, swap } = orderOf(orderId);
        const { transaction } = await submitter.sign({ terms, swap, signer: 'sim-1', epoch: 1 }, running);
        return { terms, venue: 'alpha', signer: 'sim-1', epoch: 1, transactions: [transaction] };
      });
      const [early, late] = await Promise.all(outcomes);
      if (early === undefined || late === undefined) throw new Error('both were signed');
      await Promise.all([submitter.broadcast(early, running), submitter.broadcast(late, running)]);
      clock.moveBy(500);
      const cancelled = submitter.cancel(early, running);
      await submitter.executions();
      clock.moveBy(600);
      expect(await cancelled).toMatchObject({ outcome: 'unfilled' });
      expect(await submitter.cancel(late, running)).toMatchObject({ outcome: 'filled' });
      expect(await submitter.executions()).toEqual([{ orderId: 'late', count: 1 }]);
    });
  });

  test('a swap that is mined after validTo reverts, and the order fails as expired', async () => {
    const clock = movable(1_000_000);
    await onChain({ blockTimeMs: 3_000, clock }, async (chain) => {
      const submitter = await chain.connect();
      const { terms, swap } = orderOf('late', 1_001);
      const { transaction } = await submitter.sign({ terms, swap, signer: 'sim-1', epoch: 1 }, running);
      const sent = { terms, venue: 'alpha', signer: 'sim-1', epoch: 1, transactions: [transaction] };
      clock.moveBy(500);
      await submitter.broadcast(sent, running);
      clock.moveBy(3_000);
      expect(await submitter.mine(sent, running)).toMatchObject({
        outcome: 'reverted',
        failure: { kind: 'fail', code: 'expired' },
      });
      expect(await submitter.executions()).toEqual([]);
    });
  });

  test('what waits for a block is not forgotten when blocks become instant', async () => {
    const clock = movable(0);
    await onChain({ blockTimeMs: 1_000, clock }, async (chain) => {
      const { terms, swap } = orderOf('a');
      const before = await chain.connect();
      const { transaction } = await before.sign({ terms, swap, signer: 'sim-1', epoch: 1 }, running);
      const sent = { terms, venue: 'alpha', signer: 'sim-1', epoch: 1, transactions: [transaction] };
      await before.broadcast(sent, running);
      clock.moveBy(10);
      const after = await chain.connect(undefined, { blockTimeMs: 0 });
      expect(await after.mine(sent, running)).toMatchObject({ outcome: 'included' });
      expect(await after.executions()).toEqual([{ orderId: 'a', count: 1 }]);
    });
  });

  test('the same seed signs and fills alike on another chain', async () => {
    const fills: unknown[] = [];
    for (const seed of ['seven', 'seven', 'eight']) {
      await onChain({ seed, clock: movable(0) }, async (chain) => {
        fills.push((await driveOrder([await chain.connect()], orderOf('a'))).fill);
      });
    }
    expect(fills[0]).toEqual(fills[1]);
    expect(fills[2]).not.toEqual(fills[0]);
  });

  test('orders spread over the signers, each with its own nonces', () =>
    onChain({ signers: 3 }, async (chain) => {
      const submitter = await chain.connect();
      await Promise.all(
        Array.from({ length: 60 }, async () => driveOrder([submitter], await chain.newOrder())),
      );
      const signers = readAll(
        chain.file,
        'SELECT signer, count(*) AS count, max(nonce) AS highest FROM slots GROUP BY signer',
      );
      expect(signers.map(({ signer }) => signer)).toEqual(['sim-1', 'sim-2', 'sim-3']);
      for (const { count, highest } of signers) expect(highest).toBe(Number(count) - 1);
    }));

  test('the points where a crash matters are passed in order', () =>
    onChain({ script: () => ({ broadcast: ['stuck'] }) }, async (chain) => {
      const passed: CrashPoint[] = [];
      await driveOrder([await chain.connect((point) => void passed.push(point))], orderOf('a'));
      const [signed, stored, sending, sent] = [
        'submitter.signed',
        'submitter.stored',
        'submitter.sending',
        'submitter.sent',
      ];
      // Once for the swap, and once for the replacement of the stuck one.
      expect(passed).toEqual([signed, stored, sending, sent, signed, stored, sending, sent]);
    }));

  test('a file that another process holds is waited for without blocking the event loop', () =>
    onChain({}, async (chain) => {
      const submitter = await chain.connect();
      const other = new Database(chain.file);
      try {
        other.exec('BEGIN IMMEDIATE');
        const order = orderOf('a');
        const signing = submitter.sign({ ...order, signer: 'sim-1', epoch: 1 }, running);
        const stopped = new AbortController();
        const reason = new Error('the order runs elsewhere');
        const givenUp = submitter.sign(
          { ...orderOf('b'), signer: 'sim-1', epoch: 1 },
          { ...running, signal: stopped.signal },
        );
        let turns = 0;
        while (turns < 20) turns = await new Promise((resolve) => setImmediate(() => resolve(turns + 1)));
        stopped.abort(reason);
        await expect(givenUp).rejects.toBe(reason);
        other.exec('COMMIT');
        expect(await signing).toMatchObject({ transaction: { nonce: 0 } });
      } finally {
        other.close();
      }
    }));

  test('closing waits for calls that have begun, and later calls fail as an effect does', () =>
    onChain({}, async (chain) => {
      const submitter = await chain.connect();
      const begun = submitter.sign({ ...orderOf('a'), signer: 'sim-1', epoch: 1 }, running);
      await submitter.close();
      expect(await begun).toMatchObject({ transaction: { epoch: 1 } });
      await expect(
        submitter.sign({ ...orderOf('b'), signer: 'sim-1', epoch: 1 }, running),
      ).rejects.toMatchObject({ name: 'EffectError', kind: 'retry', code: 'ledger_unavailable' });
    }));
});
