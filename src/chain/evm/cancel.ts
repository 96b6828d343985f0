/** Replaces the swap by a self-transfer on the same nonce, and waits until either of them is final. */
import type { CancelOutcome, Failure, SentInput } from '../../../machines/order/types.ts';
import type { Execution } from '../port.ts';
import { fillOfOutcome } from './confirm.ts';
import { sendReplacement } from './replacement.ts';
import { accountIdOf, type SubmitterContext } from './submitter-context.ts';
import { closeIfFinal } from './finality.ts';
import { findNonceStatus } from './nonce-status.ts';
import { untilNews } from './until-news.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

const NOT_FINAL: Failure = {
  kind: 'wait',
  code: 'outcome_not_final',
  message: 'A transaction of the order is mined; the order ends once its block is final',
};

export async function cancelSwap(
  context: SubmitterContext,
  signer: TransactionSigner,
  input: SentInput,
  { signal, report }: Execution,
): Promise<CancelOutcome> {
  const { ledger, settings, clock } = context;
  const owner = { orderId: input.terms.orderId, epoch: input.epoch };
  const accountId = accountIdOf(context.chainId, signer.address);
  let pendingSince = clock.now();
  let reported = '';

  /** Once, not at each poll. */
  async function reportWait(failure: Failure): Promise<void> {
    if (reported === failure.code) return;
    reported = failure.code;
    await report({ type: 'WAITING', failure });
  }

  for (;;) {
    signal.throwIfAborted();
    const status = await findNonceStatus(context, signer, owner);
    if (status.at === 'closed') {
      const fill = await fillOfOutcome(context, input, status.outcome);
      return fill === null ? { outcome: 'unfilled' } : { outcome: 'filled', fill };
    }
    if (status.reservation.state === 'armed') {
      await ledger.reservations.move(accountId, owner, 'armed', 'cancelling');
      continue;
    }
    if (status.reservation.state === 'reserved') {
      // Nothing of it was sent, and now nothing will be.
      await ledger.reservations.move(accountId, owner, 'reserved', 'void');
      continue;
    }
    if (await closeIfFinal(context, signer, status)) continue;
    if (status.at === 'mined') await reportWait(NOT_FINAL);
    if (status.at === 'unused') {
      const isOverdue = status.isNext && clock.now() - pendingSince >= settings.raiseAfterMs;
      if (isOverdue || !status.isNext) pendingSince = clock.now();
      await sendReplacement(context, signer, status, isOverdue);
    }
    await untilNews(context, signer, status, signal);
  }
}
