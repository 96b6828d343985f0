/** Uses a nonce up with a transaction that does nothing: for a slot that was given up, or whose swap is to be kept from executing. */
import type { Attempt } from '../../store/ledger.ts';
import type { EvmDeps } from './evm-deps.ts';
import { asHex, emptyCall, signReplacement } from './signing.ts';
import type { Standing } from './standing.ts';
import type { TransactionSigner } from './transaction-signer.ts';

/**
 * Sends what was signed to that end, or signs it first, above the fees of all that may be out. Repeating it does no harm.
 * @param raise signs another one, at a higher fee, though there is one already
 */
export async function contest(
  deps: EvmDeps,
  signer: TransactionSigner,
  { slot, attempts }: Standing,
  raise: boolean,
): Promise<void> {
  const last = attempts.filter(({ kind }) => kind === 'cancel').at(-1);
  const attempt = last === undefined || raise ? ((await sign()) ?? last) : last;
  if (attempt === undefined) return;
  deps.passCrashPoint('submitter.sending');
  await deps.node.send(asHex(attempt.bytes));
  deps.passCrashPoint('submitter.sent');

  function sign(): Promise<Attempt | null> {
    return signReplacement(deps, attempts, {
      signer,
      slot,
      kind: 'cancel',
      call: emptyCall(signer.address),
      allowed: ['cancelling', 'void'],
    });
  }
}
