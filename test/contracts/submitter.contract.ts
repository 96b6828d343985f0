/** What every submitter must do, on any chain. "Process" means an instance on the same lasting record. */
import { describe, expect, test } from '@jest/globals';
import type { OrderTerms, SentInput, TransactionRef, UnsignedSwap } from '../../machines/order/types.ts';
import type { Execution, Submitter } from '../../src/chain/port.ts';
import { boundedSignal } from '../support/bounded-signal.ts';

export interface SubmitterHarness {
  /** One more process. Those before it are taken for dead or run beside it. */
  connect(): Promise<Submitter>;
  /** A new order that can be filled now, and its swap. */
  newOrder(): Promise<{ readonly terms: OrderTerms; readonly swap: UnsignedSwap }>;
  /** The same order's swap, built again with a slightly smaller amount. */
  rebuilt(order: { readonly terms: OrderTerms; readonly swap: UnsignedSwap }): Promise<UnsignedSwap>;
  /** How many swaps of the order the chain has executed, by the chain's own account. */
  executions(orderId: string): Promise<number>;
  /** The signed bytes that were ever stored, as text; they are to be found nowhere else. */
  storedBytes(): Promise<readonly string[]>;
  /** Ends every process. */
  close(): Promise<void>;
}

interface SignedOrder {
  readonly terms: OrderTerms;
  readonly swap: UnsignedSwap;
  readonly signer: string;
  readonly transaction: TransactionRef;
  readonly sent: SentInput;
}

const LONG_MS = 60_000;

