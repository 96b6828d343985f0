/**
 * A submitter without a chain: its file is the chain and the signer's ledger in one. It keeps the rules of both, so that
 * what is safe here is safe for the same reason there: a slot belongs to one (order, epoch), signed bytes are stored before
 * they are sent, a swap is sent only from an armed slot, and only a receipt says how a slot was closed.
 *
 * What it leaves out: ledger and chain share a commit here, so that arming a slot and sending from it are one step; and
 * nonces need not be mined in order, so that a slot that its order abandoned (cancelled while signing) just stays. The real
 * keeper makes such a slot `void` and fills its nonce with a transfer to itself, since all later ones wait for it.
 */
import { EffectError } from '../../machines/order/effect-error.ts';
import type { Effects, Failure, SentInput, TransactionRef } from '../../machines/order/types.ts';
import { blockTime } from './block-time.ts';
import { GroupedWrites } from './grouped-writes.ts';
import type { Execution, Submitter } from './port.ts';
import { seededDraw } from '../seeded-draw.ts';
import { chainAccess, slotFailure, SLOT_UNKNOWN, type ChainAccess } from './simulated-access.ts';
import { cancelOnChain } from './simulated-cancel.ts';
import { simulatedChain } from './simulated-chain.ts';
import { confirmOnChain } from './simulated-confirm.ts';
import { drawnFaults, refusalOf, scriptedFaults } from './simulated-faults.ts';
import { openLedgerFile } from './simulated-ledger-file.ts';
import { simulatedLedger, type Executed, type Slot } from './simulated-ledger.ts';
import { mineOnChain } from './simulated-mine.ts';
import type { SimulatedSubmitterOptions } from './simulated-settings.ts';
import { signSwap } from './simulated-signing.ts';

export interface SimulatedSubmitter extends Submitter {
  /** How many swaps the chain has executed for each order: whatever the orders believe. More than 1 is a double execution. */
  executions(): Promise<readonly Executed[]>;
  /** Waits for what was begun; later calls fail. */
  close(): Promise<void>;
}

export function openSimulatedSubmitter(options: SimulatedSubmitterOptions): SimulatedSubmitter {
  const { clock, settings, passCrashPoint, random } = options;
  const { db, genesis } = openLedgerFile(options.file, clock.now());
  const ledger = simulatedLedger(db);
  const blocks = blockTime(genesis, settings);
  const faults =
    settings.script === undefined
      ? drawnFaults(settings.seed, settings.failures)
      : scriptedFaults(settings.script);
  const chain = simulatedChain(settings.seed, ledger, blocks, faults);
  const writes = new GroupedWrites(db, random);
  const access = chainAccess({ ...options, ledger, blocks, chain, faults, writes });

  return {
    assignSigner({ orderId }) {
      const draw = seededDraw(settings.seed, orderId, 'signer');
      return Promise.resolve(`sim-${1 + Math.floor(draw * (settings.signers ?? 1))}`);
    },
    sign: (input, execution) => signOnce(access, input, execution),
    broadcast: (input, execution) => broadcastOnce(access, input, execution),
    mine: (input, execution) => mineOnChain(access, input, execution),
    confirm: (input, { signal }) => confirmOnChain(access, input, signal),
    cancel: (input, { signal }) => cancelOnChain(access, input, signal),

    executions: () =>
      writes.write(() => {
        chain.mineDue(clock.now());
        return ledger.executions();
      }),

    async close() {
      await writes.drained();
      db.close();
    },
  };

  /** In one commit: the slot, what was signed for it, and its bytes. */
  async function signOnce(
    access: ChainAccess,
    { terms, swap, signer, epoch }: Effects['sign']['input'],
    { signal }: Execution,
  ): Promise<Effects['sign']['output']> {
    signal.throwIfAborted();
    passCrashPoint('submitter.signed');
    const transaction = await access.write(signal, (): TransactionRef | Failure => {
      const order = { orderId: terms.orderId, epoch };
      const fault = chain.meet('sign', order);
      const refusal = refusalOf(fault);
      if (refusal !== null) return refusal;
      const slot =
        ledger.slot(terms.orderId, epoch) ??
        ledger.takeSlot(terms.orderId, epoch, signer, fault === 'slotLost' ? 'void' : 'reserved');
      const { call, bytes } = signSwap(settings.seed, slot, terms, swap);
      const reference = { hash: call.hash, signer: slot.signer, nonce: slot.nonce, epoch };
      if (slot.state === 'reserved') ledger.keepSigned(slot, call, bytes);
      // Whoever comes late may have what was signed before, and nothing new.
      else if (!ledger.transactionsOf(slot).some(({ hash }) => hash === call.hash)) return slotFailure(slot);
      return reference;
    });
    passCrashPoint('submitter.stored');
    return { transaction };
  }

  /** In one commit: the slot is armed and what the order has named is sent from it. */
  async function broadcastOnce(
    access: ChainAccess,
    input: SentInput,
    { signal }: Execution,
  ): Promise<Effects['broadcast']['output']> {
    signal.throwIfAborted();
    passCrashPoint('submitter.sending');
    const sent = await access.write(signal, (): Failure | { readonly lostReply: boolean } => {
      const order = { orderId: input.terms.orderId, epoch: input.epoch };
      const fault = chain.meet('broadcast', order);
      const refusal = refusalOf(fault);
      if (refusal !== null) return refusal;
      const now = clock.now();
      chain.mineDue(now);
      const slot = ledger.slot(order.orderId, order.epoch);
      if (slot === undefined) return SLOT_UNKNOWN;
      if (slot.state === 'closed') return { lostReply: false };
      if (slot.state !== 'reserved' && slot.state !== 'armed') return slotFailure(slot);
      return sendNamed(slot, input, fault, now) ?? { lostReply: fault === 'lostReply' };
    });
    passCrashPoint('submitter.sent');
    if (sent.lostReply) {
      throw new EffectError('retry', 'reply_lost', 'The chain was sent the transaction and did not answer');
    }
    return {};
  }

  function sendNamed(slot: Slot, input: SentInput, fault: string | undefined, now: number): Failure | null {
    const named = ledger
      .transactionsOf(slot)
      .filter(({ hash }) => input.transactions.some((known) => known.hash === hash));
    if (named.length === 0) {
      return {
        kind: 'fail',
        code: 'transaction_unknown',
        message: `Nothing that order ${slot.orderId} names was signed for nonce ${slot.nonce} of ${slot.signer}`,
      };
    }
    if (slot.state === 'reserved') ledger.moveSlot(slot, 'armed');
    for (const transaction of named) {
      if (transaction.state !== 'signed' && transaction.state !== 'dropped') continue;
      if (fault === 'dropped' || fault === 'stuck') chain.lose(transaction, fault, now);
      else chain.send(transaction, now);
    }
    return null;
  }
}
