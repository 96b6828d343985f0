/** Waits until the swap is final, closes its slot, and reads from the events what it moved. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { ConfirmationOutcome, Fill, SentInput } from '../../../machines/order/types.ts';
import type { SlotOutcome } from '../../store/ledger.ts';
import { sleep } from '../../time.ts';
import type { EvmDeps } from './evm-deps.ts';
import { settle } from './settle.ts';
import { asHex } from './signing.ts';
import { standingOf } from './standing.ts';
import type { TransactionSigner } from './transaction-signer.ts';

export async function confirmSwap(
  deps: EvmDeps,
  signer: TransactionSigner,
  input: SentInput,
  signal: AbortSignal,
): Promise<ConfirmationOutcome> {
  const owner = { orderId: input.terms.orderId, epoch: input.epoch };
  for (;;) {
    signal.throwIfAborted();
    const standing = await standingOf(deps, signer, owner);
    if (standing.at === 'closed') {
      const fill = await fillOf(deps, input, standing.outcome);
      return fill === null ? { outcome: 'reorganised' } : { outcome: 'filled', fill };
    }
    const isSwap = standing.at === 'mined' && standing.attempt.kind === 'swap';
    const isStillIn = (isSwap && standing.receipt.status === 'success') || standing.at === 'used';
    if (!isStillIn) return { outcome: 'reorganised' };
    if (!(await settle(deps, signer, standing))) await sleep(deps.settings.pollMs, signal);
  }
}

/**
 * What a closed slot has swapped; null: nothing.
 * @throws EffectError `wait` while that cannot be read: it executed, and nobody may say that it did not
 */
export async function fillOf(
  { node, venues }: EvmDeps,
  { terms, venue }: SentInput,
  { hash, kind, status, block }: SlotOutcome,
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
