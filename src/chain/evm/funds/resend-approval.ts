/** What becomes of an approval's nonce. No order sends it again or raises its fee: it serves all later orders, also if the one that asked for it is gone. */
import { replacementFees } from '../node/fees.ts';
import type { NonceStatus } from '../nonces/nonce-status.ts';
import type { NonceWaits } from '../nonces/nonce-waits.ts';
import { resendIfLost } from '../nonces/resend.ts';
import { asHex, decodeCall, estimateFees, signAndStore } from '../sign-and-store.ts';
import { accountIdOf, type SubmitterContext } from '../submitter-context.ts';
import type { TransactionSigner } from '../signing/transaction-signer.ts';

/** One that was never signed is void after its time. */
export async function sendReservedApproval(
  { ledger, node, chainId }: SubmitterContext,
  signer: TransactionSigner,
  { reservation, attempts }: NonceStatus,
  waits: NonceWaits,
): Promise<void> {
  const accountId = accountIdOf(chainId, signer.address);
  const [attempt] = attempts;
  if (attempt === undefined) {
    if (waits.isReservedLong(reservation))
      await ledger.reservations.move(accountId, reservation, 'reserved', 'void');
    return;
  }
  if (await ledger.reservations.move(accountId, reservation, 'reserved', 'armed'))
    await node.send(asHex(attempt.bytes));
}

export async function resendOrRaiseApproval(
  context: SubmitterContext,
  signer: TransactionSigner,
  status: NonceStatus & { readonly at: 'unused' },
  waits: NonceWaits,
): Promise<void> {
  const { reservation, attempts } = status;
  await resendIfLost(context.node, attempts);
  const last = attempts.at(-1);
  if (last === undefined || !waits.isOverdue(status)) return;
  const fees = replacementFees(attempts, await estimateFees(context), context.settings);
  if (fees === null) return;
  const signing = { signer, reservation, kind: 'approve', call: decodeCall(last), fees } as const;
  const raised = await signAndStore(context, { ...signing, allowed: ['armed'] });
  if (raised !== null) await context.node.send(asHex(raised.bytes));
}
