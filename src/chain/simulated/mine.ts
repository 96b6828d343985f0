/** Waits for the receipt of a nonce; raises the fee of what is stuck, on the same nonce. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Failure, MiningOutcome, SentInput } from '../../../machines/order/types.ts';
import type { Execution } from '../port.ts';
import { expiryOf, reservationFailure, type ChainAccess } from './access.ts';
import type { Receipt, NonceReservation, StoredTransaction } from './ledger.ts';
import { nonceReceipt } from './nonce-receipt.ts';
import { signReplacement } from './signing.ts';

const STUCK: Failure = {
  kind: 'wait',
  code: 'fee_too_low',
  message: 'The chain passes the transaction over: its fee is too low and is being raised',
};

export async function mineOnChain(
  access: ChainAccess,
  input: SentInput,
  execution: Execution,
): Promise<MiningOutcome> {
  const { blocks } = access;
  const { signal } = execution;
  await access.meetFault('mine', input, signal);
  for (;;) {
    signal.throwIfAborted();
    const nonceStatus = await access.nonceStatus(input);
    if (nonceStatus.receipt !== null) {
      await access.until(blocks.instant ? 0 : nonceStatus.receipt.minedAt, signal);
      return outcomeOf(access, input, nonceStatus.reservation, nonceStatus.receipt);
    }
    const { reservation, signed } = nonceStatus;
    const pending = signed.filter(({ state }) => state === 'pending');
    const stuck = signed.find(({ state }) => state === 'stuck');
    if (pending.length > 0) {
      await access.until(Math.min(...pending.map(({ sentAt }) => blocks.inclusionOf(sentAt ?? 0))), signal);
      await access.mineDue(signal);
    } else if (reservation.state === 'cancelling' || reservation.state === 'void') {
      const { kind, code, message } = reservationFailure(reservation);
      throw new EffectError(kind, code, message);
    } else if (stuck !== undefined && !signed.some(({ state }) => state === 'dropped')) {
      await access.until(blocks.instant ? 0 : blocks.inclusionOf(stuck.sentAt ?? 0), signal);
      const expiry = expiryOf(access, input);
      if (expiry !== null) throw new EffectError(expiry.kind, expiry.code, expiry.message);
      await raiseFee(access, reservation, stuck, execution);
    } else {
      return { outcome: 'dropped' };
    }
  }
}

function outcomeOf(
  { classifyRevert }: ChainAccess,
  input: SentInput,
  reservation: NonceReservation,
  receipt: Receipt,
): MiningOutcome {
  const { hash, block, kind, status, revertReason } = receipt;
  if (kind === 'cancel') {
    throw new EffectError('retry', 'slot_cancelled', 'The nonce was used by a cancellation');
  }
  const told = { receipt: nonceReceipt(reservation, receipt) };
  if (status === 'success') return { outcome: 'included', hash, block, ...told };
  const failure = classifyRevert(input.venue, { reason: revertReason ?? '' });
  return { outcome: 'reverted', hash, failure, ...told };
}

/** Stored, then named in the order, then sent: so an order never executes by a transaction that it does not know. */
async function raiseFee(
  { chain, clock, ledger, passCrashPoint, settings, write }: ChainAccess,
  reservation: NonceReservation,
  stuck: StoredTransaction,
  { signal, report }: Execution,
): Promise<void> {
  await report({ type: 'WAITING', failure: STUCK });
  const signed = signReplacement(settings.seed, reservation, stuck, stuck.fee + 1);
  const { signer, nonce, epoch, orderId } = reservation;
  passCrashPoint('submitter.signed');
  await write(signal, () => {
    if (ledger.reservation(orderId, epoch)?.state === 'armed')
      ledger.keepSigned(reservation, signed.call, signed.bytes);
    return {};
  });
  passCrashPoint('submitter.stored');
  await report({ type: 'REPLACED', transaction: { hash: signed.call.hash, signer, nonce, epoch } });
  passCrashPoint('submitter.sending');
  await write(signal, () => {
    if (ledger.reservation(orderId, epoch)?.state !== 'armed') return {};
    const replacement = ledger.transactionsOf(reservation).find(({ hash }) => hash === signed.call.hash);
    if (replacement?.state === 'signed') chain.send(replacement, clock.now());
    return {};
  });
  passCrashPoint('submitter.sent');
}
