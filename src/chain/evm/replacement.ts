/** Uses a nonce up with a self-transfer: for a reservation that is void, or whose swap must not execute. */
import type { Attempt } from '../../store/ledger.ts';
import type { SubmitterContext } from './submitter-context.ts';
import type { Sent } from './node/send-result.ts';
import { feesAtLimit, replacementFees, type Fees } from './node/fees.ts';
import { asHex, decodeCall, selfTransfer, estimateFees, signAndStore } from './sign-and-store.ts';
import type { NonceStatus } from './nonces/nonce-status.ts';
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
  const sent = await send(attempt);
  if (sent.result !== 'refused') return sent;
  // Its gas limit may be from before the chain wanted more, or from a release that did not estimate it.
  if (decodeCall(attempt).gas >= (await context.node.transferGas(signer.address))) return sent;
  const another = await sign();
  return another === null ? sent : send(another);

  async function send({ bytes }: Attempt): Promise<Sent> {
    context.passCrashPoint('submitter.sending');
    const answer = await context.node.send(asHex(bytes));
    context.passCrashPoint('submitter.sent');
    return answer;
  }

  async function sign(): Promise<Attempt | null> {
    const now = await estimateFees(context);
    const fees = replacementFees(attempts, now, context.settings) ?? atLimit(now);
    if (fees === null) return null;
    const call = selfTransfer(signer.address, await context.node.transferGas(signer.address));
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
