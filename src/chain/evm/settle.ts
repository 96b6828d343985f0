import { laneOf, type EvmDeps } from './evm-deps.ts';
import { askWhoUsed } from './foreign-nonce.ts';
import { outcomeOf, type Standing } from './standing.ts';
import type { TransactionSigner } from './transaction-signer.ts';

/**
 * Closes the slot where the chain has used its nonce for good.
 * @returns whether it is closed
 * @throws EffectError when the nonce was used by nobody knows whom, or somebody else
 */
export async function settle(deps: EvmDeps, signer: TransactionSigner, standing: Standing): Promise<boolean> {
  switch (standing.at) {
    case 'closed':
      return true;
    case 'unused':
      return false;
    case 'used':
      if (!standing.isFinal) return false;
      return askWhoUsed(deps, signer, standing.slot);
    case 'mined':
      if (!standing.isFinal) return false;
      deps.passCrashPoint('submitter.receipt');
      await deps.ledger.slots.close(laneOf(deps.chainId, signer.address), standing.slot, outcomeOf(standing));
      return true;
  }
}
