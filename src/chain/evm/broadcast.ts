/** Arms the reservation and sends what the order has named: only now may its bytes leave. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { SentInput } from '../../../machines/order/types.ts';
import type { Attempt } from '../../store/ledger.ts';
import type { SendResult } from './node/send-result.ts';
import { accountIdOf, type EvmDeps } from './deps.ts';
import { asHex } from './sign-and-store.ts';
import { findNonceStatus } from './nonce-status.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

export async function broadcastSwap(
  deps: EvmDeps,
  signer: TransactionSigner,
  input: SentInput,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { ledger, chainId, passCrashPoint } = deps;
  const owner = { orderId: input.terms.orderId, epoch: input.epoch };
  const { reservation, attempts } = await findNonceStatus(deps, signer, owner);
  // How it ends is for whoever waits for the receipt to say.
  if (reservation.state !== 'reserved' && reservation.state !== 'armed') return;
  const named = attempts.filter((each) => each.kind === 'swap' && names(input, each));
  if (named.length === 0) {
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
  for (const attempt of named) await sendOnce(deps, attempt);
}

export function names({ transactions }: Pick<SentInput, 'transactions'>, { hash }: Attempt): boolean {
  return transactions.some((transaction) => transaction.hash === hash);
}

/** @throws EffectError when the node cannot take it now; the receipts tell in all other cases */
export async function sendOnce({ node, passCrashPoint }: EvmDeps, attempt: Attempt): Promise<SendResult> {
  passCrashPoint('submitter.sending');
  const verdict = await node.send(asHex(attempt.bytes));
  passCrashPoint('submitter.sent');
  const trouble = TROUBLE[verdict];
  if (trouble !== undefined) throw new EffectError('wait', trouble.code, trouble.message);
  return verdict;
}

const TROUBLE: Readonly<Partial<Record<SendResult, { readonly code: string; readonly message: string }>>> = {
  no_gas_money: { code: 'insufficient_gas_funds', message: 'The signer cannot pay for gas' },
  rate_limited: { code: 'rpc_rate_limited', message: "The chain's node asks for fewer requests" },
  unknown: {
    code: 'rpc_unavailable',
    message: "The chain's node did not say whether it took the transaction",
  },
  wrong_chain: { code: 'wrong_chain', message: "The chain's node belongs to another chain" },
};
