import type { NonceOutcome } from '../../store/ledger.ts';
import { accountIdOf, type EvmDeps } from './deps.ts';
import { askWhoUsed } from './foreign-nonce.ts';
import { outcomeOf, type NonceStatus } from './nonce-status.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

/**
 * How the chain has used the reservation's nonce for good; null: it has not, or not yet for good.
 * @throws EffectError when the nonce was used by nobody knows whom, or somebody else
 */
export async function finalOutcome(
  deps: EvmDeps,
  signer: TransactionSigner,
  nonceStatus: NonceStatus,
): Promise<NonceOutcome | null> {
  switch (nonceStatus.at) {
    case 'closed':
      return nonceStatus.outcome;
    case 'unused':
      return null;
    case 'used':
      if (!nonceStatus.isFinal) return null;
      return askWhoUsed(deps, signer, nonceStatus.reservation);
    case 'mined':
      if (!nonceStatus.isFinal) return null;
      deps.passCrashPoint('submitter.receipt');
      return outcomeOf(nonceStatus);
  }
}

/**
 * Closes the reservation where the chain has used its nonce for good.
 * @returns whether it is closed
 * @throws EffectError when the nonce was used by nobody knows whom, or somebody else
 */
export async function settle(
  deps: EvmDeps,
  signer: TransactionSigner,
  nonceStatus: NonceStatus,
): Promise<boolean> {
  if (nonceStatus.at === 'closed') return true;
  const outcome = await finalOutcome(deps, signer, nonceStatus);
  if (outcome === null) return false;
  const { orderId, epoch } = nonceStatus.reservation;
  await deps.ledger.reservations.close(accountIdOf(deps.chainId, signer.address), [
    { orderId, epoch, outcome },
  ]);
  return true;
}
