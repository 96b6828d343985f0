/** Waits until the swap is final, closes its reservation, and reads from the events what it moved. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { ConfirmationOutcome, Fill, SentInput } from '../../../machines/order/types.ts';
import type { NonceOutcome } from '../../store/ledger.ts';
import type { SubmitterContext } from './submitter-context.ts';
import { closeIfFinal } from './nonces/finality.ts';
import { asHex } from './sign-and-store.ts';
import { findNonceStatus } from './nonces/nonce-status.ts';
import { receiptOfOutcome } from './nonces/nonce-receipt.ts';
import { untilNews } from './nonces/until-news.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

export async function confirmSwap(
  context: SubmitterContext,
  signer: TransactionSigner,
  input: SentInput,
  signal: AbortSignal,
): Promise<ConfirmationOutcome> {
  const owner = { orderId: input.terms.orderId, epoch: input.epoch };
  for (;;) {
    signal.throwIfAborted();
    const status = await findNonceStatus(context, signer, owner);
    if (status.at === 'closed') {
      const fill = await fillOfOutcome(context, input, status.outcome);
      if (fill === null) return { outcome: 'reorganised' };
      const receipt = await receiptOfOutcome(context, signer, status.reservation, status.outcome);
      return { outcome: 'filled', fill, ...receipt };
    }
    const isSwap = status.at === 'mined' && status.attempt.kind === 'swap';
    const isStillIn = (isSwap && status.receipt.status === 'success') || status.at === 'used';
    if (!isStillIn) return { outcome: 'reorganised' };
    if (!(await closeIfFinal(context, signer, status))) await untilNews(context, signer, status, signal);
  }
}

/**
 * The fill of a closed reservation; null: it swapped nothing.
 * @throws EffectError `wait` while the fill cannot be read: the swap executed, so the order must not end as unfilled
 */
export async function fillOfOutcome(
  { node, decoder }: SubmitterContext,
  { terms, venue }: SentInput,
  { hash, kind, status, block }: NonceOutcome,
): Promise<Fill | null> {
  if (kind !== 'swap' || status !== 'success') return null;
  const receipt = await node.minedReceipt(asHex(hash));
  if (receipt === null) {
    throw new EffectError(
      'wait',
      'receipt_missing',
      `No endpoint of RPC_URL has the receipt of ${hash} any more: the order ends once one that has it is listed`,
    );
  }
  const { at } = await node.placeOf({ number: receipt.blockNumber, hash: receipt.blockHash });
  if (at !== 'chain') {
    throw new EffectError(
      'wait',
      'views_differ',
      `The node that answered has ${hash} in a block that is not in the chain: waiting for another answer`,
    );
  }
  try {
    return { hash, block, ...(await decoder.readFill(venue, terms, receipt)) };
  } catch (thrown) {
    if (!(thrown instanceof EffectError)) throw thrown;
    throw new EffectError('wait', thrown.code, thrown.message, { cause: thrown });
  }
}
