/** Contests a nonce; whichever transaction the chain takes decides how the order ends. */
import type { CancelOutcome, SentInput } from '../../machines/order/types.ts';
import type { Clock } from '../time.ts';
import type { BlockTime } from './block-time.ts';
import type { ChainAccess } from './simulated-access.ts';
import { fillOf } from './simulated-confirm.ts';
import type { StoredTransaction } from './simulated-ledger.ts';
import { FIRST_FEE, signCancel } from './simulated-signing.ts';

export async function cancelOnChain(
  access: ChainAccess,
  input: SentInput,
  signal: AbortSignal,
): Promise<CancelOutcome> {
  const { blocks, clock, passCrashPoint } = access;
  await access.meetFault('cancel', input, signal);
  if ((await access.standing(input)).receipt === null) {
    passCrashPoint('submitter.sending');
    await contest(access, input, signal);
    passCrashPoint('submitter.sent');
  }
  for (;;) {
    signal.throwIfAborted();
    const standing = await access.standing(input);
    if (standing.receipt === null) {
      await access.until(nextReceiptAt(standing.signed, blocks, clock), signal);
      await access.mineDue(signal);
      continue;
    }
    await access.until(blocks.finalAt(standing.receipt.minedAt), signal);
    const fill = fillOf(standing.receipt);
    return fill === null ? { outcome: 'unfilled' } : { outcome: 'filled', fill };
  }
}

/**
 * In one commit: no swap leaves from this slot any more, and a transaction that does nothing is sent for its nonce, at a
 * fee above all others. It loses only to what is in a block already.
 */
async function contest(
  { chain, clock, ledger, settings, write }: ChainAccess,
  { terms, epoch }: SentInput,
  signal: AbortSignal,
): Promise<void> {
  await write(signal, () => {
    const now = clock.now();
    chain.mineDue(now);
    const slot = ledger.slot(terms.orderId, epoch);
    if (slot === undefined || slot.state === 'closed') return {};
    if (slot.state !== 'cancelling') ledger.moveSlot(slot, 'cancelling');
    const known = ledger.transactionsOf(slot);
    if (known.some(({ kind }) => kind === 'cancel')) return {};
    const { call, bytes } = signCancel(settings.seed, slot, (known[0]?.fee ?? FIRST_FEE) + 1);
    ledger.keepSigned(slot, call, bytes);
    const replacement = ledger.transactionsOf(slot).find(({ hash }) => hash === call.hash);
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
