/** Waits until the swap is final, closes its reservation, and reads from the events what it moved. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { ConfirmationOutcome, Fill, SentInput } from '../../../machines/order/types.ts';
import type { NonceOutcome } from '../../store/ledger.ts';
import { sleep } from '../../runtime/time.ts';
import type { EvmDeps } from './deps.ts';
import { settle } from './settle.ts';
import { asHex } from './sign-and-store.ts';
import { findNonceStatus } from './nonce-status.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

export async function confirmSwap(
  deps: EvmDeps,
  signer: TransactionSigner,
  input: SentInput,
  signal: AbortSignal,
): Promise<ConfirmationOutcome> {
  const owner = { orderId: input.terms.orderId, epoch: input.epoch };
  for (;;) {
    signal.throwIfAborted();
    const nonceStatus = await findNonceStatus(deps, signer, owner);
    if (nonceStatus.at === 'closed') {
      const fill = await fillOf(deps, input, nonceStatus.outcome);
      return fill === null ? { outcome: 'reorganised' } : { outcome: 'filled', fill };
    }
    const isSwap = nonceStatus.at === 'mined' && nonceStatus.attempt.kind === 'swap';
    const isStillIn = (isSwap && nonceStatus.receipt.status === 'success') || nonceStatus.at === 'used';
    if (!isStillIn) return { outcome: 'reorganised' };
    if (!(await settle(deps, signer, nonceStatus))) await sleep(deps.settings.pollMs, signal);
  }
}

/**
 * What a closed reservation has swapped; null: nothing.
 * @throws EffectError `wait` while that cannot be read: it executed, and nobody may say that it did not
 */
export async function fillOf(
  { node, venues }: EvmDeps,
  { terms, venue }: SentInput,
  { hash, kind, status, block }: NonceOutcome,
): Promise<Fill | null> {
  if (kind !== 'swap' || status !== 'success') return null;
  const receipt = await node.receipt(asHex(hash));
  if (receipt === null) {
    throw new EffectError('wait', 'receipt_missing', `The node has no receipt of ${hash} any more`);
  }
  try {
    return { hash, block, ...venues.fillOf(venue, terms, receipt) };
  } catch (thrown) {
    if (!(thrown instanceof EffectError)) throw thrown;
    throw new EffectError('wait', thrown.code, thrown.message, { cause: thrown });
  }
}
