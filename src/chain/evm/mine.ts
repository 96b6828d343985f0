/** Waits until a transaction of the reservation is mined; resends what the node dropped, and raises the fee of what is not mined. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Failure, MiningOutcome, SentInput, TransactionRef } from '../../../machines/order/types.ts';
import type { NonceOutcome, NonceReservation } from '../../store/ledger.ts';
import type { Execution } from '../port.ts';
import { isCommitted, sendOrThrow, throwIfExpired } from './broadcast.ts';
import type { SubmitterContext } from './submitter-context.ts';
import { replacementFees, type Fees } from './node/fees.ts';
import { closeIfFinal } from './nonces/finality.ts';
import { transactionRef } from './sign-swap.ts';
import { asHex, decodeCall, estimateFees, signAndStore, type Call } from './sign-and-store.ts';
import { outcomeOf, findNonceStatus, type NonceStatus } from './nonces/nonce-status.ts';
import { nonceReceipt, receiptOfOutcome } from './nonces/nonce-receipt.ts';
import { nodeHasAny } from './nonces/resend.ts';
import { untilNews } from './nonces/until-news.ts';
import { reportWaits } from './report-waits.ts';
import { SIGNER_HALTED, type TransactionSigner } from './signing/transaction-signer.ts';

const REVERT_NOT_FINAL: Failure = {
  kind: 'wait',
  code: 'revert_not_final',
  message: 'The transaction reverted; the order waits until that is final',
};
const RESERVATION_LOST: Failure = {
  kind: 'reroute',
  code: 'slot_lost',
  message: 'The nonce was used by another transaction: nothing was swapped',
};
const FEE_TOO_LOW: Failure = {
  kind: 'wait',
  code: 'fee_too_low',
  message: 'The transaction is not mined: its fee is being raised',
};
const FEE_LIMIT: Failure = {
  kind: 'wait',
  code: 'fee_limit',
  message: 'The transaction is not mined, and its fee is at MAX_FEE_GWEI',
};

export async function mineSwap(
  context: SubmitterContext,
  signer: TransactionSigner,
  input: SentInput,
  { signal, report }: Execution,
): Promise<MiningOutcome> {
  const { settings, clock, node } = context;
  const owner = { orderId: input.terms.orderId, epoch: input.epoch };
  let transactions: readonly TransactionRef[] = input.transactions;
  let pendingSince = clock.now();
  const reportWait = reportWaits(report);

  for (;;) {
    signal.throwIfAborted();
    const status = await findNonceStatus(context, signer, owner);
    if (status.at === 'mined' && status.attempt.kind === 'swap' && status.receipt.status === 'success') {
      const receipt = nonceReceipt(signer, status.reservation, 'swap', status.receipt);
      return { ...included(outcomeOf(status)), receipt };
    }
    if (status.at === 'closed') return outcomeOfClosed(status.reservation, status.outcome);
    if (status.at === 'mined' && !status.isFinal) await reportWait(REVERT_NOT_FINAL);
    if (await closeOrReportHalt(status)) continue;
    if (status.at === 'unused') {
      if (status.reservation.state === 'reserved') return { outcome: 'dropped' };
      if (status.reservation.state === 'armed') await resendOrRaiseFee(status);
    }
    await untilNews(context, signer, status, signal);
  }

  async function closeOrReportHalt(status: NonceStatus): Promise<boolean> {
    try {
      return await closeIfFinal(context, signer, status);
    } catch (thrown) {
      // Reported, and waited for here until an operator resumes the signer.
      if (!(thrown instanceof EffectError) || thrown.code !== SIGNER_HALTED) throw thrown;
      await reportWait({ kind: 'wait', code: thrown.code, message: thrown.message });
      return false;
    }
  }

  async function resendOrRaiseFee(status: NonceStatus & { readonly at: 'unused' }): Promise<void> {
    const sent = status.attempts.filter(
      (each) => each.kind === 'swap' && isCommitted({ transactions }, each),
    );
    const last = sent.at(-1);
    if (last === undefined) throw transactionUnknown(input);
    await throwIfExpired(context, input, sent);
    let isTooLow = false;
    const hashes = sent.map(({ hash }) => hash);
    if (!(await nodeHasAny(node, hashes))) isTooLow = (await sendOrThrow(context, last)) === 'fee_too_low';
    if (!status.isNext) pendingSince = clock.now();
    if (!isTooLow && clock.now() - pendingSince < settings.raiseAfterMs) return;
    pendingSince = clock.now();
    const fees = replacementFees(status.attempts, await estimateFees(context), settings);
    await reportWait(fees === null ? FEE_LIMIT : FEE_TOO_LOW);
    if (fees !== null) await raiseFee(status, decodeCall(last), fees);
  }

  /** Stored, then reported to the order, then sent: an order never executes by a transaction that it has not committed. */
  async function raiseFee({ reservation }: NonceStatus, call: Call, fees: Fees): Promise<void> {
    signal.throwIfAborted();
    const raised = await signAndStore(context, {
      signer,
      reservation,
      kind: 'swap',
      call,
      fees,
      allowed: ['armed'],
    });
    if (raised === null) return;
    const transaction = transactionRef(signer, raised);
    await report({ type: 'REPLACED', transaction });
    transactions = [...transactions, transaction];
    await throwIfExpired(context, input, [raised]);
    await sendOrThrow(context, raised);
  }

  async function outcomeOfClosed(
    reservation: NonceReservation,
    outcome: NonceOutcome,
  ): Promise<MiningOutcome> {
    const { kind, hash, status } = outcome;
    const receipt = await receiptOfOutcome(context, signer, reservation, outcome);
    if (kind !== 'swap') return { outcome: 'reverted', hash, failure: RESERVATION_LOST, ...receipt };
    if (status === 'success') return { ...included(outcome), ...receipt };
    const failure = context.decoder.decodeRevert(input.venue, await node.revertData(asHex(hash)));
    return { outcome: 'reverted', hash, failure, ...receipt };
  }
}

function included({ hash, block }: NonceOutcome) {
  return { outcome: 'included', hash, block } as const;
}

function transactionUnknown({ terms }: SentInput): EffectError {
  return new EffectError(
    'fail',
    'transaction_unknown',
    `Nothing that order ${terms.orderId} names was signed`,
  );
}
