/** Arms the reservation and sends the transactions that the order has committed: its bytes are not sent before that. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Failure, SentInput } from '../../../machines/order/types.ts';
import type { Attempt } from '../../store/ledger.ts';
import type { Sent, SendResult } from './node/send-result.ts';
import { accountIdOf, type SubmitterContext } from './submitter-context.ts';
import { asHex } from './sign-and-store.ts';
import { findNonceStatus } from './nonces/nonce-status.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

export async function broadcastSwap(
  context: SubmitterContext,
  signer: TransactionSigner,
  input: SentInput,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { ledger, chainId, passCrashPoint } = context;
  const owner = { orderId: input.terms.orderId, epoch: input.epoch };
  const status = await findNonceStatus(context, signer, owner);
  const { reservation, attempts } = status;
  // `mine` reports how it ended.
  if (reservation.state !== 'reserved' && reservation.state !== 'armed') return;
  const committed = attempts.filter((each) => each.kind === 'swap' && isCommitted(input, each));
  if (committed.length === 0) {
    throw new EffectError(
      'fail',
      'transaction_unknown',
      `Nothing that order ${owner.orderId} names was signed for nonce ${reservation.nonce} of ${signer.address}`,
    );
  }
  if (status.at !== 'unused') return;
  await throwIfExpired(context, input, committed);
  if (!(await ledger.reservations.move(accountIdOf(chainId, signer.address), owner, 'reserved', 'armed')))
    return;
  passCrashPoint('submitter.armed');
  signal.throwIfAborted();
  for (const attempt of committed) {
    await throwIfExpired(context, input, committed);
    await sendOrThrow(context, attempt);
  }
}

export function isCommitted({ transactions }: Pick<SentInput, 'transactions'>, { hash }: Attempt): boolean {
  return transactions.some((transaction) => transaction.hash === hash);
}

/**
 * By the time of the chain's last block, not by a clock of ours. From `validTo` on no swap of the order is sent, whatever it waited
 * for, and the order contests its nonce.
 * @throws EffectError `fail`, `expired`
 */
export async function throwIfExpired(
  { node }: Pick<SubmitterContext, 'node'>,
  { terms }: Pick<SentInput, 'terms'>,
  committed: readonly Pick<Attempt, 'hash'>[],
): Promise<void> {
  if (!isExpired(await node.head(), terms.validTo)) return;
  const last = committed.at(-1);
  const said = last === undefined ? null : node.lastRefusal(asHex(last.hash));
  const waited = said === null ? 'the swap was mined' : `the node took the swap; it said: ${said}`;
  throw new EffectError('fail', 'expired', `validTo passed before ${waited}`);
}

/** @param validTo Unix seconds */
export function isExpired({ timestamp }: { readonly timestamp: bigint }, validTo: number): boolean {
  return timestamp >= BigInt(validTo);
}

/** @throws EffectError when the node cannot take it now; in all other cases the receipts decide */
export async function sendOrThrow(
  { node, passCrashPoint }: SubmitterContext,
  attempt: Attempt,
): Promise<SendResult> {
  passCrashPoint('submitter.sending');
  const sent = await node.send(asHex(attempt.bytes));
  passCrashPoint('submitter.sent');
  const failure = sendFailure(sent);
  if (failure !== null) throw new EffectError(failure.kind, failure.code, failure.message);
  return sent.result;
}

/** What an order waits for whose transaction the node did not take; null: the receipts decide, or a higher fee. */
export function sendFailure({ result, said }: Sent): Failure | null {
  const failure = SEND_FAILURES[result];
  if (failure === undefined) return null;
  return {
    kind: 'wait',
    code: failure.code,
    message: said === null ? failure.message : `${failure.message}: ${said}`,
  };
}

const SEND_FAILURES: Readonly<
  Partial<Record<SendResult, { readonly code: string; readonly message: string }>>
> = {
  insufficient_funds: { code: 'insufficient_gas_funds', message: 'The signer cannot pay for gas' },
  rate_limited: { code: 'rpc_rate_limited', message: "The chain's node asks for fewer requests" },
  refused: { code: 'send_refused', message: "The chain's node does not take the transaction" },
  unknown: {
    code: 'rpc_unavailable',
    message: "The chain's node did not say whether it took the transaction",
  },
  wrong_chain: { code: 'wrong_chain', message: "The chain's node belongs to another chain" },
};
