/**
 * A submitter without a chain: its file is the chain and the signer's ledger in one. It keeps the rules of both, so that what is
 * safe here is safe for the same reason there: a reservation belongs to one (order, epoch), signed bytes are stored before they
 * are sent, a swap is sent only from an armed reservation, and only a receipt says how a reservation was closed.
 *
 * What it leaves out: ledger and chain share a commit here, so that arming a reservation and sending from it are one step; and
 * nonces need not be mined in order, so that a reservation that its order abandoned (cancelled while signing) just stays. The
 * real resender makes such a reservation `void` and fills its nonce with a transfer to itself, since all later ones wait for it.
 */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Effects, Failure, SentInput, TransactionRef } from '../../../machines/order/types.ts';
import { GroupCommit } from '../../sqlite/group-commit.ts';
import { blockTime } from './block-time.ts';
import type { Execution, Submitter } from '../port.ts';
import { seededDraw } from '../../runtime/seeded-draw.ts';
import {
  chainAccess,
  expiryOf,
  reservationFailure,
  RESERVATION_UNKNOWN,
  type ChainAccess,
} from './access.ts';
import { cancelOnChain } from './cancel.ts';
import { simulatedChain } from './chain.ts';
import { confirmOnChain } from './confirm.ts';
import { drawnFaults, refusalOf, scriptedFaults } from './faults.ts';
import { openLedgerFile } from './ledger-file.ts';
import { simulatedLedger, type Executed, type NonceReservation } from './ledger.ts';
import { mineOnChain } from './mine.ts';
import type { SimulatedSubmitterOptions } from './settings.ts';
import { signSwap } from './signing.ts';

export interface SimulatedSubmitter extends Submitter {
  /** How many swaps the chain has executed for each order, by its own record. More than 1 is a double execution. */
  executions(): Promise<readonly Executed[]>;
  /** Waits for what was begun; later calls fail. */
  close(): Promise<void>;
}

const SIGNER_PREFIX = 'sim-';

/** How long a lock that another process holds is waited for. */
const LOCK_LIMIT_MS = 4_000;

export function openSimulatedSubmitter(options: SimulatedSubmitterOptions): SimulatedSubmitter {
  const { file, clock, settings, passCrashPoint, random } = options;
  const { db, genesis } = openLedgerFile(file, clock.now());
  const ledger = simulatedLedger(db);
  const blocks = blockTime(genesis, settings);
  const faults =
    settings.script === undefined
      ? drawnFaults(settings.seed, settings.failures)
      : scriptedFaults(settings.script);
  const chain = simulatedChain(settings.seed, ledger, blocks, faults);
  const patience = { file, limitMs: LOCK_LIMIT_MS, random };
  const writes = new GroupCommit(db, patience);
  const access = chainAccess({ ...options, ledger, blocks, chain, faults, writes, patience });

  return {
    assignSigner({ orderId }) {
      const draw = seededDraw(settings.seed, orderId, 'signer');
      return Promise.resolve(`${SIGNER_PREFIX}${1 + Math.floor(draw * (settings.signers ?? 1))}`);
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
      await writes.emptied();
      db.close();
    },
  };

  /** In one commit: the reservation, what was signed for it, and its bytes. */
  async function signOnce(
    access: ChainAccess,
    { terms, swap, signer, epoch }: Effects['sign']['input'],
    { signal }: Execution,
  ): Promise<Effects['sign']['output']> {
    signal.throwIfAborted();
    // Of an order that was built for a real chain, before EXECUTION was changed.
    if (!signer.startsWith(SIGNER_PREFIX))
      throw new EffectError('wait', 'signer_gone', `The signer ${signer} is not one of the simulated chain`);
    passCrashPoint('submitter.signed');
    const transaction = await access.write(signal, (): TransactionRef | Failure => {
      const order = { orderId: terms.orderId, epoch };
      const fault = chain.meet('sign', order);
      const refusal = refusalOf(fault);
      if (refusal !== null) return refusal;
      const reservation =
        ledger.reservation(terms.orderId, epoch) ??
        ledger.takeNonce(terms.orderId, epoch, signer, fault === 'reservationLost' ? 'void' : 'reserved');
      const { call, bytes } = signSwap(settings.seed, reservation, terms, swap);
      const reference = { hash: call.hash, signer: reservation.signer, nonce: reservation.nonce, epoch };
      if (reservation.state === 'reserved') ledger.keepSigned(reservation, call, bytes);
      // A late call may have what was signed before, and nothing new.
      else if (!ledger.transactionsOf(reservation).some(({ hash }) => hash === call.hash))
        return reservationFailure(reservation);
      return reference;
    });
    passCrashPoint('submitter.stored');
    return { transaction };
  }

  /** In one commit: the reservation is armed and what the order has named is sent from it. */
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
      const reservation = ledger.reservation(order.orderId, order.epoch);
      if (reservation === undefined) return RESERVATION_UNKNOWN;
      if (reservation.state === 'closed') return { lostReply: false };
      if (reservation.state !== 'reserved' && reservation.state !== 'armed')
        return reservationFailure(reservation);
      const expiry = ledger.receipt(reservation) === undefined ? expiryOf(access, input) : null;
      if (expiry !== null) return expiry;
      return sendNamed(reservation, input, fault, now) ?? { lostReply: fault === 'lostReply' };
    });
    passCrashPoint('submitter.sent');
    if (sent.lostReply) {
      throw new EffectError('retry', 'reply_lost', 'The chain was sent the transaction and did not answer');
    }
    return {};
  }

  function sendNamed(
    reservation: NonceReservation,
    input: SentInput,
    fault: string | undefined,
    now: number,
  ): Failure | null {
    const named = ledger
      .transactionsOf(reservation)
      .filter(({ hash }) => input.transactions.some((known) => known.hash === hash));
    if (named.length === 0) {
      return {
        kind: 'fail',
        code: 'transaction_unknown',
        message: `Nothing that order ${reservation.orderId} names was signed for nonce ${reservation.nonce} of ${reservation.signer}`,
      };
    }
    if (reservation.state === 'reserved') ledger.moveReservation(reservation, 'armed');
    for (const transaction of named) {
      if (transaction.state !== 'signed' && transaction.state !== 'dropped') continue;
      if (fault === 'dropped' || fault === 'stuck') chain.lose(transaction, fault, now);
      else chain.send(transaction, now);
    }
    return null;
  }
}
