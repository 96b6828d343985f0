import type { SlotOutcome } from '../../store/ledger.ts';
import { laneOf, type EvmDeps } from './evm-deps.ts';
import { askWhoUsed } from './foreign-nonce.ts';
import { outcomeOf, type Standing } from './standing.ts';
import type { TransactionSigner } from './transaction-signer.ts';

/**
 * How the chain has used the slot's nonce for good; null: it has not, or not yet for good.
 * @throws EffectError when the nonce was used by nobody knows whom, or somebody else
 */
export async function finalOutcome(
  deps: EvmDeps,
  signer: TransactionSigner,
  standing: Standing,
): Promise<SlotOutcome | null> {
  switch (standing.at) {
    case 'closed':
      return standing.outcome;
    case 'unused':
      return null;
    case 'used':
      if (!standing.isFinal) return null;
      return askWhoUsed(deps, signer, standing.slot);
    case 'mined':
      if (!standing.isFinal) return null;
      deps.passCrashPoint('submitter.receipt');
      return outcomeOf(standing);
  }
}

/**
 * Closes the slot where the chain has used its nonce for good.
 * @returns whether it is closed
 * @throws EffectError when the nonce was used by nobody knows whom, or somebody else
 */
export async function settle(deps: EvmDeps, signer: TransactionSigner, standing: Standing): Promise<boolean> {
  if (standing.at === 'closed') return true;
  const outcome = await finalOutcome(deps, signer, standing);
  if (outcome === null) return false;
  const { orderId, epoch } = standing.slot;
  await deps.ledger.slots.close(laneOf(deps.chainId, signer.address), [{ orderId, epoch, outcome }]);
  return true;
}
