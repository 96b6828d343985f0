import type { NonceOutcome } from '../../../store/ledger.ts';
import { accountIdOf, type SubmitterContext } from '../submitter-context.ts';
import { haltOnForeignTransaction } from './foreign-transaction.ts';
import { outcomeOf, type NonceStatus } from './nonce-status.ts';
import type { TransactionSigner } from '../signing/transaction-signer.ts';

/**
 * The final outcome of the reservation's nonce; null: there is none yet.
 * @throws EffectError when the transaction that used the nonce is foreign or cannot be found
 */
export async function finalOutcome(
  context: SubmitterContext,
  signer: TransactionSigner,
  status: NonceStatus,
): Promise<NonceOutcome | null> {
  switch (status.at) {
    case 'closed':
      return status.outcome;
    case 'unused':
      return null;
    case 'used':
      if (!status.isFinal) return null;
      return haltOnForeignTransaction(context, signer, status.reservation);
    case 'mined':
      if (!status.isFinal) return null;
      context.passCrashPoint('submitter.receipt');
      return outcomeOf(status);
  }
}

/**
 * Closes the reservation if its nonce has a final outcome.
 * @returns whether it is closed
 * @throws EffectError when the transaction that used the nonce is foreign or cannot be found
 */
export async function closeIfFinal(
  context: SubmitterContext,
  signer: TransactionSigner,
  status: NonceStatus,
): Promise<boolean> {
  if (status.at === 'closed') return true;
  const outcome = await finalOutcome(context, signer, status);
  if (outcome === null) return false;
  const { orderId, epoch } = status.reservation;
  await context.ledger.reservations.close(accountIdOf(context.chainId, signer.address), [
    { orderId, epoch, outcome },
  ]);
  return true;
}