export function submitterContract(name: string, open: () => Promise<SubmitterHarness>): void {
  describe(`submitter contract: ${name}`, () => {
    const running = (): Execution => ({
      signal: boundedSignal("the chain's decision"),
      durable: () => Promise.resolve(),
      report: () => Promise.resolve(),
    });

    function contract(title: string, check: (harness: SubmitterHarness) => Promise<void>): void {
      test(
        title,
        async () => {
          const harness = await open();
          try {
            await check(harness);
          } finally {
            await harness.close();
          }
        },
        LONG_MS,
      );
    }

    async function signed(harness: SubmitterHarness, submitter: Submitter): Promise<SignedOrder> {
      const { terms, swap } = await harness.newOrder();
      const signer = await submitter.assignSigner(terms);
      const { transaction } = await submitter.sign({ terms, swap, signer, epoch: 1 }, running());
      const sent = { terms, venue: swap.venue, signer, epoch: 1, transactions: [transaction] };
      return { terms, swap, signer, transaction, sent };
    }

    contract('a swap that is signed, sent, mined and confirmed is executed once', async (harness) => {
      const submitter = await harness.connect();
      const { terms, swap, signer, transaction, sent } = await signed(harness, submitter);
      expect(transaction).toMatchObject({ signer, epoch: 1 });
      expect(await harness.executions(terms.orderId)).toBe(0);
      expect(await submitter.broadcast(sent, running())).toEqual({});
      const mined = await submitter.mine(sent, running());
      expect(mined).toMatchObject({ outcome: 'included', hash: transaction.hash });
      const confirmed = await submitter.confirm(sent, running());
      expect(confirmed).toMatchObject({ outcome: 'filled', fill: { hash: transaction.hash } });
      if (confirmed.outcome === 'filled') {
        expect(confirmed.fill.executedSellAmount).toBe(terms.sellAmount);
        expect(BigInt(confirmed.fill.executedBuyAmount)).toBeGreaterThanOrEqual(BigInt(swap.minBuyAmount));
      }
      expect(await harness.executions(terms.orderId)).toBe(1);
    });

    contract('an order keeps its signer in every process', async (harness) => {
      const [one, other] = [await harness.connect(), await harness.connect()];
      const { terms } = await harness.newOrder();
      expect(await one.assignSigner(terms)).toBe(await other.assignSigner(terms));
    });

    contract('signing again, at once or after a crash, finds what was signed', async (harness) => {
      const submitter = await harness.connect();
      const { terms, swap, signer, transaction } = await signed(harness, submitter);
      const input = { terms, swap, signer, epoch: 1 };
      const again = [submitter, submitter, await harness.connect(), await harness.connect()];
      const found = await Promise.all(again.map((each) => each.sign(input, running())));
      expect(found.map((each) => each.transaction)).toEqual(again.map(() => transaction));
    });

    contract('two processes that sign one epoch at once get one nonce', async (harness) => {
      const processes = [await harness.connect(), await harness.connect()];
      const { terms, swap } = await harness.newOrder();
      const signer = await (await harness.connect()).assignSigner(terms);
      const both = await Promise.all(
        processes.map((each) => each.sign({ terms, swap, signer, epoch: 1 }, running())),
      );
      expect(both[0]).toEqual(both[1]);
    });

    contract('a swap that was built anew before it was sent stays on the nonce', async (harness) => {
      const submitter = await harness.connect();
      const { terms, swap, signer, transaction } = await signed(harness, submitter);
      const rebuilt = await harness.rebuilt({ terms, swap });
      const next = await submitter.sign({ terms, swap: rebuilt, signer, epoch: 1 }, running());
      expect(next.transaction.nonce).toBe(transaction.nonce);
      expect(next.transaction.hash).not.toBe(transaction.hash);
      const sent = { terms, venue: swap.venue, signer, epoch: 1, transactions: [next.transaction] };
      await submitter.broadcast(sent, running());
      expect(await submitter.mine(sent, running())).toMatchObject({ hash: next.transaction.hash });
    });

    contract('orders and epochs never share a nonce', async (harness) => {
      const [one, other] = [await harness.connect(), await harness.connect()];
      const orders = await Promise.all(
        Array.from({ length: 12 }, (_, index) => signed(harness, index % 2 === 0 ? one : other)),
      );
      const first = orders[0];
      if (first === undefined) throw new Error('twelve orders were signed');
      const { terms, swap, signer } = first;
      const next = await (await harness.connect()).sign({ terms, swap, signer, epoch: 2 }, running());
      const reservations = [...orders.map(({ transaction }) => transaction), next.transaction].map(
        (each) => `${each.signer} ${each.nonce}`,
      );
      expect(new Set(reservations).size).toBe(13);
    });

    contract('sending many times, from two processes at once, executes once', async (harness) => {
      const [one, other] = [await harness.connect(), await harness.connect()];
      const { terms, sent } = await signed(harness, one);
      await Promise.all([one, other, one, other, one, other].map((each) => each.broadcast(sent, running())));
      const mined = await Promise.all([one, other].map((each) => each.mine(sent, running())));
      expect(mined[0]).toEqual(mined[1]);
      await one.broadcast(sent, running());
      const confirmed = await Promise.all([one, other].map((each) => each.confirm(sent, running())));
      expect(confirmed[0]).toMatchObject({ outcome: 'filled' });
      expect(confirmed[0]).toEqual(confirmed[1]);
      expect(await harness.executions(terms.orderId)).toBe(1);
    });

    contract('a process that comes after a crash finds the same at every step', async (harness) => {
      const { terms, sent } = await signed(harness, await harness.connect());
      await (await harness.connect()).broadcast(sent, running());
      await (await harness.connect()).broadcast(sent, running());
      const mined = await (await harness.connect()).mine(sent, running());
      expect(await (await harness.connect()).mine(sent, running())).toEqual(mined);
      const confirmed = await (await harness.connect()).confirm(sent, running());
      expect(await (await harness.connect()).confirm(sent, running())).toEqual(confirmed);
      expect(await (await harness.connect()).cancel(sent, running())).toEqual(confirmed);
      expect(await harness.executions(terms.orderId)).toBe(1);
    });

    contract('what was signed and never sent is reported so that it is sent', async (harness) => {
      const { sent } = await signed(harness, await harness.connect());
      const submitter = await harness.connect();
      expect(await submitter.mine(sent, running())).toEqual({ outcome: 'dropped' });
    });

    contract('cancelling before the swap was sent leaves it unfilled for good', async (harness) => {
      const submitter = await harness.connect();
      const { terms, sent } = await signed(harness, submitter);
      expect(await submitter.cancel(sent, running())).toMatchObject({ outcome: 'unfilled' });
      const late = await (await harness.connect()).broadcast(sent, running()).catch(() => 'refused');
      expect([{}, 'refused']).toContainEqual(late);
      expect(await (await harness.connect()).cancel(sent, running())).toMatchObject({ outcome: 'unfilled' });
      expect(await harness.executions(terms.orderId)).toBe(0);
    });

    contract(
      'from its validTo on a swap is not sent: the order is told that it expired, and ends unfilled',
      async (harness) => {
        const submitter = await harness.connect();
        const { terms, sent } = await signed(harness, submitter);
        const expired = { ...sent, terms: { ...terms, validTo: 1 } };
        for (const process of [submitter, await harness.connect()]) {
          await expect(process.broadcast(expired, running())).rejects.toMatchObject({
            kind: 'fail',
            code: 'expired',
          });
        }
        expect(await submitter.cancel(expired, running())).toMatchObject({ outcome: 'unfilled' });
        expect(await harness.executions(terms.orderId)).toBe(0);
      },
    );

    contract('a swap that was mined before its validTo passed is filled', async (harness) => {
      const submitter = await harness.connect();
      const { terms, sent } = await signed(harness, submitter);
      await submitter.broadcast(sent, running());
      const mined = await submitter.mine(sent, running());
      const expired = { ...sent, terms: { ...terms, validTo: 1 } };
      expect(await submitter.broadcast(expired, running())).toEqual({});
      expect(await submitter.mine(expired, running())).toEqual(mined);
      expect(await submitter.confirm(expired, running())).toMatchObject({ outcome: 'filled' });
    });

    contract('cancelling after the swap was mined answers with its fill', async (harness) => {
      const submitter = await harness.connect();
      const { terms, sent } = await signed(harness, submitter);
      await submitter.broadcast(sent, running());
      await submitter.mine(sent, running());
      const cancelled = await submitter.cancel(sent, running());
      expect(cancelled).toMatchObject({ outcome: 'filled', fill: { executedSellAmount: terms.sellAmount } });
      expect(await harness.executions(terms.orderId)).toBe(1);
    });

    contract('a race of cancel and send between two processes has one outcome for both', async (harness) => {
      const [sender, canceller] = [await harness.connect(), await harness.connect()];
      await Promise.all(
        Array.from({ length: 8 }, async (_, round) => {
          const { terms, sent } = await signed(harness, sender);
          const send = () => sender.broadcast(sent, running()).catch(() => undefined);
          const cancel = () => canceller.cancel(sent, running());
          const sending = round % 2 === 0 ? send() : null;
          const cancelling = cancel();
          await (sending ?? send());
          const cancelled = await cancelling;
          expect(await sender.cancel(sent, running())).toEqual(cancelled);
          expect(await canceller.cancel(sent, running())).toEqual(cancelled);
          expect(await harness.executions(terms.orderId)).toBe(cancelled.outcome === 'filled' ? 1 : 0);
        }),
      );
    });

    contract('an order that runs elsewhere ends every method with that reason', async (harness) => {
      const submitter = await harness.connect();
      const { terms, swap, signer, sent } = await signed(harness, submitter);
      const reason = new Error('the order runs elsewhere');
      const gone: Execution = { ...running(), signal: AbortSignal.abort(reason) };
      const calls = [
        submitter.sign({ terms, swap, signer, epoch: 2 }, gone),
        submitter.broadcast(sent, gone),
        submitter.mine(sent, gone),
        submitter.confirm(sent, gone),
        submitter.cancel(sent, gone),
      ];
      for (const call of calls) await expect(call).rejects.toBe(reason);
      expect(await harness.executions(terms.orderId)).toBe(0);
    });

    contract(
      'an order whose reservation the ledger does not know waits, and is never taken for unfilled',
      async (harness) => {
        const submitter = await harness.connect();
        const { terms, swap } = await harness.newOrder();
        const signer = await submitter.assignSigner(terms);
        const sent = { terms, venue: swap.venue, signer, epoch: 1, transactions: [] };
        for (const call of [
          submitter.broadcast(sent, running()),
          submitter.mine(sent, running()),
          submitter.confirm(sent, running()),
          submitter.cancel(sent, running()),
        ]) {
          await expect(call).rejects.toMatchObject({ name: 'EffectError', kind: 'wait' });
        }
      },
    );

    contract('no answer holds signed bytes, and each survives being stored as JSON', async (harness) => {
      const submitter = await harness.connect();
      const { sent, transaction } = await signed(harness, submitter);
      const answers = [
        { transaction },
        await submitter.broadcast(sent, running()),
        await submitter.mine(sent, running()),
        await submitter.confirm(sent, running()),
        await submitter.cancel(sent, running()),
      ];
      expect(JSON.parse(JSON.stringify(answers))).toEqual(answers);
      const told = JSON.stringify(answers);
      const bytes = await harness.storedBytes();
      expect(bytes.length).toBeGreaterThan(0);
      for (const each of bytes) expect(told).not.toContain(each);
    });
  });
}
