/** Uses a nonce up with a transaction that does nothing: for a reservation that was given up, or whose swap is to be kept from executing. */
import type { Attempt } from '../../store/ledger.ts';
import type { EvmDeps } from './deps.ts';
import { feesAtLimit, replacementFees, type Fees } from './node/fees.ts';
import { asHex, emptyCall, presentFees, signAndKeep } from './sign-and-store.ts';
import type { NonceStatus } from './nonce-status.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

/**
 * Sends what was signed to that end, or signs it first, above the fees of all that may be out where the limit has room for
 * that. Repeating it does no harm.
 * @param raise signs another one, at a higher fee, though there is one already
 */
export async function sendReplacement(
  deps: EvmDeps,
  signer: TransactionSigner,
  { reservation, attempts }: NonceStatus,
  raise: boolean,
): Promise<void> {
  const last = attempts.filter(({ kind }) => kind === 'cancel').at(-1);
  const attempt = last === undefined || raise ? ((await sign()) ?? last) : last;
  if (attempt === undefined) return;
  deps.passCrashPoint('submitter.sending');
  await deps.node.send(asHex(attempt.bytes));
  deps.passCrashPoint('submitter.sent');

  async function sign(): Promise<Attempt | null> {
    const now = await presentFees(deps);
    const fees = replacementFees(attempts, now, deps.settings) ?? atLimit(now);
    if (fees === null) return null;
    const call = emptyCall(signer.address);
    return signAndKeep(deps, {
      signer,
      reservation,
      kind: 'cancel',
      call,
      fees,
      allowed: ['cancelling', 'void'],
    });
  }

  /** There must be something to send even then: the swap may never have been sent, or the node may have lost it. */
  function atLimit(now: Fees): Fees | null {
    return last === undefined ? feesAtLimit(now, deps.settings) : null;
  }
}
