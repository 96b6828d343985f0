/** Contests a nonce; whichever transaction the chain takes decides how the order ends. */
import type { CancelOutcome, SentInput } from '../../../machines/order/types.ts';
import type { Clock } from '../../runtime/time.ts';
import type { BlockTime } from './block-time.ts';
import type { ChainAccess } from './access.ts';
import { fillOf } from './confirm.ts';
import type { StoredTransaction } from './ledger.ts';
import { nonceReceipt } from './nonce-receipt.ts';
import { FIRST_FEE, signCancel } from './signing.ts';

export async function cancelOnChain(
  access: ChainAccess,
  input: SentInput,
  signal: AbortSignal,
): Promise<CancelOutcome> {
  const { blocks, clock, passCrashPoint } = access;
  await access.meetFault('cancel', input, signal);
  if ((await access.nonceStatus(input)).receipt === null) {
    passCrashPoint('submitter.sending');
    await sendReplacement(access, input, signal);
    passCrashPoint('submitter.sent');
  }
  for (;;) {
    signal.throwIfAborted();
    const nonceStatus = await access.nonceStatus(input);
    if (nonceStatus.receipt === null) {
      await access.until(nextReceiptAt(nonceStatus.signed, blocks, clock), signal);
      await access.mineDue(signal);
      continue;
    }
    await access.until(blocks.finalAt(nonceStatus.receipt.minedAt), signal);
    const fill = fillOf(nonceStatus.receipt);
    const receipt = nonceReceipt(nonceStatus.reservation, nonceStatus.receipt);
    return fill === null ? { outcome: 'unfilled', receipt } : { outcome: 'filled', fill, receipt };
  }
}

/**
 * In one commit: no swap leaves from this reservation any more, and a transaction that does nothing is sent for its nonce, at a
 * fee above all others. It loses only to what is in a block already.
 */
async function sendReplacement(
  { chain, clock, ledger, settings, write }: ChainAccess,
  { terms, epoch }: SentInput,
  signal: AbortSignal,
): Promise<void> {
  await write(signal, () => {
    const now = clock.now();
    chain.mineDue(now);
    const reservation = ledger.reservation(terms.orderId, epoch);
    if (reservation === undefined || reservation.state === 'closed') return {};
    if (reservation.state !== 'cancelling') ledger.moveReservation(reservation, 'cancelling');
    const known = ledger.transactionsOf(reservation);
    if (known.some(({ kind }) => kind === 'cancel')) return {};
    const { call, bytes } = signCancel(settings.seed, reservation, (known[0]?.fee ?? FIRST_FEE) + 1);
    ledger.keepSigned(reservation, call, bytes);
    const replacement = ledger.transactionsOf(reservation).find(({ hash }) => hash === call.hash);
    if (replacement !== undefined) chain.send(replacement, now);
    return {};
  });
}

function nextReceiptAt(signed: readonly StoredTransaction[], blocks: BlockTime, clock: Clock): number {
  const sentAt = signed.flatMap((each) =>
    each.state === 'pending' && each.sentAt !== null ? [each.sentAt] : [],
  );
  return blocks.inclusionOf(Math.min(clock.now(), ...sentAt));
}
