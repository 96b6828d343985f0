/** Waits for the receipt of a nonce; raises the fee of what is stuck, on the same nonce. */
import { EffectError } from '../../machines/order/effect-error.ts';
import type { Failure, MiningOutcome, SentInput } from '../../machines/order/types.ts';
import type { Execution } from './port.ts';
import { slotFailure, type ChainAccess } from './simulated-access.ts';
import type { Receipt, Slot, StoredTransaction } from './simulated-ledger.ts';
import { signReplacement } from './simulated-signing.ts';

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
    const standing = await access.standing(input);
    if (standing.receipt !== null) {
      await access.until(blocks.instant ? 0 : standing.receipt.minedAt, signal);
      return outcomeOf(access, input, standing.receipt);
    }
    const { slot, signed } = standing;
    const pending = signed.filter(({ state }) => state === 'pending');
    const stuck = signed.find(({ state }) => state === 'stuck');
    if (pending.length > 0) {
      await access.until(Math.min(...pending.map(({ sentAt }) => blocks.inclusionOf(sentAt ?? 0))), signal);
      await access.mineDue(signal);
    } else if (slot.state === 'cancelling' || slot.state === 'void') {
      const { kind, code, message } = slotFailure(slot);
      throw new EffectError(kind, code, message);
    } else if (stuck !== undefined && !signed.some(({ state }) => state === 'dropped')) {
      await access.until(blocks.instant ? 0 : blocks.inclusionOf(stuck.sentAt ?? 0), signal);
      await raiseFee(access, slot, stuck, execution);
    } else {
      return { outcome: 'dropped' };
    }
  }
}

function outcomeOf({ classifyRevert }: ChainAccess, input: SentInput, receipt: Receipt): MiningOutcome {
  const { hash, block, kind, status, revertReason } = receipt;
  if (kind === 'cancel') {
    throw new EffectError('retry', 'slot_cancelled', 'The nonce was used by a cancellation');
  }
  return status === 'success'
    ? { outcome: 'included', hash, block }
    : { outcome: 'reverted', hash, failure: classifyRevert(input.venue, { reason: revertReason ?? '' }) };
}

/** Stored, then told to the order, then sent: so an order never executes by a transaction that it does not know. */
async function raiseFee(
  { chain, clock, ledger, passCrashPoint, settings, write }: ChainAccess,
  slot: Slot,
  stuck: StoredTransaction,
  { signal, report }: Execution,
): Promise<void> {
  await report({ type: 'WAITING', failure: STUCK });
  const signed = signReplacement(settings.seed, slot, stuck, stuck.fee + 1);
  const { signer, nonce, epoch, orderId } = slot;
  passCrashPoint('submitter.signed');
  await write(signal, () => {
    if (ledger.slot(orderId, epoch)?.state === 'armed') ledger.keepSigned(slot, signed.call, signed.bytes);
    return {};
  });
  passCrashPoint('submitter.stored');
  await report({ type: 'REPLACED', transaction: { hash: signed.call.hash, signer, nonce, epoch } });
  passCrashPoint('submitter.sending');
  await write(signal, () => {
    if (ledger.slot(orderId, epoch)?.state !== 'armed') return {};
    const replacement = ledger.transactionsOf(slot).find(({ hash }) => hash === signed.call.hash);
    if (replacement?.state === 'signed') chain.send(replacement, clock.now());
    return {};
  });
  passCrashPoint('submitter.sent');
}
