/** Replaces the swap by a self-transfer on the same nonce, and waits until either of them is final. */
import type { CancelOutcome, Failure, SentInput } from '../../../machines/order/types.ts';
import type { Execution } from '../port.ts';
import { sendFailure } from './broadcast.ts';
import { fillOfOutcome } from './confirm.ts';
import type { Sent } from './node/send-result.ts';
import { sendReplacement } from './replacement.ts';
import { accountIdOf, type SubmitterContext } from './submitter-context.ts';
import { closeIfFinal } from './nonces/finality.ts';
import { reportWaits } from './report-waits.ts';
import { findNonceStatus } from './nonces/nonce-status.ts';
import { receiptOfOutcome } from './nonces/nonce-receipt.ts';
import { untilNews } from './nonces/until-news.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

const NOT_FINAL: Failure = {
  kind: 'wait',
  code: 'outcome_not_final',
  message: 'A transaction of the order is mined; the order ends once its block is final',
};
const WAITS_FOR_ITS_TURN: Failure = {
  kind: 'wait',
  code: 'nonce_not_next',
  message: 'The nonces of the signer before it are not used yet: its replacement is mined after them',
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
  const reportWait = reportWaits(report);

  for (;;) {
    signal.throwIfAborted();
    const status = await findNonceStatus(context, signer, owner);
    if (status.at === 'closed') {
      const fill = await fillOfOutcome(context, input, status.outcome);
      const receipt = await receiptOfOutcome(context, signer, status.reservation, status.outcome);
      return fill === null ? { outcome: 'unfilled', ...receipt } : { outcome: 'filled', fill, ...receipt };
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
      const sent = await sendReplacement(context, signer, status, isOverdue);
      const refused = sent === null ? null : replacementFailure(sent);
      if (refused !== null) await reportWait(refused);
      else if (!status.isNext) await reportWait(WAITS_FOR_ITS_TURN);
    }
    await untilNews(context, signer, status, signal);
  }
}

/** What the order waits for whose replacement the node did not take; null: it took it, or the receipts decide. */
function replacementFailure(sent: Sent): Failure | null {
  const { result, said } = sent;
  if (result !== 'fee_too_low' && result !== 'replacement_underpriced') return sendFailure(sent);
  return {
    kind: 'wait',
    code: 'fee_too_low',
    message: `The replacement offers too little; its fee is raised in time: ${said ?? result}`,
  };
}
