/** Arms the reservation and sends the transactions that the order has committed: its bytes are not sent before that. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { SentInput } from '../../../machines/order/types.ts';
import type { Attempt } from '../../store/ledger.ts';
import type { SendResult } from './node/send-result.ts';
import { accountIdOf, type SubmitterContext } from './submitter-context.ts';
import { asHex } from './sign-and-store.ts';
import { findNonceStatus } from './nonce-status.ts';
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
  const { reservation, attempts } = await findNonceStatus(context, signer, owner);
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
  if (!(await ledger.reservations.move(accountIdOf(chainId, signer.address), owner, 'reserved', 'armed')))
    return;
  passCrashPoint('submitter.armed');
  signal.throwIfAborted();
  for (const attempt of committed) await sendOrThrow(context, attempt);
}

export function isCommitted({ transactions }: Pick<SentInput, 'transactions'>, { hash }: Attempt): boolean {
  return transactions.some((transaction) => transaction.hash === hash);
}

/** @throws EffectError when the node cannot take it now; in all other cases the receipts decide */
export async function sendOrThrow(
  { node, passCrashPoint }: SubmitterContext,
  attempt: Attempt,
): Promise<SendResult> {
  passCrashPoint('submitter.sending');
  const result = await node.send(asHex(attempt.bytes));
  passCrashPoint('submitter.sent');
  const failure = SEND_FAILURES[result];
  if (failure !== undefined) throw new EffectError('wait', failure.code, failure.message);
  return result;
}

const SEND_FAILURES: Readonly<
  Partial<Record<SendResult, { readonly code: string; readonly message: string }>>
> = {
  insufficient_funds: { code: 'insufficient_gas_funds', message: 'The signer cannot pay for gas' },
  rate_limited: { code: 'rpc_rate_limited', message: "The chain's node asks for fewer requests" },
  unknown: {
    code: 'rpc_unavailable',
    message: "The chain's node did not say whether it took the transaction",
  },
  wrong_chain: { code: 'wrong_chain', message: "The chain's node belongs to another chain" },
};
