/** Uses a nonce up with a self-transfer: for a reservation that is void, or whose swap must not execute. */
import type { Attempt } from '../../store/ledger.ts';
import type { SubmitterContext } from './submitter-context.ts';
import type { Sent } from './node/send-result.ts';
import { feesAtLimit, replacementFees, type Fees } from './node/fees.ts';
import { asHex, selfTransfer, estimateFees, signAndStore } from './sign-and-store.ts';
import type { NonceStatus } from './nonce-status.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

/**
 * Sends the self-transfer, and signs it first where there is none: above the fees of all attempts that may be out, as far as
 * the limit allows. Repeating it is safe.
 * @param raise signs another one, at a higher fee
 * @returns what the node answered; null: nothing was sent, because the node has it
 */
export async function sendReplacement(
  context: SubmitterContext,
  signer: TransactionSigner,
  { reservation, attempts }: NonceStatus,
  raise: boolean,
): Promise<Sent | null> {
  const last = attempts.filter(({ kind }) => kind === 'cancel').at(-1);
  const attempt = last === undefined || raise ? ((await sign()) ?? last) : last;
  if (attempt === undefined) return null;
  if (attempt === last && (await context.node.hasTransaction(asHex(attempt.hash)))) return null;
  context.passCrashPoint('submitter.sending');
  const sent = await context.node.send(asHex(attempt.bytes));
  context.passCrashPoint('submitter.sent');
  return sent;

  async function sign(): Promise<Attempt | null> {
    const now = await estimateFees(context);
    const fees = replacementFees(attempts, now, context.settings) ?? atLimit(now);
    if (fees === null) return null;
    const call = selfTransfer(signer.address);
    return signAndStore(context, {
      signer,
      reservation,
      kind: 'cancel',
      call,
      fees,
      allowed: ['cancelling', 'void'],
    });
  }

  /** Something must be sent even at the limit: the swap may never have been sent, or the node may have dropped it. */
  function atLimit(now: Fees): Fees | null {
    return last === undefined ? feesAtLimit(now, context.settings) : null;
  }
}
